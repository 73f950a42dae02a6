"""Pictures of watched cameras and recordings for a screen, each at the size at which it is shown; made in a thread.

They come at the camera's pace, while the count may lag; those of a recording come as they are counted. What nobody
looks at costs nothing, and whoever draws never waits: it takes what is there. A picture is made again where it is to be
shown in another way, also if its camera sends no more. Who wants a large picture of a camera whose small stream is
counted gets that of the main stream, while that comes, with the map of the other.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Event
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

from engine.calibration.ground import Ground
from engine.capture.health import STALL_S
from engine.capture.onlookers import Onlookers
from engine.handoff import WAIT_S, LatestSlot
from engine.monitor.crowding import stale_words
from engine.monitor.maps import Maps
from engine.monitor.monitor import Monitor
from engine.monitor.overlay import Drawing, Heat, Picture, Size, Wish
from engine.monitor.playing import Playing
from engine.monitor.session import Session
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.worker import Worker

__all__ = ["Heat", "Picture", "Screen", "Size", "Wish"]

OF_SMALL = ", of its small stream"
"""Behind the tiles in which a camera is counted whose main stream is shown."""


class Shown(Protocol):
    """What a screen can show."""

    @property
    def key(self) -> str:
        """By which it is wanted."""
        ...

    @property
    def view(self) -> View:
        """How its pictures are seen now."""
        ...

    @property
    def frame(self) -> Frame | None:
        """Its newest frame, if it keeps one."""
        ...

    @property
    def onlookers(self) -> Onlookers:
        """Who gets its frames."""
        ...

    @property
    def large_onlookers(self) -> Onlookers | None:
        """Who gets frames of its main stream, where another is counted."""
        ...

    @property
    def maps(self) -> Maps:
        """Where its newest density map is."""
        ...

    def unshown(self, time_s: float, error: Exception) -> None:
        """Notes that a frame could not be shown."""
        ...


class _Inlet:
    """Where frames come in from those who are attended to."""

    def __init__(self, bell: Event) -> None:
        self._frames: LatestSlot[Frame] = LatestSlot()
        self._frames.bell = bell
        self._onlookers: Onlookers | None = None
        self._frame: Frame | None = None

    def attend(self, onlookers: Onlookers | None) -> bool:
        """Gets frames from there and nowhere else; says whether that is another place than before."""
        before, self._onlookers = self._onlookers, onlookers
        if before is onlookers:
            return False
        if before is not None:
            before.remove(self._frames)
        if onlookers is not None:
            onlookers.add(self._frames)
        return True

    def put(self, frame: Frame) -> None:
        """Takes one that was there before."""
        self._frames.put(frame)

    def newest(self) -> Frame | None:
        """Returns the newest frame; None where none came yet."""
        self._frame = self._frames.get(timeout_s=0.0) or self._frame
        return self._frame

    def seen_by(self, view: View, frame: Frame) -> Frame:
        """Returns the newest frame, which is given, as it is seen now."""
        self._frame = frame if frame.view == view else frame.seen_by(view)
        return self._frame

    def forget(self) -> None:
        """Lets go of the newest frame."""
        self._frame = None


class _Place:
    """Where one of them is shown: its frames come in, its pictures go out."""

    def __init__(self, wish: Wish, bell: Event) -> None:
        self.wish = wish
        """Set by the thread that draws."""
        self.pictures: LatestSlot[Picture] = LatestSlot()
        self._frames, self._large = _Inlet(bell), _Inlet(bell)
        self._maps: Maps | None = None
        """That were asked for."""
        self._drawing = Drawing()

    def show(self, shown: Shown | None, ask_for_map: Callable[[Playing, Frame], None]) -> None:
        """Gets frames from what is shown now, and makes a picture of the newest if it is another than before."""
        wish = self.wish
        self._attend(shown)
        if shown is None:
            return
        maps = shown.maps
        if self._maps is not None and self._maps is not maps:
            self._maps.want(self, wanted=False)
        self._maps = maps
        maps.want(self, wanted=wish.overlay != "none")
        frame = self._frames.newest()
        if frame is None:
            return
        try:
            frame, large = self._frames.seen_by(shown.view, frame), self._newest_large(shown.view)
            density = maps.newest((large or frame).arrived_s) if wish.overlay != "none" else None
            picture = self._drawing.another(large or frame, wish, density, _ground(shown, frame))
        except Exception as error:  # of this camera, whose trouble is not that of the others
            shown.unshown(frame.time_s, error)
            return
        if picture is not None:
            self.pictures.put(replace(picture, tiles=f"{frame.layout.tiles}{OF_SMALL}") if large else picture)
        is_mapped = density is not None and density.made_s == frame.arrived_s
        if isinstance(shown, Playing) and shown.is_held and wish.overlay != "none" and not is_mapped:
            ask_for_map(shown, frame)

    def _newest_large(self, view: View) -> Frame | None:
        """Returns the newest frame of the main stream; None where it does not come just now."""
        large = self._large.newest()
        if large is None or monotonic() - large.arrived_s > STALL_S:
            self._large.forget()
            return None
        return self._large.seen_by(view, large)

    def _attend(self, shown: Shown | None) -> None:
        """Changes over to what is shown now, which may be a camera of the same name that is connected anew."""
        if self._frames.attend(shown.onlookers if shown else None):
            if self._maps is not None:
                self._maps.want(self, wanted=False)
            self._maps = None
            if shown is not None and (newest := shown.frame) is not None:
                self._frames.put(newest)
        self._large.attend(shown.large_onlookers if shown and self.wish.is_large else None)


class Screen:
    """A view of a monitor's cameras and recording; used as a context manager it is closed at the end."""

    def __init__(self, monitor: Monitor) -> None:
        """Shows nothing until something is wanted."""
        self._monitor = monitor
        self._places: dict[tuple[object, str], _Place] = {}
        """By who looks, and at what."""
        self._left: list[_Place] = []
        self._asked: Frame | None = None
        self._bell, self._closed = Event(), False
        self._worker = Worker("pictures for a screen", self._make)

    @property
    def failure(self) -> Exception | None:
        """Why no more pictures will come, or None; one that could not be made is in its camera's health."""
        return self._worker.failure

    def want(self, wishes: Mapping[str, Wish], viewer: object = None) -> None:
        """Says what one viewer sees, cameras by their names and a recording by its key, and how; for one thread."""
        before = self._places
        places = {at: place for at, place in before.items() if at[0] is not viewer}
        for key, wish in wishes.items():
            place = before.get((viewer, key)) or _Place(wish, self._bell)
            place.wish = wish
            places[viewer, key] = place
        self._left += [place for at, place in before.items() if at not in places]
        self._places = places
        self._bell.set()

    def newest(self, key: str, viewer: object = None) -> Picture | None:
        """Takes out a viewer's newest picture; None if there was none since the last call, or it is not wanted."""
        place = self._places.get((viewer, key))
        return place.pictures.get(timeout_s=0.0) if place else None

    def close(self) -> None:
        """Ends the thread and waits for it; may be called twice."""
        self._closed = True
        self._bell.set()
        self._worker.finish()

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make(self) -> None:
        try:
            while not self._closed:
                self._bell.wait(WAIT_S)
                self._bell.clear()  # before looking, so that what comes while we look is seen the next time
                self._leave()
                shown = {one.key: one for one in self._monitor.shown}
                for (_, key), place in self._places.items():
                    place.show(shown.get(key), self._ask_for_map)
        finally:
            self._left += self._places.values()
            self._leave()

    def _leave(self) -> None:
        while self._left:
            self._left.pop().show(None, self._ask_for_map)

    def _ask_for_map(self, playing: Playing, frame: Frame) -> None:
        """Has the frame on which a recording is held mapped, once."""
        if self._asked is None or self._asked.arrived_s != frame.arrived_s:
            self._asked = frame
            self._monitor.map_once(playing.name, frame, playing.maps)


def _ground(shown: Shown, frame: Frame) -> Ground | None:
    """Returns where the ground is in a frame; None where nobody knows, or the picture or its view is another by now."""
    if not isinstance(shown, Session) or shown.settings.calibration is None or shown.counter.watch.has_moved:
        return None
    calibration = shown.settings.calibration
    if stale_words(calibration, frame.size[1] / frame.size[0]):
        return None
    return calibration.ground
