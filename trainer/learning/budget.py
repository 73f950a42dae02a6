"""How far a training is: by its steps, or by the clock where its time is limited.

With limited time the schedule is cooled by the clock, so that it is cold when the time is up, however fast the machine
turns out to be; the last evaluation has to be over by then, so that its time is set aside.
"""

import math
from collections.abc import Callable
from time import monotonic

SAVING_S = 5.0
"""Set aside for what is written after the last evaluation."""
MARGIN = 1.3
"""How much longer the last evaluation may take than the one before it: the machine may have more to do by then."""
SHARE_OF_TRAINING = 0.75
"""Of limited time that goes into steps: evaluations in between are left out where they would take more."""


class Budget:
    """The time that a training may take, its evaluations included."""

    def __init__(self, minutes: float, began_s: float, *, clock: Callable[[], float] = monotonic) -> None:
        """Begins to count.

        Args:
            minutes: in all; infinite for a training that ends with its last step.
            began_s: when the command began, by the clock.
            clock: seconds that only ever grow.
        """
        self._clock, self._end_s = clock, began_s + 60 * minutes
        self._trains_from_s = self._evaluated_s = clock()
        self._evaluation_s = 0.0

    @property
    def is_limited(self) -> bool:
        """Whether the clock ends it."""
        return math.isfinite(self._end_s)

    def spent(self) -> float:
        """Returns which part of the time for steps is used up, 0 to 1; 0 where it is not limited."""
        if not self.is_limited:
            return 0.0
        time_s = self._end_s - MARGIN * self._evaluation_s - SAVING_S - self._trains_from_s
        return min(1.0, (self._clock() - self._trains_from_s) / time_s) if time_s > 0 else 1.0

    def evaluated(self, seconds: float) -> None:
        """Takes in how long an evaluation took that has just ended; the next one will take as long."""
        self._evaluation_s, self._evaluated_s = seconds, self._clock()

    def affords_evaluation(self) -> bool:
        """Says whether enough steps were done since the last evaluation to pay for one in between."""
        since_s = self._clock() - self._evaluated_s
        return not self.is_limited or since_s * (1 - SHARE_OF_TRAINING) >= self._evaluation_s * SHARE_OF_TRAINING
