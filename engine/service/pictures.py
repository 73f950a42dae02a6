"""Pictures of cameras as JPEG for whoever asks: made when they are asked for, each once, however many look at it.

A camera's frames and density maps are taken only while somebody asks again and again. What is asked for is made at one
of a few widths, so that no one can have pictures made in all sizes.
"""

from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.errors import OutputError
from engine.handoff import LatestSlot
from engine.monitor.monitor import Monitor
from engine.monitor.overlay import Drawing, Picture, Wish
from engine.monitor.session import Session
from engine.picture.frame import Frame
from engine.picture.heatmap import blended
from engine.picture.masks import BLACK, blank_private
from engine.picture.view import View

WIDTHS = (160, 320, 480, 640, 960, 1280, 1920)
"""In pixels; what is asked for gets the next larger one, as far as the camera has so many."""
MOST_HEIGHT = 2160
LOOKED_S = 6.0  # after which nobody is taken to look any more
MAP_WAIT_S = 2.0  # for the first map since somebody looks
QUALITY = 80
HEAD_COLOUR = 255, 176, 0

Overlay = Literal["none", "heat", "heads"]


@dataclass(slots=True, eq=False)
class _Shot:
    """A camera's picture in one width and way."""

    drawing: Drawing = field(default_factory=Drawing)
    jpeg: bytes = b""


@dataclass(slots=True, eq=False)
class _Looked:
    """A camera that somebody looks at."""

    session: Session
    begun_s: float
    frames: LatestSlot[Frame] = field(default_factory=LatestSlot)
    frame: Frame | None = None
    asked_s: float = float("-inf")
    mapped_s: float = float("-inf")
    """When it was asked for with a map."""
    shots: dict[tuple[Overlay, int], _Shot] = field(default_factory=dict)
    drawing: Lock = field(default_factory=Lock)

    def attend(self, now_s: float) -> None:
        self.session.onlookers.add(self.frames)
        self.session.maps.want(self, wanted=now_s - self.mapped_s <= LOOKED_S)

    def leave(self) -> None:
        self.session.onlookers.remove(self.frames)
        self.session.maps.want(self, wanted=False)


class Gallery:
    """The pictures of a monitor's cameras; any thread may ask."""

    def __init__(self, monitor: Monitor) -> None:
        """Looks at nothing yet."""
        self._monitor, self._lock = monitor, Lock()
        self._looked: dict[str, _Looked] = {}

    def ask(self, name: str, overlay: Overlay) -> bool:
        """Says that somebody looks at a camera now; False where there is none of that name. Never waits."""
        session = next((each for each in self._monitor.sessions if each.name == name), None)
        if session is None:
            return False
        now_s = monotonic()
        with self._lock:
            looked = self._looked.get(name)
            if looked is None or looked.session.capture is not session.capture:
                self._let_go(name)
                looked = self._looked[name] = _Looked(session, now_s)
            looked.session, looked.asked_s = session, now_s
            looked.mapped_s = now_s if overlay != "none" else looked.mapped_s
            looked.attend(now_s)
        return True

    def is_there(self, name: str, overlay: Overlay) -> bool:
        """Whether there is a picture as it was asked for; one without a map is, where none comes in time."""
        looked = self._looked.get(name)
        if looked is None:
            return False
        looked.frame = looked.frames.get(timeout_s=0.0) or looked.frame
        if looked.frame is None or overlay == "none":
            return looked.frame is not None
        is_late = monotonic() - looked.begun_s >= MAP_WAIT_S
        return is_late or looked.session.maps.newest(looked.frame.arrived_s) is not None

    def jpeg(self, name: str, overlay: Overlay, width: int) -> bytes | None:
        """Returns the newest picture of a camera, at most one step wider than asked for; None where there is none.

        Raises:
            OutputError: it cannot be encoded.
        """
        looked = self._looked.get(name)
        if looked is None or not self.is_there(name, "none"):
            return None
        wide = next((each for each in WIDTHS if each >= width), WIDTHS[-1])
        with looked.drawing:
            frame, view = looked.frame, looked.session.view
            assert frame is not None
            frame = looked.frame = frame if frame.view == view else frame.seen_by(view)
            shot = looked.shots.setdefault((overlay, wide), _Shot())
            density = looked.session.maps.newest(frame.arrived_s) if overlay != "none" else None
            picture = shot.drawing.another(frame, Wish((MOST_HEIGHT, wide), overlay), density)
            if picture is not None:
                shot.jpeg = _encoded(_drawn(picture, view))
            return shot.jpeg or None

    def tidy(self, now_s: float) -> None:
        """Lets go of what nobody looks at any more; has to be called about once a second."""
        there = {session.capture for session in self._monitor.sessions}
        with self._lock:
            for name, looked in list(self._looked.items()):
                if now_s - looked.asked_s > LOOKED_S or looked.session.capture not in there:
                    self._let_go(name)
                else:
                    looked.attend(now_s)

    def close(self) -> None:
        """Lets go of all."""
        with self._lock:
            for name in list(self._looked):
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        looked = self._looked.pop(name, None)
        if looked is not None:
            looked.leave()


def _drawn(picture: Picture, view: View) -> NDArray[np.uint8]:
    """Returns it with what is drawn over it, RGB, without what privacy masks hide."""
    pixels = picture.pixels
    if picture.heat is not None:
        pixels = blended(pixels, picture.heat.colours)
        blank_private(pixels, view.private, BLACK)  # whatever a map says of what nobody saw
    if picture.heads is not None:
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        for x, y in picture.heads:
            cv2.circle(pixels, (round(float(x) * width), round(float(y) * height)), 3, HEAD_COLOUR, -1, cv2.LINE_AA)
    return pixels


def _encoded(picture: NDArray[np.uint8]) -> bytes:
    done, content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OutputError("a picture cannot be encoded, expected one; see what the camera sends")
    return content.tobytes()
