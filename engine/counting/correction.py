"""A camera's counts put right by what somebody counted there: a factor, or a line in people; pure.

Which of the two, and whether either helps, is found on the checked frames by leaving each out in turn: its people are
never known to the correction that it judges.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_CHECKS = 10
"""With fewer nothing is proposed."""
LEAST_GAIN, MOST_GAIN = 0.2, 5.0
MOST_OFFSET = 1000.0
LEAST_COUNTED = 0.5
"""People: of frames in which less was counted no factor can be learnt."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was counted on a frame, before any correction, and how many people it truly has."""

    counted: float
    people: float


@dataclass(frozen=True, slots=True)
class Correction:
    """What a count becomes: itself times the gain, plus the offset, and never below nobody."""

    gain: float = 1.0
    offset: float = 0.0

    def corrected(self, count: float) -> float:
        """Returns a count put right."""
        return max(0.0, self.gain * count + self.offset)

    def all_corrected(self, counts: NDArray[Any]) -> Values:
        """Returns many counts put right."""
        return np.maximum(0.0, self.gain * np.asarray(counts, np.float64) + self.offset)

    def undone(self, count: float) -> float:
        """Returns the count that became this one."""
        return max(0.0, (count - self.offset) / self.gain)

    @property
    def words(self) -> str:
        """For people."""
        people = f"{self.offset:+.1f} people"
        if not self.offset:
            return f"times {self.gain:.3g}"
        return people if self.gain == 1 else f"times {self.gain:.3g}, {people}"


AS_IT_IS = Correction()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction that would help, and by how much."""

    correction: Correction
    checks: int
    before: float
    """Mean absolute error in people without it."""
    after: float
    """With it, each frame judged by one that was found without that frame."""

    @property
    def sentence(self) -> str:
        """The whole of it, for people."""
        return (
            f"a correction of {self.correction.words} would bring the error on {self.checks} checked frames from "
            f"{self.before:.1f} to {self.after:.1f} people, each frame judged without itself"
        )


def proposed(checks: Sequence[Checked]) -> Proposal | None:
    """Returns the correction that helps most; None where there are too few checks, or none helps."""
    if len(checks) < LEAST_CHECKS:
        return None
    counted, people = (np.array(values, np.float64) for values in zip(*_pairs(checks), strict=True))
    before = float(np.abs(counted - people).mean())
    found = min((_tried(fit, counted, people, before) for fit in (_factor, _line)), key=lambda each: each.after)
    return found if found.after < before else None


def _pairs(checks: Sequence[Checked]) -> list[tuple[float, float]]:
    return [(check.counted, check.people) for check in checks]


def _tried(fit: Callable[[Values, Values], Correction], counted: Values, people: Values, before: float) -> Proposal:
    others = ~np.eye(len(counted), dtype=bool)
    judged = [fit(counted[kept], people[kept]).corrected(each) for kept, each in zip(others, counted, strict=True)]
    after = float(np.abs(np.array(judged) - people).mean())
    return Proposal(fit(counted, people), len(counted), before, after)


def _factor(counted: Values, people: Values) -> Correction:
    """Returns the factor with the least absolute errors: the median of all ratios, weighted by what was counted."""
    known = counted > LEAST_COUNTED
    if not known.any():
        return AS_IT_IS
    ratios, weights = people[known] / counted[known], counted[known]
    order = np.argsort(ratios)
    middle = int(np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2))
    return Correction(round(float(np.clip(ratios[order][middle], LEAST_GAIN, MOST_GAIN)), 4))


def _line(counted: Values, people: Values) -> Correction:
    """Returns the line with the least squares."""
    spread = float(np.square(counted - counted.mean()).sum())
    slope = float(((counted - counted.mean()) * (people - people.mean())).sum()) / spread if spread > 0 else 1.0
    gain = float(np.clip(slope, LEAST_GAIN, MOST_GAIN))
    offset = float(np.clip(people.mean() - gain * counted.mean(), -MOST_OFFSET, MOST_OFFSET))
    return Correction(round(gain, 4), round(offset, 2))
