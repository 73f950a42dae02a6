"""The peaks of a count over time: where it stands out from what lies around it; pure.

How much one stands out is its rise: how far one has to go down from it, to either side, before one can go up to a
higher place; that of the highest is counted from the lowest place of all.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LEAST_RISE, RISE_SHARE = 2.0, 0.15
"""A peak rises by so many people, and by this share of the way from the lowest to the highest place."""


def peaks(people: NDArray[np.floating], *, least_rise: float | None = None) -> list[int]:
    """Returns the places of the peaks, in their order; of a level top the first place.

    Args:
        people: one count after the other; what is NaN is passed over.
        least_rise: by which a peak rises; None asks for what `LEAST_RISE` and `RISE_SHARE` say.
    """
    known = np.flatnonzero(np.isfinite(people))
    if len(known) == 0:
        return []
    heights = people[known].astype(np.float64).tolist()
    span = max(heights) - min(heights)
    least = max(LEAST_RISE, RISE_SHARE * span) if least_rise is None else least_rise
    return [int(known[place]) for place, rise in enumerate(_rises(heights)) if rise >= least]


def _rises(heights: list[float]) -> Iterator[float]:
    """Yields how far each place rises; 0 or less where a neighbour is higher."""
    before = _cols(heights, or_equal=True)
    behind = _cols(heights[::-1], or_equal=False)[::-1]
    lowest = min(heights)
    for height, *cols in zip(heights, before, behind, strict=True):
        yield height - max((col for col in cols if col is not None), default=lowest)


def _cols(heights: list[float], *, or_equal: bool) -> list[float | None]:
    """Returns, for each place, the lowest on the way back to the nearest that is higher; None where none is."""
    cols: list[float | None] = []
    higher: list[tuple[float, float]] = []  # heights that fall, and the lowest behind each of them
    for height in heights:
        lowest = height
        while higher and (higher[-1][0] < height or (not or_equal and higher[-1][0] == height)):
            lowest = min(lowest, higher.pop()[1])
        cols.append(min(lowest, higher[-1][1]) if higher else None)
        higher.append((height, height))
        if len(higher) > 1:
            above, low = higher[-2]
            higher[-2] = above, min(low, lowest)
    return cols
