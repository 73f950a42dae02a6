"""What was counted: the reading of one frame, and the sample that sums up the readings of one second."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.counting.doubt import Doubt
from engine.inference.error_table import Interval
from engine.picture.condition import Condition
from engine.picture.frame import Frame
from engine.picture.zones import ZoneCount


@dataclass(frozen=True, slots=True)
class Reading:
    """What the engine found on one frame."""

    frame: Frame
    count: float
    """People, never negative; smoothed where smoothing is on."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """People per cell over the whole frame, (h, w); None where no map was due."""
    head: float | None = None
    """How tall the usual head is, in pixels of the picture as shown; None where nobody is seen, or nobody knows."""
    consistency: float | None = None
    """How well the map's sum agrees with the backbone's count: 1 is perfect, 0 is worthless; None without a map."""
    zones: tuple[ZoneCount, ...] = ()
    """The people of each zone of the camera; empty where no map was due, since zones are counted on the map alone."""
    elapsed_s: float = 0.0
    """Time the model took."""
    counted_s: float = 0.0
    """When it was made, on the monotonic clock."""
    is_held: bool = False
    """Whether nothing moved in the frame, so that the count before it was let stand."""
    interval: Interval | None = None
    """Between which numbers of people the truth lies with 90 % certainty; None where nothing is known of errors."""
    doubt: Doubt = Doubt.NONE
    """Why the count is not to be relied on."""
    model_count: float | None = None
    """What the model says, where the count was put right by a correction."""

    has_moved: bool = False
    """Whether the camera looks elsewhere than when it was calibrated."""

    @property
    def uncorrected(self) -> float:
        """People, as the model says, smoothed where smoothing is on."""
        return self.count if self.model_count is None else self.model_count

    @property
    def latency_s(self) -> float:
        """Time from the frame's arrival to this reading."""
        return self.counted_s - self.frame.arrived_s


@dataclass(frozen=True, slots=True)
class ZoneSample:
    """The people of one zone in one second."""

    name: str
    mean: float
    least: float
    most: float
    readings: int


@dataclass(frozen=True, slots=True)
class Sample:
    """The readings of one second, as stored."""

    second: int
    """Seconds since the source began, rounded down."""
    mean: float
    least: float
    most: float
    readings: int
    consistency: float | None = None
    """Mean of the readings that have a map; None where none has."""
    condition: Condition = Condition.CLEAR
    """The last of its pictures that was not clear says what was wrong."""
    zones: tuple[ZoneSample, ...] = ()
    """Those that were counted in this second."""
    interval: Interval | None = None
    """The mean of those of its readings that have one."""
    doubt: Doubt = Doubt.NONE
    """The last of its readings that was doubted says why."""


def consistency(count: float, density: NDArray[np.float32]) -> float:
    """Returns the agreement of a count with the sum of a density map, 0 to 1 (1 person of slack near zero)."""
    total = float(density.sum())
    return 1.0 - min(1.0, abs(total - count) / max(total, count, 1.0))


class Sampler:
    """Sums readings up into samples, one a second; time is what the caller says."""

    def __init__(self) -> None:
        self._second: int | None = None
        self._sums = _Sums()

    def add(self, time_s: float, reading: Reading) -> Sample | None:
        """Takes a reading; returns the sample of an earlier second when this one opens a new one."""
        second = math.floor(time_s)
        before = None if second == self._second else self.finish()
        self._second = second
        self._sums.add(reading)
        return before

    def finish(self) -> Sample | None:
        """Returns the sample of the second that is still open, if it has any reading, and forgets it."""
        second, sums = self._second, self._sums
        self._second, self._sums = None, _Sums()
        return None if second is None else sums.sample(second)


@dataclass(slots=True)
class _Sum:
    """Counts, summed up."""

    mean: float = 0.0
    least: float = math.inf
    most: float = -math.inf
    readings: int = 0

    def add(self, count: float) -> None:
        self.readings += 1
        self.mean += (count - self.mean) / self.readings
        # so that what is not a number comes out again as such
        self.least, self.most = min(count, self.least), max(count, self.most)


@dataclass(slots=True)
class _Sums:
    """The readings of the second that is open."""

    count: _Sum = field(default_factory=_Sum)
    consistency: _Sum = field(default_factory=_Sum)
    zones: dict[str, _Sum] = field(default_factory=dict)
    condition: Condition = Condition.CLEAR
    low: _Sum = field(default_factory=_Sum)
    high: _Sum = field(default_factory=_Sum)
    doubt: Doubt = Doubt.NONE

    def add(self, reading: Reading) -> None:
        self.count.add(reading.count)
        if reading.consistency is not None:
            self.consistency.add(reading.consistency)
        for zone in reading.zones:
            self.zones.setdefault(zone.name, _Sum()).add(zone.people)
        condition = reading.frame.look.condition
        self.condition = self.condition if condition is Condition.CLEAR else condition
        if reading.interval is not None:
            self.low.add(reading.interval.low)
            self.high.add(reading.interval.high)
        self.doubt = reading.doubt or self.doubt

    def sample(self, second: int) -> Sample:
        count, consistency = self.count, self.consistency
        return Sample(
            second,
            count.mean,
            count.least,
            count.most,
            count.readings,
            consistency=consistency.mean if consistency.readings else None,
            condition=self.condition,
            zones=tuple(
                ZoneSample(name, zone.mean, zone.least, zone.most, zone.readings) for name, zone in self.zones.items()
            ),
            interval=Interval(self.low.mean, self.high.mean) if self.low.readings else None,
            doubt=self.doubt,
        )
