"""How each watched camera is doing at one moment, as it is shown and printed; what is not known is None, never zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from engine.capture.health import HealthReport, State
from engine.counting.reading import Reading
from engine.counting.schedule import Load

FRESH_S = 3.0  # a count is shown for at least so long, and for two intervals of a camera that is counted seldom
SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest of what was counted."""

    people: float | None = None
    zones: Mapping[str, float] | None = None
    """None where no map was made lately."""


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

    def __init__(self, *, interval_s: float, map_interval_s: float) -> None:
        """Takes the time between two counts and between two density maps, as far as they are set."""
        self._fresh_s = max(FRESH_S, 2 * interval_s)
        self._map_fresh_s = max(FRESH_S, 2 * interval_s, 2 * map_interval_s)
        self._lock = Lock()
        self._people, self._counted_s = 0.0, float("-inf")
        self._zones: dict[str, float] = {}
        self._mapped_s = float("-inf")
        self.total = Total()

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        with self._lock:
            self._people, self._counted_s = reading.count, reading.counted_s
            self.total = self.total.plus(reading.count)
            if reading.density is not None:
                self._zones = {zone.name: zone.people for zone in reading.zones}
                self._mapped_s = reading.counted_s
        return True

    def close(self) -> None:
        """What was counted stays."""

    def newest(self, now_s: float) -> Newest:
        """Returns what was counted lately enough to be true now."""
        with self._lock:
            people = self._people if now_s - self._counted_s <= self._fresh_s else None
            zones = dict(self._zones) if now_s - self._mapped_s <= self._map_fresh_s else None
        return Newest(people, zones)


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """One camera at one moment."""

    name: str
    health: HealthReport
    load: Load
    newest: Newest
    total: Total

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON; times in seconds."""
        health, load = self.health, self.load
        return {
            "camera": self.name,
            "state": health.state.value,
            "count": _rounded(self.newest.people),
            "zones": {name: _rounded(people) for name, people in (self.newest.zones or {}).items()},
            "offered_fps": _rounded(load.offered_fps),
            "counted_fps": _rounded(load.counted_fps),
            "dropped_share": _rounded(load.dropped_share),
            "latency_p50_s": _rounded(load.latency_p50_s),
            "latency_p95_s": _rounded(load.latency_p95_s),
            "drops": health.drops,
            "stalls": health.stalls,
            "reconnects": health.reconnects,
            "decode_errors": health.decode_errors,
            "age_s": _rounded(health.age_s),
            "condition": health.condition.value,
            "tls": (health.link and health.link.security) or None,
            "problem": health.problem,
            "remark": health.remark,
        }


def camera_facts(name: str, health: HealthReport, load: Load, tally: Tally) -> CameraFacts:
    """Puts together how a camera is doing; a camera that is not live has no count."""
    newest = tally.newest(monotonic()) if health.state is State.LIVE else Newest()
    return CameraFacts(name, health, load, newest, tally.total)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, SHOWN_DIGITS)
