"""The networks: their families, the frontends before them, and what they cost."""
