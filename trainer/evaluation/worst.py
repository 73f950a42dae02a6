"""Which pictures tell most about a model: those on which it was most wrong, and those on which it was as usual."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.evaluate import Measured

SHOWN = 12
LEAST_CROWD = 10
"""Of fewer people, one more or less says little; an error for its crowd is relative to at least so many."""


def worst_of(found: Sequence[Measured], count: int = SHOWN) -> list[int]:
    """Returns the places of the pictures with the largest absolute errors of the count, the worst first."""
    return _ranked(-_errors(found))[:count]


def worst_in_turns(found: Sequence[Measured], count: int) -> list[int]:
    """Returns the places of pictures with the largest errors and with the largest ones for their crowd, in turns.

    The former alone would all be dense, the latter all but empty.
    """
    turns = zip(_ranked(-_errors(found)), _ranked(-_relative(found)), strict=True)
    return list(dict.fromkeys(place for turn in turns for place in turn))[:count]


def typical_of(found: Sequence[Measured], count: int, aside: Collection[int] = ()) -> list[int]:
    """Returns the places of ordinary pictures, from few people to many.

    The pictures are divided by their people into `count` parts of about as many; from each comes the one whose error
    for its crowd is nearest to the median of its part.

    Args:
        found: at least one picture.
        count: at most so many places, at least 1.
        aside: places that are not wanted.
    """
    relative = _relative(found)
    left = [place for place in _ranked(np.array([picture.truth for picture in found])) if place not in aside]
    parts = [part for part in np.array_split(np.array(left, np.int64), count) if len(part)]
    return [int(part[np.argmin(np.abs(relative[part] - np.median(relative[part])))]) for part in parts]


def _errors(found: Sequence[Measured]) -> NDArray[np.float64]:
    return np.array([abs(picture.counts["count"] - picture.truth) for picture in found], np.float64)


def _relative(found: Sequence[Measured]) -> NDArray[np.float64]:
    return _errors(found) / np.maximum([picture.truth for picture in found], LEAST_CROWD)


def _ranked(values: NDArray[np.float64]) -> list[int]:
    return [int(place) for place in np.argsort(values, kind="stable")]
