"""A recording while it is played and counted beside the cameras: read whole, and shown as it is counted."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import count
from time import monotonic
from typing import NamedTuple, Protocol

from engine.camera import Camera
from engine.capture.onlookers import Onlookers
from engine.capture.recording import RecordingCapture
from engine.counting.counter import Counter
from engine.counting.reading import Reading, Sample
from engine.handoff import Outlet
from engine.inference.contract import ModelFile
from engine.inference.model import Model
from engine.log.run import LoggedRun
from engine.log.store import Store
from engine.monitor.keeping import Keeping
from engine.monitor.looking import Looking
from engine.monitor.maps import Maps
from engine.monitor.progress import Progress
from engine.monitor.sight import Sight
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.cache import Cache
from engine.recording.counts import DOUBTS, Counts, KeptCounts, Way
from engine.recording.footage import Footage, Travel
from engine.recording.identity import Identity
from engine.recording.sighting import Counting
from engine.recording.spans import Spans
from engine.sources.playback import Playback

EVERY_FRAME = 0.0  # seconds between the maps of a recording, while they are shown

logger = logging.getLogger(__name__)

_numbers = count()


class Point(NamedTuple):
    """One count."""

    time_s: float
    """Of the frame in its recording."""
    people: float
    arrived_s: float
    """When it was counted, on the monotonic clock."""
    missing: int = 0
    """Frames that were lost just before it, whose counts nobody knows."""
    doubt: int = 0
    """Why it is not to be relied on, as its place in `DOUBTS`."""


class Follower(Protocol):
    """Who wants to know all that is found in a recording; must not wait."""

    def recalled(self, counts: Counts) -> None:
        """Takes what was counted before it was opened; called first."""
        ...

    def counted(self, point: Point) -> None:
        """Takes a count; called in the inference thread."""
        ...

    def logged(self, samples: list[Sample]) -> None:
        """Takes samples that are now safely in the log; called in its thread."""
        ...


@dataclass(frozen=True, slots=True)
class PlayOrder:
    """What is to be played."""

    footage: Footage
    aspect: Fraction | None = None
    """Width over height of its pictures as shown; None takes what it says."""
    follower: Follower | None = None


class Following:
    """An outlet that tells a follower of each count, and which frames are missing before it."""

    def __init__(self, follower: Follower, lost: Spans) -> None:
        """`lost` are the numbers of frames that cannot be had, as far as is known by now."""
        self._follower, self._lost = follower, lost

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        frame = reading.frame
        missing = frame.index - self._lost.start_before(frame.index)
        doubt = DOUBTS.index(reading.doubt)
        self._follower.counted(Point(frame.time_s, reading.count, monotonic(), missing, doubt))
        return True

    def close(self) -> None:
        """The follower keeps what it has."""


@dataclass(frozen=True, slots=True, eq=False)
class Playing:
    """A recording, and where its readings go."""

    order: PlayOrder
    source: Travel
    capture: RecordingCapture
    view: View
    looking: Looking
    progress: Progress
    key: str = field(default_factory=lambda: f"\0{next(_numbers)}")
    """By which a screen knows it; no camera's name, and another for each playing."""
    counter: Counter = field(default_factory=Counter)
    counted_maps: Maps = field(default_factory=lambda: Maps(EVERY_FRAME))
    looked_maps: Maps = field(default_factory=lambda: Maps(None, of_one=True))
    sight: Sight = field(default_factory=Sight)
    following: Sequence[Following] = ()
    keeping: Keeping | None = None
    """Where its counts are kept for the next time; None where they are kept elsewhere, or of another model."""
    run: LoggedRun | None = None
    """In the log; None where there is no log."""
    identity: Identity | None = None
    """By which its spot checks are known; None where it has none of its own."""

    @property
    def name(self) -> str:
        """Of the file, as it can be shown."""
        return self.capture.name

    @property
    def onlookers(self) -> Onlookers:
        """Who gets its frames."""
        return self.sight.onlookers

    @property
    def large_onlookers(self) -> None:
        """None: it has one stream."""
        return None

    @property
    def frame(self) -> Frame | None:
        """The newest that was counted."""
        return self.sight.frame

    @property
    def maps(self) -> Maps:
        """Those of what is shown."""
        return self.looked_maps if self.sight.is_elsewhere else self.counted_maps

    @property
    def is_held(self) -> bool:
        """Whether no further frame is on its way, since it is paused or over, or one is looked at for a moment."""
        if self.sight.is_elsewhere:
            looked, is_sought = self.looking.looked, self.capture.playback.gives_way
            return self.sight.is_settled and not is_sought and not (looked and looked.is_running)
        return self.capture.playback.paused or self.capture.frames.closed

    @property
    def problems(self) -> list[Exception | str]:
        """What ended it before its time, and what was wrong with it."""
        failure = self.capture.failure
        return [*([failure] if failure else []), *(f"{self.name}: {flaw}" for flaw in self.source.flaws.warnings)]

    @property
    def camera(self) -> Camera:
        """What the pipeline is given."""
        outlets: Sequence[Outlet[Reading]] = [
            self.counted_maps,
            self.sight,
            self.progress,
            *self.following,
            *([self.keeping] if self.keeping else []),
            *([self.run] if self.run else []),
        ]
        return Camera(self.capture, outlets, self.counter, self.counted_maps.schedule)

    @property
    def is_known(self) -> bool:
        """Whether all of it was counted before."""
        if self.keeping is not None:
            return self.keeping.was_all
        times = self.source.times
        return times is not None and self.source.left_out.next_missing(0) >= len(times)

    def begin(self) -> None:
        """Begins to show it: as it is counted, or, where some of it was counted before, as it looks beside that."""
        if self.progress.was_begun:
            self._turn()
            self.looking.look(0.0, runs=True)
        else:
            self.looking.prepare()

    def look(self, time_s: float, *, runs: bool = False, speed: float = 1.0) -> None:
        """Shows the picture of a time, and those after it if it `runs`; counting goes on at full speed meanwhile.

        It goes on there, unless what is there is counted.
        """
        self._turn()
        self.source.go_to(time_s)
        self.looking.look(time_s, runs=runs, speed=speed)

    def step(self, pictures: int, from_s: float) -> None:
        """Shows the picture so many behind the one that is shown, or before it; it is at `from_s` if none was sought.

        Counting goes on at full speed meanwhile.
        """
        self._turn()
        if self.looking.looked is None:
            self.looking.look(from_s)
        self.looking.step(pictures)

    def _turn(self) -> None:
        self.sight.is_elsewhere = True
        self.capture.playback.hurry()

    def begin_run(self, store: Store | None, model: ModelFile) -> LoggedRun | None:
        """Returns a run of it in a log, if there is one, and something is to be counted.

        What is counted of a camera's footage stands in the log at the time at which it was recorded.
        """
        if store is None or self.is_known:
            return None
        follower, footage = self.order.follower, self.order.footage
        return store.run(
            camera=footage.logged_as,
            model=model,
            began_s=footage.begin_s,
            on_written=follower.logged if follower else lambda samples: None,
        )

    def unshown(self, time_s: float, error: Exception) -> None:
        """Says that a frame could not be shown; its count stands."""
        logger.error("%s: the frame at %.1f s cannot be shown", self.name, time_s, exc_info=error)


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that was opened, and is not played yet."""

    order: PlayOrder
    identity: Identity | None
    playback: Playback
    view: View
    travel: Travel

    def playing(self, model: Model) -> Playing:
        """Returns it as it is played, with what was counted of it before by a model."""
        order, footage, travel, sight = self.order, self.order.footage, self.travel, Sight()
        way = Way(model.file.sha256, model.provider, grid=self.view.tiles_shape, aspect=order.aspect)
        kept = KeptCounts(Cache(), way.key(self.identity)) if self.identity else None
        known = footage.known() if kept is None else kept.counts
        travel.leave_out(Spans() if kept is None else kept.done)
        if order.follower:
            order.follower.recalled(known)
        return Playing(
            order,
            travel,
            RecordingCapture(travel, self.playback, on_first=sight.begin),
            self.view,
            Looking(
                footage.name,
                partial(footage.finder, self.view),
                sight.look,
                self.playback.give_way,
                partial(footage.glimpse, self.view),
            ),
            Progress(travel, known, None if kept is None else kept),
            sight=sight,
            following=[Following(order.follower, travel.lost)] if order.follower else [],
            keeping=None if kept is None else Keeping(kept, travel, lambda: _key(way, footage)),
            identity=self.identity,
        )


def opened(order: PlayOrder, counting: Counting) -> Opened:
    """Opens a recording, after a look at its beginning.

    Args:
        order: what is to be played.
        counting: asked for some of its frames, by which the grid is chosen.

    Raises:
        SourceError: it cannot be read.
    """
    view, playback = order.footage.seen(View(aspect=order.aspect), counting), Playback(own_speed=True)
    travel = order.footage.travel(view, playback)
    return Opened(order, order.footage.identity(), playback, view, travel)


def _key(way: Way, footage: Footage) -> str | None:
    identity = footage.identity()
    return way.key(identity) if identity else None
