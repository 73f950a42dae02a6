"""What a service recorded of its cameras: fetched by segments, whole or not at all, into a folder that ends with it.

So much is kept at most, and what was opened longest ago goes first. A segment that is there already is asked for again
all the same, by its first byte: what the service would not give any more, as where privacy masks changed, is not shown.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from engine.client.door import Door
from engine.client.segment_cache import SegmentCache
from engine.errors import SourceError
from engine.history.series import Grid, Series
from engine.recording.camera_footage import CameraFootage, Cut
from engine.recording.counts import Counts
from engine.recording.segments import Segment, Span, size_words
from engine.rules.series import Subject

NEAR_S = 1.0
"""What was recorded so near a moment shows it."""
DAY_S = 86_400


class There(NamedTuple):
    """A segment as the service has it."""

    path: str
    """At the service."""
    name: str
    """Day and file."""
    begin_s: float
    """In seconds since 1970 (UTC), as is `end_s`."""
    end_s: float
    bytes: int


class RemoteRecordings:
    """Asks a service, and waits for its answers; what has no underscore may be called by any thread."""

    around_s = 120.0
    """How much before and after a moment is opened with it: it has to be fetched first."""

    def __init__(
        self, door: Door, series: Callable[[Subject, Grid], Series], cache: SegmentCache | None = None
    ) -> None:
        """Takes whom to ask, what asks for counts, and where segments are kept; fetches nothing yet."""
        self._door, self._series, self._cache = door, series, cache or SegmentCache()
        self.place = door.service.name
        """Where they lie, for people."""

    def close(self) -> None:
        """Deletes all that was fetched."""
        self._cache.close()

    def cameras(self) -> list[str]:
        """Returns the cameras of which there are recordings; raises SourceError."""
        known = self._door.get("/api/recordings")["recordings"]
        return sorted(each["camera"] for each in known if each["bytes"])

    def spans(self, camera: str) -> list[Span]:
        """Returns the times of which there are recordings of a camera, in order; raises SourceError."""
        said = self._door.get(f"{_path(camera)}/spans")["spans"]
        return [Span(_second(each["begin"]), _second(each["end"])) for each in said]

    def recorded_at(self, cameras: Sequence[str], at_s: float) -> str | None:
        """Returns the first of some cameras of which a moment was recorded; None: of none; raises SourceError."""
        return next((camera for camera in cameras if self._near(camera, at_s)["segments"]), None)

    def camera_at(self, cameras: Sequence[str], at_s: float) -> str:
        """Returns the same; raises SourceError where there is none, or what was recorded is still being written."""
        answers = {camera: self._near(camera, at_s) for camera in cameras}
        found = next((camera for camera, answer in answers.items() if answer["segments"]), None)
        if found is not None:
            return found
        begun = [answer["writing_since"] for answer in answers.values() if answer["writing_since"]]
        if any(_second(since) <= at_s + NEAR_S for since in begun):
            raise SourceError(f"what {self.place} recorded then is still being written; open it in a minute")
        raise SourceError(f"{self.place} recorded nothing at that moment; choose another")

    def footage(
        self, camera: str, span: tuple[float, float], is_wanted: Callable[[], bool]
    ) -> Iterator[float | CameraFootage]:
        """Yields which share of a span's segments was fetched, then the recording, which is not counted here.

        Raises:
            EngineError: nothing was recorded then, it is too much, or it cannot be had or written.
        """
        found = self._segments(camera, *span)
        total, fetched, segments = sum(each.bytes for each in found), 0, list[Segment]()
        if total > self._cache.most_bytes:
            raise SourceError(
                f"what was recorded of camera '{camera}' in this span has {size_words(total)}, expected at most "
                f"{size_words(self._cache.most_bytes)}; choose a shorter one"
            )
        for there in found:
            yield fetched / max(1, total)
            if not is_wanted():
                return
            segments.append(self._fetched(camera, there, is_wanted))
            fetched += there.bytes
        counts = self._counts(camera, span)
        yield CameraFootage(Cut(camera, tuple(segments), *span, is_counted=False), counts.within)

    def _fetched(self, camera: str, there: There, is_wanted: Callable[[], bool]) -> Segment:
        """Returns a segment as it lies here; raises EngineError where it cannot be had, or is no longer wanted."""
        path = self._cache.path(camera, there.name)
        if not self._cache.has(path, there.bytes):
            with self._cache.making(path, there.bytes) as partial:
                self._door.fetch(there.path, partial, there.bytes, is_wanted)
        elif not self._door.is_there(there.path):
            path.unlink(missing_ok=True)
            raise SourceError(f"{self.place} gives '{there.name}' of camera '{camera}' no more; choose another span")
        return Segment(there.begin_s, there.end_s, path, there.bytes)

    def _segments(self, camera: str, from_s: float, to_s: float) -> list[There]:
        """Returns what there is of a span; raises SourceError where there is nothing."""
        found: dict[str, There] = {}
        while from_s < to_s:
            end_s = min(to_s, from_s + DAY_S)
            for said in self._door.get(f"{_path(camera)}/segments", **{"from": from_s, "to": end_s})["segments"]:
                path = f"{_path(camera)}/segments/{quote(said['name'])}"
                there = There(path, said["name"], _second(said["begin"]), _second(said["end"]), said["bytes"])
                found[there.name] = there
            from_s = end_s
        if not found:
            raise SourceError(f"nothing was recorded of camera '{camera}' in this span; choose another")
        return list(found.values())

    def _counts(self, camera: str, span: tuple[float, float]) -> "_Known":
        grid = Grid(int(span[0]), 1, int(span[1]) - int(span[0]) + 1)
        return _Known(counts_in(self._series(Subject(camera), grid)))

    def _near(self, camera: str, at_s: float) -> Any:
        return self._door.get(f"{_path(camera)}/segments", **{"from": at_s - NEAR_S, "to": at_s + NEAR_S})


class _Known:
    """Counts that were asked for once."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def within(self, from_s: float, to_s: float) -> Counts:
        """Returns those from one moment since 1970 to another."""
        times = self._counts.times
        first, end = np.searchsorted(times, (int(from_s), to_s), side="left")
        return Counts(times[first:end], self._counts.people[first:end])


def counts_in(series: Series) -> Counts:
    """Returns the counts that are known, at the begin of their seconds since 1970."""
    known = series.readings > 0
    return Counts(series.grid.starts_s[known], series.mean[known].astype(np.float64))


def _path(camera: str) -> str:
    return f"/api/recordings/{quote(camera, safe='')}"


def _second(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
