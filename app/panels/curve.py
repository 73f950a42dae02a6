"""The counts of a whole recording, and the few of them that are enough to draw it."""

import numpy as np
from numpy.typing import NDArray

from app.running.feed import Point

FIRST_ROOM = 4096  # points; doubled when full
MOST_DRAWN = 600  # points: about the width of the curve in pixels


class Curve:
    """Points in the order of their times, with a gap (NaN) where frames were lost; none is ever dropped."""

    def __init__(self) -> None:
        self.points = 0
        self._rows = 0
        self._times, self._counts = np.zeros(FIRST_ROOM), np.zeros(FIRST_ROOM)

    def add(self, points: list[Point]) -> None:
        """Takes further points, whose times only grow."""
        rows = [row for point in points for row in _rows(point)]
        end = self._rows + len(rows)
        while end > len(self._times):
            self._times = np.concatenate([self._times, np.zeros_like(self._times)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        self._times[self._rows : end] = [time_s for time_s, _ in rows]
        self._counts[self._rows : end] = [people for _, people in rows]
        self._rows = end
        self.points += len(points)

    @property
    def most(self) -> float:
        """The highest count; 0 without any."""
        return float(np.fmax.reduce(self._counts[: self._rows], initial=0.0))

    def drawn(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns times in seconds and counts to draw, NaN in gaps: all, or what is seen of each of equal groups."""
        return thinned(self._times[: self._rows], self._counts[: self._rows])


def thinned(times: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keeps the least, the most and a gap of each group of 2, 4, 8 … counts: few are left, and no peak is lost."""
    size = 2
    while 2 * len(times) / size > MOST_DRAWN:
        size *= 2
    if size == 2:
        return times, counts
    whole = len(times) // size * size
    groups = counts[:whole].reshape(-1, size)
    gaps = np.isnan(groups)
    seen = np.stack([np.where(gaps, np.inf, groups).argmin(axis=1), np.where(gaps, -np.inf, groups).argmax(axis=1)])
    seen = np.concatenate([seen, gaps.argmax(axis=1)[None]])  # of a group without a gap, the first
    kept = np.append(np.unique(seen + np.arange(0, whole, size)), np.arange(whole, len(times)))
    return times[kept], counts[kept]


def _rows(point: Point) -> list[tuple[float, float]]:
    row = point.time_s, point.people
    return [(point.time_s, np.nan), row] if point.missing else [row]
