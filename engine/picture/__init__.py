"""What is seen: frames, tiles, masks, zones, and what ails a picture."""
