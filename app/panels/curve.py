"""The counts of a whole recording in few buckets, and what of them has to be drawn; however long it is, it stays small.

A bucket keeps its least, its most and its first gap, each with its time. Where there are too many buckets, neighbours
become one of twice the length: no peak is lost.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.running.feed import Point

ROOM = 640  # buckets: about the width of the curve in pixels
FIRST_LENGTH_S = 1 / 256  # so that at first every frame has its own

Row = tuple[float, float]
"""Time in seconds, and people."""


@dataclass(slots=True)
class Bucket:
    """What is seen of a stretch of time."""

    number: int
    least: Row
    most: Row
    gap_s: float | None
    """Where frames were lost first."""

    def take(self, other: "Bucket") -> None:
        """Takes what a later bucket has."""
        self.least = min(self.least, other.least, key=_people)
        self.most = max(self.most, other.most, key=_people)
        self.gap_s = other.gap_s if self.gap_s is None else self.gap_s

    @property
    def rows(self) -> list[Row]:
        """What is drawn, in the order of time; NaN is a gap."""
        gap = [] if self.gap_s is None else [(self.gap_s, np.nan)]
        return sorted([*gap, *{self.least, self.most}], key=lambda row: (row[0], not np.isnan(row[1])))


class Curve:
    """Takes points whose times only grow."""

    def __init__(self) -> None:
        self.points = 0
        """How many were taken."""
        self._buckets: list[Bucket] = []
        self._length_s = FIRST_LENGTH_S

    def __len__(self) -> int:
        """How many buckets there are."""
        return len(self._buckets)

    def add(self, points: list[Point]) -> int:
        """Takes further points; returns the first bucket that is another than before."""
        changed = max(0, len(self) - 1)
        for point in points:
            row = point.time_s, point.people
            self._add(Bucket(int(point.time_s // self._length_s), row, row, point.time_s if point.missing else None))
            while len(self) > ROOM:
                self._halve()
                changed = 0
        self.points += len(points)
        return changed

    @property
    def most(self) -> float:
        """The highest count; 0 without any."""
        return max((bucket.most[1] for bucket in self._buckets), default=0.0)

    def drawn(self, first: int = 0, end: int = ROOM) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns times in seconds and counts of these buckets, NaN in gaps."""
        rows = [row for bucket in self._buckets[first:end] for row in bucket.rows]
        columns = np.array(rows, np.float64).reshape(-1, 2)
        return columns[:, 0], columns[:, 1]

    def _add(self, bucket: Bucket) -> None:
        if self._buckets and self._buckets[-1].number >= bucket.number:
            self._buckets[-1].take(bucket)
        else:
            self._buckets.append(bucket)

    def _halve(self) -> None:
        buckets, self._buckets = self._buckets, []
        self._length_s *= 2
        for bucket in buckets:
            bucket.number //= 2
            self._add(bucket)


def _people(row: Row) -> float:
    return row[1]
