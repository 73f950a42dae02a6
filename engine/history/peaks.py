"""Where the most people were: the highest moments of a span, apart from each other; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.history.series import Column, Series
from engine.rules.series import Subject

USUAL_NUMBER = 10
PARTS = 48
"""A span's peaks are apart by this part of it: those of a day by half an hour."""


@dataclass(frozen=True, slots=True)
class Peak:
    """The most that were counted around a moment."""

    subject: Subject
    at_s: float
    """When, or when the stretch begins in which it was; seconds since 1970 (UTC)."""
    length_s: int
    """Of that stretch; 1 where the second is known."""
    people: float


def peaks(found: Mapping[Subject, Series], *, apart_s: float, number: int = USUAL_NUMBER) -> list[Peak]:
    """Returns the highest of all, the highest first; of one subject none is nearer to a higher one than `apart_s`.

    A bucket is a peak where none around it is higher; of several that are as high the first is. Where nobody was there
    is no peak.
    """
    whole = [
        Peak(subject, float(series.grid.starts_s[place]), series.grid.step_s, float(series.most[place]))
        for subject, series in found.items()
        for place in _places(series.most, max(1, round(apart_s / series.grid.step_s)))
    ]
    return sorted(whole, key=lambda peak: (-peak.people, peak.at_s, str(peak.subject)))[:number]


def _places(most: Column, reach: int) -> Sequence[int]:
    """Returns the buckets that are the highest within `reach` on both sides, and higher than any such before."""
    if len(most) == 0:
        return []
    filled = np.where(np.isfinite(most), most, -np.inf)
    padded = np.concatenate([np.full(reach, -np.inf), filled, np.full(reach, -np.inf)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach)
    before, after = windows[: len(most)].max(axis=1), windows[reach + 1 : reach + 1 + len(most)].max(axis=1)
    found: Sequence[int] = np.flatnonzero((filled > before) & (filled >= after) & (filled > 0)).tolist()
    return found
