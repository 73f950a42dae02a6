"""Between which numbers of people the truth lies where so many were counted; pure.

It is known from two sources: the table of errors in the model's file, and the frames of the camera itself of which
somebody clicked all heads. These win once there are enough, since they are of what is counted there. Their intervals
are conformal (Vovk et al., Algorithmic Learning in a Random World, 2005): whatever the errors are like, the next frame
lies within as often as is said, as long as it is one like the checked ones.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.counting.correction import AS_IT_IS, Checked, Correction
from engine.inference.error_table import CERTAINTY, ErrorTable, Interval

LEAST_CHECKS = 9
"""With fewer no interval of 90 % is conformal."""
LEAST_FOR_SIDES = 19
"""From which on either end is found by itself, each with 95 %."""
Column = NDArray[np.float64]
SLACK = 10.0
"""People that are added to a count before errors are taken relative to it, where no table says how they grow."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of the errors of one camera's counts."""

    checks: tuple[Checked, ...] = ()
    correction: Correction = AS_IT_IS
    """Of all counts; intervals are those of corrected ones."""

    def interval(self, counted: float, table: ErrorTable | None) -> Interval | None:
        """Returns the interval of a count; None where nothing is known of its errors."""
        bounds = self.bounds(np.array([counted], np.float64), table)
        return None if bounds is None else Interval(float(bounds[0][0]), float(bounds[1][0]))

    def bounds(self, counted: NDArray[Any], table: ErrorTable | None) -> tuple[Column, Column] | None:
        """Returns the lower and the upper ends for many corrected counts; None where nothing is known of errors."""
        counts = np.asarray(counted, np.float64)
        if len(self.checks) < LEAST_CHECKS:
            return None if table is None else self._of_table(counts, table)
        below, above = self._margins(table)
        scale = _scale(counts, table)
        low, high = np.maximum(counts - below * scale, 0.0), np.maximum(counts + above * scale, 0.0)
        return np.minimum(low, high), high

    def _of_table(self, counts: Column, table: ErrorTable) -> tuple[Column, Column]:
        raw = np.maximum(0.0, (counts - self.correction.offset) / self.correction.gain)
        low, high = table.bounds(raw)
        return self.correction.all_corrected(low), self.correction.all_corrected(high)

    def _margins(self, table: ErrorTable | None) -> tuple[float, float]:
        """Returns how far the truth may lie below and above a count, in its scale."""
        counted = self.correction.all_corrected(np.array([check.counted for check in self.checks]))
        people = np.array([check.people for check in self.checks], np.float64)
        off = (people - counted) / _scale(counted, table)
        if len(self.checks) < LEAST_FOR_SIDES:
            both = _conformal(np.abs(off), CERTAINTY)
            return both, both
        side = (1 + CERTAINTY) / 2
        return _conformal(-off, side), _conformal(off, side)

    @property
    def source(self) -> str:
        """From what intervals come, for people."""
        if len(self.checks) >= LEAST_CHECKS:
            return f"{len(self.checks)} frames of this camera that were checked"
        return "pictures that the model never saw"


def _conformal(scores: NDArray[np.float64], certainty: float) -> float:
    """Returns what a further score does not exceed with this certainty."""
    rank = ceil(round((len(scores) + 1) * certainty, 9))
    return float(np.sort(scores)[min(rank, len(scores)) - 1])


def _scale(counted: NDArray[np.float64], table: ErrorTable | None) -> NDArray[np.float64]:
    """Returns how large errors of such counts usually are."""
    if table is None:
        return np.asarray(counted + SLACK)
    low, high = table.bounds(counted)
    return np.maximum((high - low) / 2, 1.0)
