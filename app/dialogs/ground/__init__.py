"""Calibration on the live picture: people and distances are marked, and it is shown where the ground is by that."""
