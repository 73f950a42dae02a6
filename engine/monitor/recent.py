"""The last day of a watched camera or group, second by second, in memory; a second without a reading is unknown.

Seconds are those of wall time at which the frames arrived, as in the log. Where the clock is set back, what was counted
under the wrong time is forgotten from the new time on; where it is set back by less than a step, it stands still.
"""

import math
from collections.abc import Callable, Collection
from threading import Lock
from typing import Protocol

import numpy as np

from engine.counting.reading import Reading, Sample
from engine.history.series import DAY_S, Grid, Series, folded
from engine.log.wall_time import WallTime, both_clocks
from engine.monitor.tally import FRESH_S

MOST_READINGS = 65_535  # in a second, as its column holds


class LastDay(Protocol):
    """What is asked of the last day."""

    def oldest_s(self, zone: str | None = None) -> int | None:
        """Returns the first second that it may know, as wall time; None before the first reading."""
        ...

    def hole_s(self, zone: str | None = None) -> float:
        """Returns for how long a count stands where no other comes."""
        ...

    def span(self, grid: Grid, zone: str | None = None) -> Series:
        """Returns what was counted."""
        ...


class _Day:
    """The seconds of one count, in a ring; memory is taken as it fills."""

    def __init__(self) -> None:
        self._mean, self._least, self._most = (np.zeros(DAY_S, np.float32) for _ in range(3))
        self._readings = np.zeros(DAY_S, np.uint16)
        self.oldest_s = self.end_s = 0
        """What it may know lies from the one second on until before the other; nothing at first."""

    def add(self, second: int, people: float) -> None:
        """Takes a count; time must not go back."""
        self._go_to(second)
        place, readings = second % DAY_S, int(self._readings[second % DAY_S])
        if not readings:
            self._mean[place] = self._least[place] = self._most[place] = people
        else:
            self._mean[place] += (people - self._mean[place]) / (readings + 1)
            self._least[place] = min(self._least[place], people)
            self._most[place] = max(self._most[place], people)
        self._readings[place] = min(readings + 1, MOST_READINGS)

    def put(self, second: int, sample: Sample) -> None:
        """Takes what a whole second came to; where the clock was set back, what was known from then on is forgotten."""
        self.forget_from(second)
        self._go_to(second)
        place = second % DAY_S
        self._mean[place], self._least[place], self._most[place] = sample.mean, sample.least, sample.most
        self._readings[place] = min(sample.readings, MOST_READINGS)

    def span(self, grid: Grid) -> Series:
        """Returns what was counted."""
        known = grid.between(self.oldest_s, self.end_s)
        return folded(self.seconds(known.first_s, known.step_s * known.number), known).to(grid)

    def forget_from(self, second: int) -> None:
        """Forgets a second and all that follow."""
        self.end_s = min(self.end_s, max(second, self.oldest_s))

    def seconds(self, first: int, number: int) -> Series:
        """Returns so many seconds."""
        series = Series.unknown(Grid(first, 1, number))
        start, end = max(first, self.oldest_s), min(first + number, self.end_s)
        for run in _runs(start, end):
            readings, place = self._readings[run], slice(start - first, start - first + run.stop - run.start)
            start += run.stop - run.start
            series.readings[place] = readings
            for own, values in zip(series.columns[:3], (self._mean, self._least, self._most), strict=True):
                own[place] = np.where(readings, values[run], np.nan)
        return series

    def _go_to(self, second: int) -> None:
        if self.oldest_s == self.end_s:
            self.oldest_s = self.end_s = second
        for run in _runs(max(self.end_s, second - DAY_S + 1), second + 1):
            self._readings[run] = 0
        self.end_s = max(self.end_s, second + 1)
        self.oldest_s = max(self.oldest_s, self.end_s - DAY_S)


def _runs(start: int, end: int) -> list[slice]:
    """Returns where seconds lie in a ring, in their order; they are at most a day."""
    if start >= end:
        return []
    first, length = start % DAY_S, end - start
    wrapped = first + length - DAY_S
    return [slice(first, first + length)] if wrapped <= 0 else [slice(first, DAY_S), slice(0, wrapped)]


class Recent:
    """An outlet that keeps the last day of a camera and of its zones."""

    def __init__(self, *, clocks: Callable[[], tuple[float, float]] = both_clocks) -> None:
        """Takes wall time in seconds since 1970 and monotonic time, at one moment."""
        self._lock, self._clocks, self._wall = Lock(), clocks, WallTime.of(*clocks())
        self._latest_s = 0.0
        self._days: dict[str | None, _Day] = {None: _Day()}
        self._holes_s = FRESH_S, FRESH_S
        self.readings = 0
        """How many came so far."""

    def expect(self, zones: Collection[str], *, interval_s: float, map_interval_s: float) -> None:
        """Takes the zones that there are now, and the time between two counts and between two density maps."""
        with self._lock:
            self._days = {zone: self._days.get(zone) or _Day() for zone in (None, *zones)}
            hole_s = max(FRESH_S, 2 * interval_s)
            self._holes_s = hole_s, max(hole_s, 2 * map_interval_s)

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        clocks = self._clocks()
        with self._lock:
            second = self._second(self._wall.seen(*clocks), reading.frame.arrived_s)
            self._days[None].add(second, reading.count)
            for zone in reading.zones:
                if zone.name in self._days:
                    self._days[zone.name].add(second, zone.people)
            self.readings += 1
        return True

    def close(self) -> None:
        """What was counted stays."""

    def oldest_s(self, zone: str | None = None) -> int | None:
        """Returns the first second that it may know, as wall time; None before the first reading."""
        with self._lock:
            day = self._days.get(zone)
            return day.oldest_s if day and day.end_s > day.oldest_s else None

    def hole_s(self, zone: str | None = None) -> float:
        """Returns for how long a count stands where no other comes."""
        return self._holes_s[zone is not None]

    def span(self, grid: Grid, zone: str | None = None) -> Series:
        """Returns what was counted in the camera, or in one of its zones."""
        with self._lock:
            day = self._days.get(zone)
            return Series.unknown(grid) if day is None else day.span(grid)

    def _second(self, now: WallTime, arrived_s: float) -> int:
        if now.steps != self._wall.steps:
            self._latest_s = 0.0
            if now.step_s < 0:
                for day in self._days.values():
                    day.forget_from(math.floor(now.at(arrived_s)))
        self._wall = now
        self._latest_s = max(self._latest_s, now.at(arrived_s))
        return math.floor(self._latest_s)


class RecentGroup:
    """The last day of a group, whose seconds come whole."""

    def __init__(self) -> None:
        self._lock, self._day, self._hole_s = Lock(), _Day(), FRESH_S

    def expect(self, interval_s: float) -> None:
        """Takes the longest time between two counts of a member."""
        self._hole_s = max(FRESH_S, 2 * interval_s)

    def put(self, second: int, sample: Sample) -> None:
        """Takes what a second came to, as wall time."""
        with self._lock:
            self._day.put(second, sample)

    def oldest_s(self, zone: str | None = None) -> int | None:
        """Returns the first second that it may know, as wall time; None before the first one. It has no zones."""
        with self._lock:
            return self._day.oldest_s if self._day.end_s > self._day.oldest_s else None

    def hole_s(self, zone: str | None = None) -> float:
        """Returns for how long a count stands where no other comes."""
        return self._hole_s

    def span(self, grid: Grid, zone: str | None = None) -> Series:
        """Returns what was counted."""
        with self._lock:
            return self._day.span(grid)
