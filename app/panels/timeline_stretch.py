"""A stretch of a recording's counts in as few buckets as can be seen; pure.

A bucket has the least, the most and the mean of its counts, so that no peak is lost however long the recording is.
Buckets begin at multiples of their length: a view that moves finds the same ones again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.panels.counted import Counted, Floats
from engine.counting.prominence import peaks

Span = tuple[float, float]
"""From one time in seconds to another."""
LEAST_BUCKET_S = 1.0  # of those whose means are looked through for peaks
MOST_BUCKETS = 2000
SAME_PLACE_S = 0.02


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is drawn; columns of the same length."""

    times: Floats = field(repr=False)
    """Of the middles of the buckets, in seconds, rising."""
    mean: Floats = field(repr=False)
    least: Floats = field(repr=False)
    most: Floats = field(repr=False)
    joined: NDArray[np.bool_] = field(repr=False)
    """Whether what lies between a bucket and the next is known; one fewer than buckets."""


def stretch(counted: Counted, span: Span, number: int) -> Stretch:
    """Returns what is counted in a span, and the nearest counts on both sides of it, in about `number` buckets."""
    times = counted.times
    first = max(0, int(np.searchsorted(times, span[0])) - 1)
    end = min(len(times), int(np.searchsorted(times, span[1], side="right")) + 1)
    if end - first <= number:
        return _buckets(counted, np.arange(first, end), end)
    length_s = max(1e-6, (span[1] - span[0]) / number)
    return _buckets(counted, first + bucket_starts(times[first:end], span, length_s), end)


def bucket_starts(times: Floats, span: Span, length_s: float) -> NDArray[np.intp]:
    """Returns the first of some times, which rise, in each bucket that has any; buckets begin at multiples of theirs.

    Times outside of the span are by themselves. Buckets are looked up, not times, of which there may be millions.
    """
    edges = np.arange(np.floor(span[0] / length_s), np.floor(span[1] / length_s) + 2) * length_s
    starts = np.searchsorted(times, edges)
    return np.unique(np.append(0, starts[starts < len(times)]))


def _buckets(counted: Counted, starts: NDArray[np.intp], end: int) -> Stretch:
    times, people, nothing = counted.times, counted.people[:end], np.empty(0)
    if len(starts) == 0:
        return Stretch(nothing, nothing, nothing, nothing, np.empty(0, np.bool_))
    ends = np.append(starts[1:], end)
    mean = np.add.reduceat(people, starts) / (ends - starts)
    least, most = np.minimum.reduceat(people, starts), np.maximum.reduceat(people, starts)
    apart = times[starts[1:]] - times[ends[:-1] - 1]
    joined = (apart <= counted.break_s) & ~counted.broken[starts[1:]]
    return Stretch((times[starts] + times[ends - 1]) / 2, mean, least, most, joined)


def gaps(counted: Counted, span: Span, spans: Sequence[Span]) -> list[Span]:
    """Returns where frames are missing in what is counted, from the frame before to the frame behind."""
    times, holes = counted.times, counted.holes
    is_within = (times[holes + 1] >= span[0]) & (times[holes] <= span[1])
    found = [(float(times[place]), float(times[place + 1])) for place in holes[is_within]]
    return [hole for hole in found if _is_within((hole[0] + hole[1]) / 2, spans)]


def uncounted(spans: Sequence[Span], end_s: float) -> list[Span]:
    """Returns what of a recording that ends at a time lies outside of spans, which rise."""
    found, at = [], 0.0
    for begin, end in (*spans, (end_s, end_s)):
        if begin - at > SAME_PLACE_S:
            found.append((at, begin))
        at = max(at, end)
    return found


def peak_times(counted: Counted) -> list[float]:
    """Returns when the counts have their peaks, each at its highest frame; of counts of about a second at least."""
    if not len(counted):
        return []
    span = float(counted.times[0]), counted.end_s
    number = int(min(MOST_BUCKETS, max(1.0, (span[1] - span[0]) / LEAST_BUCKET_S)))
    starts = bucket_starts(counted.times, span, max(1e-6, (span[1] - span[0]) / number))
    bounds = np.append(starts, len(counted))
    means = np.add.reduceat(counted.people, starts) / np.diff(bounds)
    found = set()
    for at in peaks(means):  # the highest frame may lie just beside the highest second
        first, end = bounds[max(0, at - 1)], bounds[min(at + 2, len(starts))]
        found.add(float(counted.times[first + int(counted.people[first:end].argmax())]))
    return sorted(found)


def neighbour(times: Sequence[float], at_s: float, *, forward: bool) -> float | None:
    """Returns the first of some times, which rise, behind a time, or the last before it; None where there is none."""
    if forward:
        return next((time for time in times if time > at_s + SAME_PLACE_S), None)
    return next((time for time in reversed(times) if time < at_s - SAME_PLACE_S), None)


def _is_within(time_s: float, spans: Sequence[Span]) -> bool:
    return any(begin <= time_s <= end for begin, end in spans)
