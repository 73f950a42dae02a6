"""One frame of a camera or recording, held while somebody counts the heads in it."""

from dataclasses import dataclass, field
from time import time

import numpy as np
from numpy.typing import NDArray

from engine.capture.health import State
from engine.checks.kept import new_uid
from engine.checks.spot_check import Point, SpotCheck
from engine.errors import EngineError, SourceError
from engine.inference.contract import ModelFile
from engine.monitor.maps import DensityMap, Maps
from engine.monitor.monitor import Monitor
from engine.monitor.overlay import Drawing, Picture, Wish
from engine.monitor.playing import Playing
from engine.monitor.session import Session
from engine.picture.frame import Frame


@dataclass(frozen=True, slots=True)
class HeldFrame:
    """A frame that stays, whatever its camera does meanwhile."""

    name: str
    """Of the camera or recording."""
    frame: Frame = field(repr=False)
    shown: Session | Playing = field(repr=False)
    model: ModelFile = field(repr=False)
    time_s: float
    """Of the frame in its recording; of a live camera seconds since 1970 (UTC)."""
    read: float | None = None
    """What was counted in it when it was held; None where it was not counted."""
    maps: Maps = field(default_factory=lambda: Maps(None, of_one=True), repr=False)
    """That of this very frame, once it is made."""
    _drawing: Drawing = field(default_factory=Drawing, repr=False)

    @property
    def counted(self) -> float | None:
        """What the model says of it; None while that is not known."""
        density = self._map
        return density.count if self.read is None and density is not None else self.read

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture in pixels."""
        return self.frame.size

    def picture(self, wish: Wish) -> Picture | None:
        """Returns it as a screen draws it, with its map if there is one of this very frame; None where unchanged.

        Takes as long as it takes; for one thread at a time.
        """
        return self._drawing.another(self.frame, wish, self._map if wish.overlay != "none" else None)

    def pixels(self) -> NDArray[np.uint8]:
        """Returns the whole picture, RGB (height, width, 3), without what privacy masks hide."""
        return self.frame.picture_within(*self.size)

    @property
    def _map(self) -> DensityMap | None:
        """That of this very frame."""
        return self.maps.newest(self.frame.arrived_s)

    def checked(self, points: tuple[Point, ...], who: str, *, note: str = "") -> SpotCheck:
        """Returns what somebody counted in it; reads the ends of a recording, by which it is known again.

        Args:
            points: of all heads, x and y relative to the picture's size.
            who: by whom.
            note: what they want to say of it.
        """
        return SpotCheck(
            uid=new_uid(),
            camera=self.name,
            time_s=self.time_s,
            size=self.size,
            points=points,
            counted=self.counted,
            model_name=self.model.name,
            model_sha256=self.model.sha256,
            who=who,
            note=note,
            source_sha256=_sha256_of(self.shown),
        )


def hold(monitor: Monitor, key: str) -> HeldFrame:
    """Holds the frame that is shown of a recording, or that was counted last of a camera.

    It is mapped, so that the count of a recording's frame is known soon, and people may compare.

    Raises:
        EngineError: there is none of that key, or no frame of it.
    """
    shown = next((one for one in monitor.shown if one.key == key), None)
    if shown is None or monitor.model is None:
        raise EngineError("it is not watched now, expected a camera or a recording that is shown")
    frame = _frame_of(shown)
    if frame is None:
        raise EngineError(f"'{shown.name}' has no picture yet, expected one; wait for it")
    model = monitor.model.file
    if isinstance(shown, Playing):
        held = HeldFrame(shown.name, frame, shown, model, frame.time_s)
    else:
        model = shown.model.file if shown.model else model
        reading = shown.feed.newest
        counted = reading.uncorrected if reading is not None and reading.frame is frame else None
        held = HeldFrame(shown.name, frame, shown, model, time(), read=counted)
    monitor.map_once(held.name, frame, held.maps)
    return held


def _frame_of(shown: Session | Playing) -> Frame | None:
    if isinstance(shown, Playing):
        return shown.frame
    is_live = shown.capture.health.state is State.LIVE
    reading = shown.feed.newest
    return reading.frame if is_live and reading is not None else None


def _sha256_of(shown: Session | Playing) -> str | None:
    try:
        identity = shown.order.footage.identity() if isinstance(shown, Playing) else None
    except SourceError:
        return None  # it is gone meanwhile, and its frame is still here
    return identity.sha256 if identity else None
