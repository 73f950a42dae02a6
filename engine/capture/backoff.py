"""How long to wait before a camera is tried again; pure: durations and chance are arguments."""

STEPS_S = (1.0, 2.0, 5.0, 10.0, 30.0)
REFUSED_S = 60.0  # a wrong password does not become right by trying, and many cameras lock who tries often
HEALTHY_S = 60.0
JITTER = 0.2  # so that the cameras of a switch that went down do not all come back at the same moment


class Backoff:
    """Waits longer after each loss, and starts again after a healthy minute."""

    def __init__(self, *, scale: float = 1.0) -> None:
        """`scale` makes every wait shorter or longer."""
        self._scale = scale
        self._step = 0

    def after_loss(self, *, healthy_s: float, chance: float) -> float:
        """Returns the seconds to wait.

        Args:
            healthy_s: for how long frames had come before, 0 if none had.
            chance: a random number from 0 to 1.
        """
        if healthy_s >= HEALTHY_S:
            self._step = 0
        wait_s = STEPS_S[self._step]
        self._step = min(self._step + 1, len(STEPS_S) - 1)
        return self._spread(wait_s, chance)

    def after_refusal(self, *, chance: float) -> float:
        """Returns the seconds to wait where only a person can help."""
        self._step = 0
        return self._spread(REFUSED_S, chance)

    def _spread(self, wait_s: float, chance: float) -> float:
        return wait_s * self._scale * (1 + JITTER * (2 * chance - 1))
