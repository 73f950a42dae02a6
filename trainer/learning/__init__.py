"""The training itself: objective, optimiser, loop, checkpoints and the run folder."""
