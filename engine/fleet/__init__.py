"""Many cameras watched by many machines: which machine watches which, and how nobody writes what another watches."""
