"""Days and hours by the local clock, and what each of them came to; pure.

A day is as long as the clock makes it: 23 or 25 hours where the clock is changed. Of an hour that comes twice there are
two, and one that never comes is in no day.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.history.series import DAY_S, Column, Grid, Series

HOUR_S, QUARTER_S = 3600, 900
FINENESS_S = (3600, 1800, 900, 300, 60, 1)
"""Buckets that days and hours of any time zone are put together from."""


Places = NDArray[np.int64]


class Period(NamedTuple):
    """From a moment until before another, in seconds since 1970 (UTC)."""

    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class Sum:
    """What a period came to; None where nothing is known of it."""

    period: Period
    mean: float | None
    least: float | None
    most: float | None
    known_s: float
    """Of its seconds, those of which the count is known."""


def midnight(day: date, zone: tzinfo | None = None) -> int:
    """Returns the moment at which a day begins; where the clock is changed at midnight, the first of its moments."""
    return math.floor(datetime.combine(day, time(), zone).timestamp())


def day_of(moment_s: float, zone: tzinfo | None = None) -> date:
    """Returns the day in which a moment lies."""
    return datetime.fromtimestamp(moment_s, zone).date()


def days(first: date, number: int, zone: tzinfo | None = None) -> list[Period]:
    """Returns so many days, one after the other."""
    bounds = [midnight(first + timedelta(days=place), zone) for place in range(number + 1)]
    return [Period(*pair) for pair in pairwise(bounds)]


def hours(of: Sequence[Period]) -> list[Period]:
    """Returns the hours of days."""
    return [Period(begin, min(begin + HOUR_S, day.to_s)) for day in of for begin in range(day.from_s, day.to_s, HOUR_S)]


def grid_under(periods: Sequence[Period]) -> Grid:
    """Returns the longest even buckets of which all of these periods, one after the other, are put together."""
    bounds = [periods[0].from_s, *(period.to_s for period in periods)]
    step = next(step for step in FINENESS_S if all(bound % step == 0 for bound in bounds))
    return Grid(bounds[0], step, (bounds[-1] - bounds[0]) // step)


def summed(series: Series, known_s: Column, periods: Sequence[Period]) -> list[Sum]:
    """Sums up periods.

    Args:
        series: on `grid_under` these periods.
        known_s: how many seconds of each of its buckets are known.
        periods: one after the other.
    """
    grid, found = series.grid, []
    for period in periods:
        part = slice(grid.bucket(period.from_s), grid.bucket(period.to_s))
        readings = series.readings[part]
        known = readings > 0
        if not known.any():
            found.append(Sum(period, None, None, None, 0.0))
            continue
        mean = float(np.average(series.mean[part][known], weights=readings[known]))
        least, most = float(series.least[part][known].min()), float(series.most[part][known].max())
        found.append(Sum(period, mean, least, most, float(known_s[part].sum())))
    return found


def shifted(moment_s: float, by_days: int, zone: tzinfo | None = None) -> float:
    """Returns the same time of day so many days later, or earlier."""
    then = datetime.fromtimestamp(moment_s, zone)
    return (then.replace(tzinfo=None) + timedelta(days=by_days)).replace(tzinfo=zone, fold=then.fold).timestamp()


def grid_of_other_days(grid: Grid, by_days: int, zone: tzinfo | None = None) -> Grid:
    """Returns buckets of the same length that hold all times of day of a grid, so many days later or earlier."""
    first, end = (shifted(moment, by_days, zone) for moment in (grid.first_s, grid.end_s))
    start = math.floor((first - DAY_S / 12) / grid.step_s)  # two hours, by which a clock may be changed
    return Grid(start * grid.step_s, grid.step_s, math.ceil((end + DAY_S / 12) / grid.step_s) - start)


def laid_over(other: Series, grid: Grid, by_days: int, zone: tzinfo | None = None) -> Series:
    """Lays what was counted so many days later, or earlier, over a grid: each bucket at its time of day.

    What was counted in an hour that came twice stands together at that hour; an hour that comes twice in the grid shows
    the other day's twice; one that never came on the other day is unknown.
    """
    there, here = _pairs(other.grid, grid, by_days, zone)
    moved = Series.unknown(grid)
    sums = np.zeros(grid.number)
    known = other.readings[there] > 0
    there, here = there[known], here[known]
    np.add.at(sums, here, other.mean[there].astype(np.float64) * other.readings[there])
    np.fmin.at(moved.least, here, other.least[there])
    np.fmax.at(moved.most, here, other.most[there])
    np.add.at(moved.readings, here, other.readings[there])
    np.divide(sums, moved.readings, out=moved.mean, where=moved.readings > 0, casting="unsafe")
    return moved


@lru_cache(maxsize=8)
def _pairs(other: Grid, grid: Grid, by_days: int, zone: tzinfo | None) -> tuple[Places, Places]:
    """Returns which buckets of another grid lie at which of a grid; the same for all that is counted."""
    places: dict[int, list[int]] = {}
    for place, clock in enumerate(_clocks(grid, zone)):
        places.setdefault(clock, []).append(place)
    clocks = _clocks(other, zone, earlier_s=by_days * DAY_S)
    pairs = [(there, here) for there, clock in enumerate(clocks) for here in places.get(clock, ())]
    there, here = np.array(pairs, np.int64).reshape(-1, 2).T
    return there, here


def _clocks(grid: Grid, zone: tzinfo | None, *, earlier_s: int = 0) -> list[int]:
    """Returns for each bucket what the clock shows in its middle, in lengths of a bucket."""
    middles = grid.starts_s + grid.step_s / 2
    quarters, of = np.unique(middles // QUARTER_S, return_inverse=True)  # within which no clock is changed
    offsets = np.array([offset_s(float(quarter) * QUARTER_S, zone) for quarter in quarters])
    clocks: list[int] = np.floor((middles - earlier_s + offsets[of]) / grid.step_s).astype(np.int64).tolist()
    return clocks


def offset_s(moment_s: float, zone: tzinfo | None = None) -> float:
    """Returns how far the local clock is ahead of UTC."""
    offset = datetime.fromtimestamp(moment_s, zone).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0
