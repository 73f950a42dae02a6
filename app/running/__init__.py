"""Where engine threads meet Qt: what runs, and what the window takes from it."""
