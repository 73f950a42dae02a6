"""An outlet that sums a camera's readings up until they are asked for."""

from collections.abc import Callable
from threading import Lock

from engine.counting.reading import Reading, Sample, Sampler

ANY_SECOND = 0.0  # a count belongs to the second in which it is made, however long its frame had to wait


class Feed:
    """Takes what is counted of a camera; asked once a second by the thread that steps the rules."""

    def __init__(self) -> None:
        self._sampler, self._lock = Sampler(), Lock()
        self.newest: Reading | None = None
        """What was counted last, with its frame, where that is wanted or somebody looks."""
        self.mapped: Reading | None = None
        """What was counted last with a density map, where that is wanted."""
        self.is_looked_at: Callable[[], bool] = lambda: False
        """Whether somebody sees its pictures, who may check the newest count."""
        self._is_wanted = self._is_map_wanted = False

    def want_newest(self, *, wanted: bool) -> None:
        """Says whether the newest reading is kept; frames are large."""
        self._is_wanted = wanted
        if not wanted:
            self.newest = None

    def want_mapped(self, *, wanted: bool) -> None:
        """Says whether the newest reading with a map is kept: it may not be the newest for long."""
        self._is_map_wanted = wanted
        if not wanted:
            self.mapped = None

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        with self._lock:
            self._sampler.add(ANY_SECOND, reading)
        self.newest = reading if self._is_wanted or self.is_looked_at() else None
        if self._is_map_wanted and reading.density is not None:
            self.mapped = reading
        return True

    def close(self) -> None:
        """What was counted can still be taken."""

    def take(self) -> Sample | None:
        """Returns what was counted since it was taken last, None if nothing was; its second means nothing."""
        with self._lock:
            return self._sampler.finish()
