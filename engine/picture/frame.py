"""A frame: one picture with its time, kept as it was decoded until somebody looks at it.

Conversion to RGB costs about as much as decoding, and most frames of a busy machine are never counted, most counted
ones never shown. So the model's tiles and the picture for people are made when they are asked for.
"""

from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engine.picture.condition import Condition
from engine.picture.shot import Shot, Still
from engine.picture.tiling import Grid
from engine.picture.view import PLAIN, View


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of a picture before it is counted."""

    is_idle: bool = False
    """Whether nothing moves in it, so that the count before may stand."""
    condition: Condition = Condition.CLEAR
    """What it is good for."""


UNSEEN = Look()
"""Nobody looked: it is counted, and taken for clear."""


class Frame:
    """One picture of a source; its time is stamped once, where it is read, and carried from then on."""

    __slots__ = (
        "_lock",
        "_picture",
        "_tiles",
        "arrived_s",
        "index",
        "layout",
        "look",
        "own_s",
        "shot",
        "time_s",
        "view",
    )

    def __init__(
        self,
        index: int,
        time_s: float,
        shot: Shot,
        view: View = PLAIN,
        *,
        arrived_s: float = 0.0,
        look: Look = UNSEEN,
        own_s: float | None = None,
    ) -> None:
        """Stamps a picture.

        Args:
            index: number of the frame in its source, from 0; frames that were not wanted or lost are counted too.
            time_s: seconds since the source began, rising: for a recording by its own time stamps without their jumps,
                for a live one by the clock.
            shot: the picture as decoded.
            view: how it is cut, and what of it is seen.
            arrived_s: when it came, on the monotonic clock; latency is measured from here.
            look: what was seen of it.
            own_s: the time stamp that it bears in its recording, in seconds; None where it bears none.
        """
        self.index, self.time_s, self.arrived_s, self.look = index, time_s, arrived_s, look
        self.own_s = own_s
        self.layout = view.layout(shot)
        self.shot, self.view, self._lock = shot, view, Lock()
        self._tiles: NDArray[np.uint8] | None = None
        self._picture: NDArray[np.uint8] | None = None

    @classmethod
    def of(cls, index: int, time_s: float, picture: NDArray[np.uint8]) -> "Frame":
        """Returns a frame of a picture that is RGB already, (H, W, 3)."""
        return cls(index, time_s, Still(picture))

    def seen_by(self, view: View) -> "Frame":
        """Returns the same picture cut in another way, with other masks."""
        return Frame(
            self.index, self.time_s, self.shot, view, arrived_s=self.arrived_s, look=self.look, own_s=self.own_s
        )

    @property
    def is_idle(self) -> bool:
        """Whether nothing moves in it, so that the count before may stand."""
        return self.look.is_idle

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, as shown."""
        return self.layout.size

    @property
    def grid(self) -> Grid:
        """The tiles that it is divided into."""
        return self.layout.grid

    @property
    def picture(self) -> NDArray[np.uint8]:
        """RGB, (height, width, 3), without what privacy masks hide; to be read only."""
        with self._lock:
            if self._picture is None:
                self._picture = self.view.picture(self.shot)
            return self._picture

    def picture_within(self, height: int, width: int) -> NDArray[np.uint8]:
        """Returns the picture as large as fits, made anew at each call: RGB, without what privacy masks hide."""
        with self._lock:
            return self.view.picture(self.shot, (height, width))

    def prepare(self) -> None:
        """Makes the tiles now, in the thread that calls, so that they are ready when they are taken."""
        with self._lock:
            if self._tiles is None:
                self._tiles = self.view.tiles(self.shot, self.grid)

    def take_tiles(self) -> NDArray[np.uint8]:
        """Returns the model's tiles uint8 (grid.tiles, 384, 512, 3), and keeps none of them: they are large.

        Whoever is through with them may give them back to `engine.picture.room.TILES`.
        """
        self.prepare()
        with self._lock:
            tiles, self._tiles = self._tiles, None
        assert tiles is not None
        return tiles
