"""What was counted: the reading of one frame, and the sample that sums up the readings of one second."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

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

    @property
    def latency_s(self) -> float:
        """Time from the frame's arrival to this reading."""
        return self.counted_s - self.frame.arrived_s


@dataclass(frozen=True, slots=True)
class Sample:
    """The readings of one second, as stored."""

    second: int
    """Seconds since the source began, rounded down."""
    mean: float
    least: float
    most: float
    readings: int


def consistency(count: float, density: NDArray[np.float32]) -> float:
    """Returns the agreement of a count with the sum of a density map, 0 to 1 (1 person of slack near zero)."""
    total = float(density.sum())
    return 1.0 - min(1.0, abs(total - count) / max(total, count, 1.0))


class Sampler:
    """Sums readings up into samples, one a second; time is what the readings carry."""

    def __init__(self) -> None:
        self._open: Sample | None = None

    def add(self, time_s: float, count: float) -> Sample | None:
        """Takes a count; returns the sample of an earlier second when this count opens a new one."""
        second, before = math.floor(time_s), self._open
        if before is None or before.second != second:
            self._open = Sample(second, count, count, count, 1)
            return before
        readings = before.readings + 1
        mean = before.mean + (count - before.mean) / readings
        self._open = Sample(second, mean, min(before.least, count), max(before.most, count), readings)
        return None

    def finish(self) -> Sample | None:
        """Returns the sample of the second that is still open, if it has any reading, and forgets it."""
        last, self._open = self._open, None
        return last
