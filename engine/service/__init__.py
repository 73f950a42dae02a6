"""Watching without a terminal: a monitor that runs for months, and what is answered over HTTP."""
