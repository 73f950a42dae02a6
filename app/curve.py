"""The counts of a whole recording, and the few of them that are enough to draw it."""

import numpy as np
from numpy.typing import NDArray

from app.feed import Point

FIRST_ROOM = 4096  # points; doubled when full
MOST_DRAWN = 600  # points: about the width of the curve in pixels


class Curve:
    """Points in the order of their times; none is ever dropped."""

    def __init__(self) -> None:
        self.points = 0
        self._times, self._counts = np.zeros(FIRST_ROOM), np.zeros(FIRST_ROOM)

    def add(self, points: list[Point]) -> None:
        """Takes further points, whose times only grow."""
        end = self.points + len(points)
        while end > len(self._times):
            self._times = np.concatenate([self._times, np.zeros_like(self._times)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        self._times[self.points : end] = [point.time_s for point in points]
        self._counts[self.points : end] = [point.people for point in points]
        self.points = end

    @property
    def most(self) -> float:
        """The highest count; 0 without any."""
        return float(self._counts[: self.points].max(initial=0.0))

    def drawn(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns times in seconds and counts to draw: all, or the least and the most of each of equal groups."""
        return thinned(self._times[: self.points], self._counts[: self.points])


def thinned(times: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Keeps the least and the most of each group of 2, 4, 8 … counts, so that few are left and no peak is lost."""
    size = 2
    while 2 * len(times) / size > MOST_DRAWN:
        size *= 2
    if size == 2:
        return times, counts
    whole = len(times) // size * size
    groups = counts[:whole].reshape(-1, size)
    extremes = np.sort(np.stack([groups.argmin(axis=1), groups.argmax(axis=1)], axis=1), axis=1)
    kept = (extremes + np.arange(0, whole, size)[:, None]).ravel()
    return np.concatenate([times[kept], times[whole:]]), np.concatenate([counts[kept], counts[whole:]])
