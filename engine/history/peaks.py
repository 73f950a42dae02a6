"""Where the most people were: the highest moments of a span, apart from each other; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.counting.prominence import peaks
from engine.history.series import Series
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


def highest(found: Mapping[Subject, Series], *, apart_s: float, number: int = USUAL_NUMBER) -> list[Peak]:
    """Returns the highest peaks, the highest first; of one subject none is nearer to a higher one than `apart_s`.

    What a peak is says `engine.counting.prominence`.
    """
    whole = [peak for subject, series in found.items() for peak in _apart(_peaks(subject, series), apart_s)]
    return sorted(whole, key=_rank)[:number]


def _peaks(subject: Subject, series: Series) -> list[Peak]:
    starts_s, step_s = series.grid.starts_s, series.grid.step_s
    return [Peak(subject, float(starts_s[place]), step_s, float(series.most[place])) for place in peaks(series.most)]


def _apart(found: Sequence[Peak], apart_s: float) -> list[Peak]:
    kept: list[Peak] = []
    for peak in sorted(found, key=_rank):
        if all(abs(peak.at_s - other.at_s) >= apart_s for other in kept):
            kept.append(peak)
    return kept


def _rank(peak: Peak) -> tuple[float, float, str]:
    return -peak.people, peak.at_s, str(peak.subject)
