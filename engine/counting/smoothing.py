"""Steadies a count over time, and so delays it.

A median over the time constant takes out single outliers, an exponential average the rest.
"""

import math
import statistics
from collections import deque


class Smoother:
    """Median, then exponential average, both by the same time constant in seconds; 0 passes counts through."""

    def __init__(self, constant_s: float = 0.0) -> None:
        if not constant_s >= 0:
            raise ValueError(f"smoothing is {constant_s} s, expected 0 (off) or more")
        self.constant_s = constant_s
        self._recent: deque[tuple[float, float]] = deque()
        self._average: tuple[float, float] | None = None

    def add(self, time_s: float, count: float) -> float:
        """Takes the count at a time in seconds and returns the smoothed one; a clock that jumps back starts afresh."""
        if self.constant_s == 0:
            return count
        if self._recent and time_s < self._recent[-1][0]:
            self._recent.clear()
            self._average = None
        self._recent.append((time_s, count))
        while self._recent[0][0] < time_s - self.constant_s:
            self._recent.popleft()
        median = statistics.median(value for _, value in self._recent)
        if self._average is not None:
            before_s, before = self._average
            median = before + (median - before) * (1 - math.exp(-(time_s - before_s) / self.constant_s))
        self._average = (time_s, median)
        return median
