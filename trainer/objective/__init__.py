"""What training minimises: distances between what a network finds in a batch and the truth."""
