"""The last day of what a service counts, as far as it was heard or asked for; any thread may ask."""

from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from engine.client.said import sample_of
from engine.counting.reading import Sample
from engine.history.series import Grid, Series
from engine.monitor.recent import RecentGroup

ASKED_S = 1800  # of each second, before the first event
POINTS = 2000


class Day:
    """The last day of a camera with its zones, or of a group."""

    def __init__(self) -> None:
        """Knows nothing yet."""
        self._counts: dict[str | None, RecentGroup] = {None: RecentGroup()}

    def put(self, zone: str | None, second: int, sample: Sample) -> None:
        """Takes what a second came to."""
        self._counts.setdefault(zone, RecentGroup()).put(second, sample)

    def oldest_s(self, zone: str | None = None) -> int | None:
        """Returns the first second that it may know, as wall time; None before the first reading."""
        count = self._counts.get(zone)
        return count.oldest_s() if count else None

    def hole_s(self, zone: str | None = None) -> float:
        """Returns for how long a count stands where no other comes."""
        return self._counts[None].hole_s()

    def span(self, grid: Grid, zone: str | None = None) -> Series:
        """Returns what was counted."""
        count = self._counts.get(zone)
        return count.span(grid) if count else Series.unknown(grid)


class Days:
    """Those of all cameras and groups."""

    def __init__(self) -> None:
        """Knows none yet."""
        self._days: dict[str, Day] = {}
        self._ends: dict[str, int] = {}
        self._lock = Lock()

    @staticmethod
    def query(now_s: float) -> dict[str, Any]:
        """Returns what is asked of a camera's history, for each of its last seconds."""
        return {"from": round(now_s) - ASKED_S, "to": round(now_s), "points": POINTS}

    def of(self, name: str) -> Day | None:
        """Returns one; None where nothing of it is known."""
        return self._days.get(name)

    def begin(self, name: str, history: Mapping[str, Any]) -> None:
        """Takes what a service answers of a camera's last seconds, as far as it is not known."""
        first, step_s = round(datetime.fromisoformat(history["begin"]).timestamp()), history["step_s"]
        columns = zip(history["mean"], history["least"], history["most"], history["readings"], strict=True)
        for number, (mean, least, most, readings) in enumerate(columns):
            if readings and step_s == 1:
                self._put(name, None, Sample(first + number, mean, least, most, readings))

    def put(self, name: str, second: int, said: Mapping[str, Any]) -> None:
        """Takes what an event says."""
        for zone in (None, *said.get("zones", ())):
            sample = sample_of(second, said, zone)
            if sample is not None:
                self._put(name, zone, sample)

    def _put(self, name: str, zone: str | None, sample: Sample) -> None:
        key = name if zone is None else f"{name}/{zone}"
        with self._lock:
            if sample.second <= self._ends.get(key, -1):
                return  # known from before, or told twice in one second
            self._ends[key] = sample.second
            self._days.setdefault(name, Day()).put(zone, sample.second, sample)
