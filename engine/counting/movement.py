"""By how much a count moves from one reading to the next, over the last readings."""

from collections import deque

import numpy as np

MOST = 2000  # readings that are remembered
SHARE = 0.95


class Movement:
    """Takes counts as they come."""

    def __init__(self) -> None:
        """Nothing has moved yet."""
        self._last: float | None = None
        self._moves: deque[float] = deque(maxlen=MOST)

    def add(self, count: float) -> None:
        """Takes the next count."""
        if self._last is not None:
            self._moves.append(abs(count - self._last))
        self._last = count

    @property
    def p95(self) -> float | None:
        """Of how many people the count moves in 95 % of the readings at most; None before there are two."""
        return float(np.quantile(self._moves, SHARE)) if self._moves else None
