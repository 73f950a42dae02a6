"""Counting a held frame by hand: heads are marked on it, and it is kept as a spot check."""
