"""Pictures of watched cameras for a screen, each at the size at which it is shown; made in a thread of their own.

They come at the camera's pace, while the count may lag. A camera that nobody looks at costs nothing, and whoever draws
never waits: it takes what is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from types import TracebackType
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from engine.capture.live import LiveCapture
from engine.handoff import WAIT_S, LatestSlot
from engine.monitor.monitor import Monitor
from engine.picture.frame import Frame
from engine.worker import Worker

Size = tuple[int, int]
"""Height and width in pixels."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a camera is shown."""

    within: Size
    """The room for its picture."""
    overlay: Literal["none", "heat", "heads"] = "none"
    """What is drawn over it; a map is made only where one is wanted, at the camera's density interval."""
    most: float | None = None
    """People per cell in the strongest colour; None takes what suits the picture."""


@dataclass(frozen=True, slots=True)
class Heat:
    """A density map as colours, to be laid over the whole picture."""

    colours: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGBA (h, w, 4), not premultiplied."""
    most: float
    """People per cell in the strongest colour."""
    cell: float
    """Width of a cell in pixels of the camera's picture, so that a legend can tell people per 100 pixels square."""
    made_s: float
    """When its frame came from the camera, on the monotonic clock."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A camera's picture as a screen draws it."""

    pixels: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB (height, width, 3), without what privacy masks hide."""
    size: Size
    """Of the whole picture, of which `pixels` may show fewer."""
    arrived_s: float
    """When it came from the camera, on the monotonic clock."""
    heat: Heat | None = None
    """The newest map where one is wanted and there is one that is not too old."""
    heads: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """Where heads are, (n, 2): x and y from 0 to 1 in the whole picture; None where not wanted or not known."""
    density: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    """People per cell of the newest map (h, w), which add up to the count of its frame; None as `heat` is."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """A camera that is on the screen."""

    wish: Wish
    frames: LatestSlot[Frame]
    pictures: LatestSlot[Picture]


class Screen:
    """A view of a monitor's cameras; used as a context manager it is closed at the end."""

    def __init__(self, monitor: Monitor) -> None:
        """Shows nothing until something is wanted."""
        self._monitor = monitor
        self._shown: dict[str, _Shown] = {}
        self._bell, self._closed = Event(), False
        self._worker = Worker("pictures for a screen", self._make)

    def want(self, wishes: Mapping[str, Wish]) -> None:
        """Says which cameras are visible, by their names, and how; for one thread."""
        before = self._shown
        self._shown = {name: self._room(before.get(name), wish) for name, wish in wishes.items()}
        self._bell.set()

    def newest(self, name: str) -> Picture | None:
        """Takes out a camera's newest picture; None if there was none since the last call, or it is not wanted."""
        shown = self._shown.get(name)
        return shown.pictures.get(timeout_s=0.0) if shown else None

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

    def _room(self, before: _Shown | None, wish: Wish) -> _Shown:
        if before is not None:
            return _Shown(wish, before.frames, before.pictures)
        frames: LatestSlot[Frame] = LatestSlot()
        frames.bell = self._bell
        return _Shown(wish, frames, LatestSlot())

    def _make(self) -> None:
        while not self._closed:
            self._bell.wait(WAIT_S)
            self._bell.clear()  # before looking, so that what comes while we look is seen the next time
            for session in self._monitor.sessions:
                self._serve(session.capture, self._shown.get(session.name))
        for session in self._monitor.sessions:
            self._serve(session.capture, None)

    def _serve(self, capture: LiveCapture, shown: _Shown | None) -> None:
        """Has a capture hand on its frames, also one that is new, and makes a picture of the newest."""
        capture.onlooker = shown.frames if shown else None
        frame = shown.frames.get(timeout_s=0.0) if shown else None
        if shown is None or frame is None:
            return
        try:
            shown.pictures.put(Picture(frame.picture_within(*shown.wish.within), frame.size, frame.arrived_s))
        except Exception as error:  # of this camera, whose trouble is not that of the others
            capture.spoiled(frame.time_s, error)
