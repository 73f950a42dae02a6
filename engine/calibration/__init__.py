"""Where the ground is in a camera's picture and how tall people are there; pure."""
