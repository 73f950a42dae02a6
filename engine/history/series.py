"""A count over time as arrays: even buckets, NaN where nothing is known; pure.

Buckets begin at multiples of their length, so that a view that moves finds the same buckets again. From a minute on the
length is a multiple of a minute, from an hour on of an hour, from a day on of a day: whatever was summed up to those
before can be summed up further.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS_S: tuple[int, ...] = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800)
STEPS_S += (3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400)
DAY_S = 86_400

Column = NDArray[Any]
"""A value of each bucket."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Even buckets of time."""

    first_s: int
    """Where the first begins, in seconds since 1970 (UTC)."""
    step_s: int
    number: int

    @classmethod
    def over(cls, from_s: float, to_s: float, *, points: int) -> "Grid":
        """Returns even buckets that cover a span and are not more than `points`, which is at least 3.

        Their length hangs on that of the span alone, and not on where it lies.
        """
        step_s = step_for(to_s - from_s, points - 2)
        first, end = math.floor(from_s / step_s), math.ceil(to_s / step_s)
        return cls(first * step_s, step_s, max(1, end - first))

    @property
    def end_s(self) -> int:
        """Where the last one ends."""
        return self.first_s + self.step_s * self.number

    @property
    def starts_s(self) -> NDArray[np.float64]:
        """Where each begins."""
        return self.first_s + self.step_s * np.arange(self.number, dtype=np.float64)

    def bucket(self, second: float) -> int:
        """Returns the number of the bucket in which a moment lies; it may lie outside."""
        return math.floor((second - self.first_s) / self.step_s)

    def between(self, from_s: float, to_s: float) -> "Grid":
        """Returns those of its buckets in which some of a span lies."""
        start = min(max(self.bucket(from_s), 0), self.number)
        end = min(max(math.ceil((to_s - self.first_s) / self.step_s), start), self.number)
        return Grid(self.first_s + start * self.step_s, self.step_s, end - start)


def step_for(span_s: float, points: int) -> int:
    """Returns the least length of a bucket with which a span needs no more than `points`."""
    least = span_s / points
    return next((step for step in STEPS_S if step >= least), math.ceil(least / DAY_S) * DAY_S)


@dataclass(frozen=True, slots=True)
class Series:
    """A count in each bucket of a grid; where no reading lies, all three are NaN."""

    grid: Grid
    mean: Column = field(repr=False, compare=False)
    """Of all readings in the bucket."""
    least: Column = field(repr=False, compare=False)
    most: Column = field(repr=False, compare=False)
    readings: Column = field(repr=False, compare=False)
    """How many; the others are float32, NaN where it is 0."""

    @classmethod
    def unknown(cls, grid: Grid) -> "Series":
        """Returns a series of which nothing is known."""
        mean, least, most = (np.full(grid.number, np.nan, np.float32) for _ in range(3))
        return cls(grid, mean, least, most, np.zeros(grid.number, np.int64))

    def to(self, grid: Grid) -> "Series":
        """Returns it on another grid of the same step: what lies outside is left out, what is new is unknown."""
        moved, shift = Series.unknown(grid), (grid.first_s - self.grid.first_s) // self.grid.step_s
        start, end = max(0, shift), min(self.grid.number, shift + grid.number)
        if start < end:
            moved.put(start - shift, Series(grid, *(values[start:end] for values in self.columns)))
        return moved

    def put(self, first: int, other: "Series") -> None:
        """Takes over the values of another series from the bucket with the number `first` on."""
        for own, values in zip(self.columns, other.columns, strict=True):
            own[first : first + len(values)] = values

    def or_richer(self, other: "Series") -> "Series":
        """Returns it with those buckets of another series of the same grid that hold more readings than its own."""
        keep = self.readings >= other.readings
        return Series(
            self.grid, *(np.where(keep, mine, its) for mine, its in zip(self.columns, other.columns, strict=True))
        )

    @property
    def columns(self) -> tuple[Column, Column, Column, Column]:
        """Mean, least, most, readings."""
        return self.mean, self.least, self.most, self.readings


def folded(series: Series, grid: Grid) -> Series:
    """Sums a series up into longer buckets; its own must begin and end with theirs."""
    shape = grid.number, grid.step_s // series.grid.step_s
    weights = series.readings.reshape(shape)
    readings = weights.sum(axis=1)
    known = readings > 0
    sums = (np.nan_to_num(series.mean, nan=0.0).reshape(shape).astype(np.float64) * weights).sum(axis=1)
    mean = np.divide(sums, readings, out=np.full(grid.number, np.nan), where=known).astype(np.float32)
    least, most = (
        np.fmin.reduce(series.least.reshape(shape), axis=1),
        np.fmax.reduce(series.most.reshape(shape), axis=1),
    )
    return Series(grid, mean, np.asarray(least), np.asarray(most), readings)


def held(series: Series, hole_s: float, now_s: float) -> Series:
    """Lets a count stand, as people see it, through a hole of at most `hole_s`, and that long until now."""
    grid, known = series.grid, np.flatnonzero(series.readings > 0)
    if len(known) == 0:
        return series
    ends = (known + 1) * grid.step_s + grid.first_s
    places = np.arange(grid.number)
    following = np.searchsorted(known, places)
    before, after = np.clip(following - 1, 0, None), np.clip(following, None, len(known) - 1)
    until_s = np.where(following < len(known), grid.first_s + known[after] * grid.step_s, now_s)
    is_hole = (series.readings == 0) & (following > 0) & (until_s - ends[before] < hole_s) & (grid.starts_s <= now_s)
    source = np.where(is_hole, known[before], places)
    return Series(grid, *(values[source] for values in series.columns))


def total(parts: Sequence[Series]) -> Series:
    """Sums series of one grid up; a bucket is unknown as soon as it is in one of them.

    When in a bucket each of them had its least and its most is not known, and so those of the sum are not.
    """
    grid = parts[0].grid
    readings = np.min([part.readings for part in parts], axis=0)
    mean = np.where(readings > 0, np.sum([part.mean for part in parts], axis=0), np.nan).astype(np.float32)
    nothing = np.full(grid.number, np.nan, np.float32)
    return Series(grid, mean, nothing, nothing.copy(), readings)
