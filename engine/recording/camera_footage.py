"""A span of a camera's recording that is played as one, over many segments with gaps."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.view import NO_MASK, View
from engine.recording.camera_travel import CameraTravel
from engine.recording.counts import Counts
from engine.recording.export import Export, write_export
from engine.recording.finder import Found
from engine.recording.passes import Pass, SegmentPass
from engine.recording.reel import Part, Reel, read_reel
from engine.recording.seeker import MOST_BYTES, Seeker
from engine.recording.segments import Segment
from engine.recording.sighting import Counting, seen_in
from engine.recording.spans import Spans
from engine.sources.playback import Playback

OPEN = 2
"""Segments that are kept open to be looked at."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What of a camera is to be played."""

    camera: str
    segments: tuple[Segment, ...]
    """In their order."""
    from_s: float
    """In seconds since 1970 (UTC), as is `to_s`."""
    to_s: float
    view: View | None = None
    """How the camera is seen now; None takes what is asked for."""
    is_counted: bool = True
    """Whether what is not known of it is counted."""

    @property
    def title(self) -> str:
        """What people call it, by this computer's clock."""
        first, last = datetime.fromtimestamp(self.from_s), datetime.fromtimestamp(self.to_s)
        end = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
        return f"{self.camera}, {first:%Y-%m-%d %H:%M} to {end}"


class CameraFootage:
    """What was recorded of one camera in one span."""

    path = None

    def __init__(self, cut: Cut, known: Callable[[float, float], Counts]) -> None:
        """Reads nothing yet; `known` returns the counts of the log from one moment to another, by its seconds."""
        self.name, self._cut, self._known = cut.title, cut, known
        self._reading = Lock()
        self._reel: Reel | None = None

    @property
    def camera(self) -> str:
        """Whose it is."""
        return self._cut.camera

    @property
    def logged_as(self) -> str:
        """Its counts are those of the camera."""
        return self.camera

    @property
    def begin_s(self) -> float:
        """When its first picture was, in seconds since 1970 (UTC), as far as is known by now."""
        return self._reel.begin_s if self._reel else self._cut.from_s

    def identity(self) -> None:
        """Its counts are in the log."""

    def known(self) -> Counts:
        """Returns the counts that are in the log."""
        reel = self._reel
        if reel is None:
            return Counts.none()
        found = self._known(reel.begin_s, reel.begin_s + reel.duration_s)
        return Counts(found.times - reel.begin_s, found.people)

    def seen(self, view: View, counting: Counting) -> View:
        """Sees it as the camera is seen, but for what is asked for; looks at it where it is counted in an open grid."""
        own = self._cut.view or view
        own = replace(own, grid=view.grid or own.grid, aspect=view.aspect or own.aspect)
        is_open = self._cut.is_counted and self._cut.segments
        return seen_in(self._cut.segments[0].path, own, counting) if is_open else own

    def travel(self, view: View, playback: Playback) -> CameraTravel:
        """Opens it to be counted, but for what is known; raises SourceError where nothing of it can be read."""
        reel = self.reel()
        assert reel is not None, "it is wanted"
        travel = CameraTravel(self.name, reel, view, playback, self.known())
        if not self._cut.is_counted:
            travel.leave_out(Spans([(0, len(reel))]))
        return travel

    def finder(self, view: View, is_wanted: Callable[[], bool]) -> "CameraFinder | None":
        """Opens it to be looked at; raises SourceError where nothing of it can be read."""
        reel = self.reel(is_wanted)
        return None if reel is None else CameraFinder(reel, view)

    def glimpse(self, view: View) -> None:
        """Its finder comes at once."""

    def passes(self, view: View) -> Sequence[Pass]:
        """Returns its segments; raises SourceError."""
        reel = self.reel()
        assert reel is not None, "it is wanted"
        return [SegmentPass(part, view) for part in reel.parts]

    def save(
        self, path: Path, span: tuple[float, float], is_wanted: Callable[[], bool], on_step: Callable[[float], object]
    ) -> float:
        """Copies a span into a file of its own, as `write_export` does; returns when that begins, in seconds."""
        cut, begin_s = self._cut, self.begin_s
        private = cut.view.private if cut.view else NO_MASK
        export = Export(cut.segments, begin_s + span[0], begin_s + span[1], private)
        return write_export(path, export, is_wanted=is_wanted, on_step=on_step).begin_s - begin_s

    def reel(self, is_wanted: Callable[[], bool] = lambda: True) -> Reel | None:
        """Returns where its pictures are; None where that is no longer wanted; raises SourceError."""
        with self._reading:
            if self._reel is None:
                self._reel = read_reel(self._cut.segments, self._cut.from_s, self._cut.to_s, is_wanted)
            return self._reel


class CameraFinder:
    """Finds pictures in segments by their times in the whole; of one thread."""

    def __init__(self, reel: Reel, view: View) -> None:
        """Opens nothing yet."""
        self._reel, self._view = reel, view
        self._seekers: OrderedDict[int, Seeker] = OrderedDict()

    @property
    def times(self) -> NDArray[np.float64]:
        """Of all pictures, in seconds, rising."""
        return self._reel.times

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        return self._reel.place(time_s)

    def close(self) -> None:
        """Closes what is open."""
        while self._seekers:
            self._seekers.popitem()[1].close()

    def frames(self, time_s: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Found]:
        """Yields a frame near a time as soon as there is one, then the exact one; stops once it is not wanted.

        Raises:
            SourceError: it and all before it in its segment are damaged, or its segment is no longer there.
        """
        number = self.place(time_s)
        part = self._reel.part(number)
        for found in self._seeker(part).frames(float(part.index.times[part.own(number)]), is_wanted):
            at = part.number(found.frame.index)
            frame = Frame(at, float(self.times[at]), found.frame.shot, self._view, arrived_s=found.frame.arrived_s)
            yield Found(frame, found.is_exact)

    def _seeker(self, part: Part) -> Seeker:
        if part.first not in self._seekers:
            if not part.path.exists():
                raise SourceError(f"{part.path} is no longer there; the oldest recordings are deleted in time")
            self._seekers[part.first] = Seeker(part.path, part.index, view=self._view, most_bytes=MOST_BYTES // OPEN)
        self._seekers.move_to_end(part.first)
        while len(self._seekers) > OPEN:
            self._seekers.popitem(last=False)[1].close()
        return self._seekers[part.first]
