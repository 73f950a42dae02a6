"""Pictures of a recording by their time: the last that is not after it, decoded from the key frame before it.

What was decoded last is kept, so that a step back costs nothing; a step forward goes on decoding where it was.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from time import monotonic

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.view import PLAIN, View
from engine.recording.finder import Found
from engine.recording.index import Index
from engine.recording.track import Track
from engine.redaction import readable

MOST_BYTES = 32 << 20  # of decoded pictures that are kept
NEARER_S = 0.1  # after which the picture that is nearest by then is shown, on the way to the exact one
KEPT_BEFORE = 10  # pictures before the one that is sought, for steps back
SEEKING = 8  # pictures that could be decoded in the time that it takes to begin at another key frame


class Seeker:
    """Finds pictures of one video file; of one thread."""

    def __init__(
        self,
        path: Path,
        index: Index,
        *,
        view: View = PLAIN,
        most_bytes: int = MOST_BYTES,
        newest: Callable[[], Index | None] = lambda: None,
    ) -> None:
        """Opens the file; raises SourceError where that cannot be done.

        Args:
            path: of the file.
            index: of it.
            view: how its pictures are seen.
            most_bytes: of decoded pictures that are kept.
            newest: asked for the index of a file that grows; None where it is still the same.
        """
        self.name, self.index = readable(path.name), index
        self._path, self._view, self._newest = path, view, newest
        self._track, self._most_bytes = Track(path, index, view), most_bytes
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        self._kept_bytes = 0
        self._coming: Iterator[tuple[int, VideoFrame]] | None = None
        self._place = -1
        self._last: VideoFrame | None = None
        """The picture that was decoded last."""

    @property
    def times(self) -> NDArray[np.float64]:
        """Of all pictures, in seconds, rising."""
        self._follow()
        return self.index.times

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        return self.index.place(time_s)

    def close(self) -> None:
        """Closes the file."""
        self._forget()
        self._track.close()

    def frame(self, time_s: float) -> Frame:
        """Returns the frame of a time in seconds; raises SourceError where it and all before it are damaged."""
        *_, found = self.frames(time_s)
        return found.frame

    def frames(self, time_s: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Found]:
        """Yields a frame near a time as soon as there is one, then the exact one; stops once it is not wanted.

        Raises:
            SourceError: it and all before it are damaged.
        """
        self._follow()
        place = self.index.place(time_s)
        if place in self._kept:
            self._kept.move_to_end(place)
            yield Found(self._frame(place), is_exact=True)
            return
        near = self._kept_before(place)
        if near is not None:
            yield Found(self._frame(near), is_exact=False)
        due_s = -inf if near is None else monotonic() + NEARER_S
        for key in range(self.index.key(place), -1, -1):
            best: tuple[int, VideoFrame] | None = None
            for at, picture in self._decoded(key, place):
                if at > place:
                    break
                best = at, picture
                if at < place and monotonic() >= due_s:
                    due_s = monotonic() + NEARER_S
                    yield Found(self._track.frame(at, picture), is_exact=False)
                if at == place or not is_wanted():
                    break
            if not is_wanted():
                return
            if best is not None:
                yield Found(self._track.frame(*best), is_exact=True)
                return
        raise SourceError(f"{self.name}: nothing can be decoded up to {time_s:.1f} s")

    def _follow(self) -> None:
        """Takes the index of what the file has become."""
        newest = self._newest()
        if newest is not None and newest is not self.index:
            self._forget()
            self._track.close()
            self.index, self._track = newest, Track(self._path, newest, self._view)

    def _forget(self) -> None:
        self._coming, self._place, self._last, self._kept_bytes = None, -1, None, 0
        self._kept.clear()

    def _frame(self, place: int) -> Frame:
        return self._track.frame(place, self._kept[place])

    def _kept_before(self, place: int) -> int | None:
        """Returns the picture that is kept and nearest before one, unless a key frame is nearer."""
        first = self._first(self.index.key(place))
        return max((kept for kept in self._kept if first <= kept < place), default=None)

    def _first(self, key: int) -> int:
        return int(self.index.keys[key]) if len(self.index.keys) else 0

    def _decoded(self, key: int, place: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yields pictures with their places as they are decoded, on the way to one that is not there yet.

        Only those near it are kept: room for others costs more time than decoding them.
        """
        first, ahead = self._first(key), place - self._place
        goes_on = ahead > 0 and (first <= self._place or ahead <= place - first + SEEKING)
        if self._coming is None or not goes_on:
            self._coming, self._place, self._last = self._track.pictures(key), first - 1, None
        elif self._last is not None:
            yield self._place, self._last
        for at, picture in self._coming:
            self._place, self._last = at, picture
            if at >= place - KEPT_BEFORE:
                self._keep(at, picture)
            yield at, picture
        self._coming = None

    def _keep(self, place: int, picture: VideoFrame) -> None:
        if place not in self._kept:
            self._kept_bytes += _bytes(picture)
        self._kept[place] = picture
        self._kept.move_to_end(place)
        while self._kept_bytes > self._most_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes(oldest)


def _bytes(picture: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in picture.planes)
