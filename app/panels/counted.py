"""Every count of a recording by its time, to be looked up; sixteen bytes each."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from app.running.feed import Point

SAME_S = 0.0005  # times of one frame, found in two ways, differ by less


class Counted:
    """Takes points whose times only grow."""

    def __init__(self) -> None:
        self._times, self._people = array("d"), array("d")

    def add(self, points: Iterable[Point]) -> None:
        """Takes further points."""
        for point in points:
            self._times.append(point.time_s)
            self._people.append(point.people)

    @property
    def end_s(self) -> float:
        """The time of the last; 0 without any."""
        return self._times[-1] if self._times else 0.0

    def people(self, time_s: float) -> float | None:
        """Returns the count of the frame of a time in seconds; None where it is not counted."""
        place = bisect_left(self._times, time_s - SAME_S)
        is_there = place < len(self._times) and self._times[place] <= time_s + SAME_S
        return self._people[place] if is_there else None
