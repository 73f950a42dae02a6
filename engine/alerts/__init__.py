"""Alerts: what rules raised, kept where it outlasts the program."""
