"""What is known of recordings beyond their frames: which file it is, and what was found in it before."""
