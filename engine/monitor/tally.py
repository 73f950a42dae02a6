"""What is kept of a camera's readings while it is watched: newest count and their sums; unknown is None, never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from engine.counting.doubt import Doubt
from engine.counting.movement import Movement
from engine.counting.reading import Reading
from engine.inference.error_table import Interval
from engine.monitor.crowding import Crowding, crowding_of
from engine.monitor.latencies import Latencies
from engine.settings.config import CameraSettings

FRESH_S = 3.0  # a count is shown for at least so long, and for two intervals of a camera that is counted seldom


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of what was counted."""

    people: float | None = None
    zones: Mapping[str, float] | None = None
    """None where no map was made lately."""
    arrived_s: float | None = None
    """When the frame of `people` came from the camera, on the monotonic clock."""
    crowding: Crowding | None = None
    """None where no map was made lately, or the camera is not calibrated."""
    interval: Interval | None = None
    """In which the truth lies with 90 % certainty; None where nothing is known of errors."""
    doubt: Doubt = Doubt.NONE
    """Why `people` is not to be relied on."""


@dataclass(frozen=True, slots=True)
class Total:
    """All that was counted."""

    readings: int = 0
    mean: float = 0.0
    least: float = 0.0
    most: float = 0.0

    def plus(self, people: float) -> "Total":
        """Returns it with one more count."""
        if not self.readings:
            return Total(1, people, people, people)
        mean = self.mean + (people - self.mean) / (self.readings + 1)
        return Total(self.readings + 1, mean, min(self.least, people), max(self.most, people))


class Tally:
    """An outlet that keeps the newest counts and their sums, and none of the pictures."""

    def __init__(self, *, interval_s: float, map_interval_s: float, settings: CameraSettings | None = None) -> None:
        """Takes the time between two counts and between two density maps, as far as they are set, and the camera."""
        self._lock = Lock()
        self._people, self._arrived_s, self._counted_s = 0.0, 0.0, float("-inf")
        self._interval: Interval | None = None
        self._doubt = Doubt.NONE
        self._zones: dict[str, float] = {}
        self._crowding: Crowding | None = None
        self.total, self.latencies, self._movement = Total(), Latencies(), Movement()
        self.expect(interval_s=interval_s, map_interval_s=map_interval_s, settings=settings)

    def expect(self, *, interval_s: float, map_interval_s: float, settings: CameraSettings | None = None) -> None:
        """Takes other intervals, and forgets the zones, which may be others now; counts and sums stay."""
        with self._lock:
            self._settings, self._crowding = settings, None
            self._fresh_s = max(FRESH_S, 2 * interval_s)
            self._map_fresh_s = max(FRESH_S, 2 * interval_s, 2 * map_interval_s)
            self._mapped_s = float("-inf")

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        settings = self._settings
        crowding = crowding_of(reading, settings) if settings else None
        with self._lock:
            self._people, self._counted_s = reading.count, reading.counted_s
            self._arrived_s = reading.frame.arrived_s
            self._interval, self._doubt = reading.interval, reading.doubt
            self.total = self.total.plus(reading.count)
            self._movement.add(reading.count)
            self.latencies = self.latencies.plus(reading.latency_s, reading.elapsed_s)
            if reading.density is not None and settings is self._settings:
                self._crowding = crowding
            if reading.density is not None:
                self._zones = {zone.name: zone.people for zone in reading.zones}
                self._mapped_s = reading.counted_s
        return True

    @property
    def change_p95(self) -> float | None:
        """By how many people the count moves from reading to reading, in 95 % of the last ones at most."""
        with self._lock:
            return self._movement.p95

    def close(self) -> None:
        """What was counted stays."""

    def newest(self, now_s: float) -> Newest:
        """Returns what was counted lately enough to be true now."""
        with self._lock:
            is_fresh = now_s - self._counted_s <= self._fresh_s
            people, arrived_s = (self._people, self._arrived_s) if is_fresh else (None, None)
            is_mapped = now_s - self._mapped_s <= self._map_fresh_s
            zones, crowding = (dict(self._zones), self._crowding) if is_mapped else (None, None)
            interval, doubt = (self._interval, self._doubt) if is_fresh else (None, Doubt.NONE)
        return Newest(people, zones, arrived_s, crowding, interval, doubt)
