"""Series that rules compare, second by second: what a subject's counts become; what is not known stays None."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from engine.rules.machine import GAP_S

CHANGE_S = 60
"""Over which a change is measured."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is counted: a camera or a group by its name, or a zone of a camera."""

    owner: str
    zone: str | None = None

    def __str__(self) -> str:
        return self.owner if self.zone is None else f"{self.owner}/{self.zone}"


class Hold:
    """Lets a count stand for the time until the next is due, for a subject that is counted less often than each second.

    A camera that is counted every ten seconds is known in between; one that is counted at every chance is not.
    """

    def __init__(self, hold_s: float = 0.0) -> None:
        self.hold_s = hold_s
        self._count: float | None = None
        self._second = 0

    def add(self, second: int, count: float | None) -> float | None:
        """Takes a second's count or none; returns what stands for it."""
        if count is not None:
            self._count, self._second = count, second
        elif not 0 < second - self._second <= math.ceil(self.hold_s):
            self._count = None
        return self._count

    def forget(self) -> None:
        """Lets nothing stand any more."""
        self._count = None


class Change:
    """By how much a count is more than a minute ago."""

    def __init__(self) -> None:
        self._past: deque[tuple[int, float]] = deque()

    def add(self, second: int, count: float | None) -> float | None:
        """Takes a second's count or none; returns the change, None where now or a minute ago is not known.

        Where that very second is not known, one up to `GAP_S` before it serves. A clock that is set back begins anew.
        """
        if self._past and second <= self._past[-1][0]:
            self._past.clear()
        if count is None:
            return None
        self._past.append((second, count))
        while len(self._past) > 1 and self._past[1][0] <= second - CHANGE_S:
            self._past.popleft()
        before_s, before = self._past[0]
        return count - before if CHANGE_S <= second - before_s <= CHANGE_S + GAP_S else None


def total(counts: Iterable[float | None]) -> float | None:
    """Returns the count of a group: the sum of its members' counts, None as soon as one of them is not known."""
    people = 0.0
    for count in counts:
        if count is None:
            return None
        people += count
    return people
