"""The model: its contract, and the runtimes that run it."""
