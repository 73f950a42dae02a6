"""What the trainer cannot work with: `TrainerError`, whose message is one sentence for the person at the terminal."""


class TrainerError(Exception):
    """Data, weights or a model that cannot be used; says what, the expected, the actual and the remedy."""
