"""By how much a model is wrong where it counts so many people, as measured on pictures that it never saw; pure.

The table travels as JSON in the metadata of a model's file, which is untrusted: what is no table is taken for none.
"""

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

ERRORS = "errors"
"""Name of the fact."""
CERTAINTY = 0.9
"""The share of pictures whose people lie within the interval: as many have fewer as have more."""
MOST_ROWS = 64


class Interval(NamedTuple):
    """Between which numbers of people the truth lies, as far as is known."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """Between which numbers of people the truth lay where so many were counted; rows in rising order."""

    counted: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    pictures: int
    """On which it was measured."""

    @classmethod
    def read(cls, text: str) -> "ErrorTable | None":
        """Returns the table that a fact holds; None where it holds none that can be used."""
        try:
            facts = json.loads(text)
            counted, low, high = (tuple(map(float, facts[name])) for name in ("counted", "low", "high"))
            table = cls(counted, low, high, int(facts["pictures"]))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None
        return table if facts.get("certainty") == CERTAINTY and table._is_sound else None

    @property
    def _is_sound(self) -> bool:
        columns = self.counted, self.low, self.high
        if not 1 <= len(self.counted) <= MOST_ROWS or len({len(column) for column in columns}) != 1:
            return False
        rises = all(first < second for first, second in zip(self.counted, self.counted[1:], strict=False))
        ordered = all(0 <= low <= high for low, high in zip(self.low, self.high, strict=True))
        return rises and ordered and self.counted[0] >= 0 and all(isfinite(each) for row in columns for each in row)

    def interval(self, counted: float) -> Interval:
        """Returns the interval of a count."""
        low, high = self.bounds(np.array([counted], np.float64))
        return Interval(float(low[0]), float(high[0]))

    def bounds(self, counted: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns the lower and the upper ends for many counts; NaN where a count is unknown.

        Beyond the last row they grow with the count, since errors of crowds are a share of them.
        """
        counts = np.asarray(counted, np.float64)
        last = max(self.counted[-1], 1e-9)
        within, beyond = np.minimum(counts, last), np.maximum(counts / last, 1.0)
        low, high = (np.interp(within, self.counted, row) * beyond for row in (self.low, self.high))
        return np.minimum(low, counts), np.maximum(high, counts)

    @property
    def sentence(self) -> str:
        """What it is from, for people."""
        return f"{CERTAINTY:.0%} of {self.pictures} held-out pictures had as many people as the interval says"
