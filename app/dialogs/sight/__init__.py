"""A picture that is zoomed and moved, and the dialogs in which something is marked on it."""
