"""Counting annotated pictures, and how wrong that was."""
