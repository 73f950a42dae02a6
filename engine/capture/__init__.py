"""Capture threads, and how the cameras they read are doing."""
