"""The pages of the window; they get callbacks, and do not know each other."""
