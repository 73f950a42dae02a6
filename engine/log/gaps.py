"""Seconds of which it is known why nothing was counted; pure."""

from dataclasses import dataclass

LONGEST_S = 60
"""After which a gap that goes on is noted, so that a program that is killed loses no more."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of a run, one after the other, without a reading."""

    second: int
    seconds: int
    reason: str


class Silence:
    """Sums seconds without a reading up into gaps."""

    def __init__(self) -> None:
        self._open: Gap | None = None

    def add(self, second: int, reason: str | None) -> Gap | None:
        """Takes why nothing was counted in a second, None where something was; returns the gap that it ends."""
        before = self._open
        goes_on = before is not None and before.reason == reason and second <= before.second + before.seconds
        if before is not None and goes_on and before.seconds < LONGEST_S:
            self._open = Gap(before.second, max(before.seconds, second - before.second + 1), before.reason)
            return None
        self._open = None if reason is None else Gap(second, 1, reason)
        return before

    def finish(self) -> Gap | None:
        """Returns the gap that is open, and forgets it."""
        last, self._open = self._open, None
        return last
