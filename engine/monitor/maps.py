"""The newest density map of a camera, which is made only while something needs it: its zones, or a screen.

Where a gate lets the count stand because nothing moves, the map stands too.
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.picture.tiling import Grid

FRESH_S, FRESH_INTERVALS = 3.0, 3  # a map is shown over pictures that came at most so much later
ZONES_INTERVAL_S = 1.0  # between density maps, where zones need them and none are configured


@dataclass(frozen=True, eq=False)
class DensityMap:
    """People per cell of one frame."""

    density: NDArray[np.float32] = field(repr=False)
    """People per cell over the whole frame, (h, w)."""
    count: float
    """People in the frame, from the backbone."""
    consistency: float | None
    """How well its sum agrees with the count: 1 is perfect."""
    size: tuple[int, int]
    """Height and width of the frame in pixels."""
    grid: Grid
    """The tiles that it was divided into."""
    made_s: float
    """When the frame came, on the monotonic clock."""

    @cached_property
    def scaled(self) -> NDArray[np.float32]:
        """The same, but adding up to the count, as zones are counted."""
        total = float(self.density.sum())
        return np.asarray(self.density * (self.count / total if total > 0 else 0.0), np.float32)

    @property
    def cell(self) -> float:
        """Side in pixels of the frame of a square as large as a cell."""
        return sqrt(self.size[0] * self.size[1] / self.density.size)


class Maps:
    """An outlet that keeps the newest map, and says when the next is due; any thread may use it."""

    def __init__(self, interval_s: float | None, *, for_zones: bool = False, of_one: bool = False) -> None:
        """Takes what `expect` does; `of_one`: a map is shown over the picture that it was made of, and no other."""
        self._of_one = of_one
        self.schedule = DensitySchedule(None)
        """Asked by the inference thread."""
        self._lock = Lock()
        self._viewers: frozenset[object] = frozenset()
        self._newest: DensityMap | None = None
        self._valid_s = float("-inf")
        self.expect(interval_s, for_zones=for_zones)

    def expect(self, interval_s: float | None, *, for_zones: bool) -> None:
        """Takes the seconds between two maps, None for no maps but those of zones, which need some."""
        with self._lock:
            self._interval_s, self._for_zones = interval_s, for_zones
            self._fresh_s = max(FRESH_S, FRESH_INTERVALS * (interval_s or 0.0))
            self._reschedule()

    def want(self, viewer: object, *, wanted: bool) -> None:
        """Notes whether somebody looks at the maps now."""
        if wanted is not (viewer in self._viewers):
            with self._lock:
                self._viewers = self._viewers | {viewer} if wanted else self._viewers - {viewer}
                self._reschedule()

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        frame = reading.frame
        with self._lock:
            if reading.density is not None:
                found = reading.density, reading.count, reading.consistency
                self._newest = DensityMap(*found, frame.size, frame.grid, made_s=frame.arrived_s)
                self._valid_s = frame.arrived_s
            elif reading.is_held and frame.arrived_s - self._valid_s <= self._fresh_s:
                self._valid_s = frame.arrived_s
        return True

    def close(self) -> None:
        """The newest map stays."""

    def newest(self, arrived_s: float) -> DensityMap | None:
        """Returns the map to be laid over a picture that came at this time; None if there is none or it is too old."""
        with self._lock:
            is_its_own = arrived_s == self._valid_s
            return self._newest if is_its_own or (not self._of_one and self._is_fresh(arrived_s)) else None

    def _is_fresh(self, arrived_s: float) -> bool:
        return arrived_s - self._valid_s <= self._fresh_s

    def _reschedule(self) -> None:
        interval_s = self._interval_s
        if self._for_zones:
            self.schedule.interval_s = ZONES_INTERVAL_S if interval_s is None else interval_s
        else:
            self.schedule.interval_s = interval_s if self._viewers else None
