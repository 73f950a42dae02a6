"""From an annotated picture to a batch of training tiles with their truth."""
