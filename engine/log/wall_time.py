"""Wall time by the monotonic clock; pure: both clocks are arguments.

Readings are stamped by the monotonic clock, which never jumps, and stored by wall time, which people read. How far the
one is ahead of the other moves slowly while a time server steers the clock, and at once where the clock is set or the
computer slept, since the monotonic clock sleeps with it.
"""

from dataclasses import dataclass
from time import monotonic, time

STEP_S = 2.0
"""What moved by no more between two looks is followed; what moved by more is a step."""
HELD_UP_S = 0.2
"""Two clocks that were read further apart than this tell nothing: somebody else had the processor."""


@dataclass(frozen=True, slots=True)
class WallTime:
    """How the two clocks stand to each other."""

    ahead_s: float
    """Wall time, in seconds since 1970 (UTC), minus monotonic time."""
    looked_s: float
    """When that was seen last, on the monotonic clock."""
    steps: int = 0
    """How often wall time was stepped so far."""
    step_s: float = 0.0
    """By how much the last time; above zero is forward."""
    steady_s: float = float("-inf")
    """The last moment, on the monotonic clock, at which the step had not yet been seen."""

    @classmethod
    def of(cls, wall_s: float, monotonic_s: float) -> "WallTime":
        """Returns what a first look at both clocks says."""
        return cls(wall_s - monotonic_s, monotonic_s)

    def seen(self, wall_s: float, monotonic_s: float) -> "WallTime":
        """Returns what another look at both clocks says."""
        ahead_s = wall_s - monotonic_s
        moved_s = ahead_s - self.ahead_s
        if abs(moved_s) <= STEP_S:
            return WallTime(ahead_s, monotonic_s, self.steps, self.step_s, self.steady_s)
        return WallTime(ahead_s, monotonic_s, self.steps + 1, moved_s, self.looked_s)

    def at(self, monotonic_s: float) -> float:
        """Returns the wall time of a moment."""
        return monotonic_s + self.ahead_s


def both_clocks() -> tuple[float, float]:
    """Returns wall time and monotonic time of one moment."""
    while True:
        before_s, wall_s, after_s = monotonic(), time(), monotonic()
        if after_s - before_s < HELD_UP_S:
            return wall_s, after_s
