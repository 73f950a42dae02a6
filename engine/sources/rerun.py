"""A recording in place of a live camera: at its own speed, again and again if wanted.

Where a recording breaks off it is over: to come back to it, as to a camera, would count it again and again. What is no
recording at all is refused: somebody has to put it right.
"""

import logging
from collections.abc import Iterator

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.sources.arrival import Arrival, Link
from engine.sources.folder import FolderSource
from engine.sources.opening import LiveOrder, OverError, RefusedError
from engine.sources.packets import Tap
from engine.sources.playback import Playback
from engine.sources.recording import FileSource
from engine.sources.thrift import Thrift

LEAD_S = 0.03  # before a picture is due: sooner, nobody knows yet whether it will be wanted, and need be decoded

logger = logging.getLogger(__name__)


class Rerun:
    """A file or a folder of pictures, played."""

    def __init__(self, order: LiveOrder, playback: Playback) -> None:
        """Opens it; raises RefusedError if it cannot be read. A `playback` that is stopped ends it."""
        self._order, self._playback = order, playback
        self._source = self._opened()
        self._lost = 0
        self._told: set[str] = set()
        self._tap: Tap | None = None
        self._thrift: Thrift | None = None

    @property
    def link(self) -> Link:
        """It is decoded as recordings are."""
        return Link("pictures" if isinstance(self._source, FolderSource) else "recording")

    def tap(self, tap: Tap) -> None:
        """Hands on the packets of every pass."""
        self._tap = tap
        self._source.tap(tap)

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded."""
        self._thrift = thrift
        self._source.spare(thrift)

    def arrivals(self) -> Iterator[Arrival | None]:
        """Yields each picture when it is due, None for each that was lost.

        Raises:
            OverError: it breaks off.
            RefusedError: there is no picture in it.
        """
        before_s, time_s, start_s = 0.0, 0.0, 0.0
        while True:
            self._lost = 0
            for frame in self._frames():
                before_s, time_s = time_s, start_s + frame.time_s
                if not self._playback.wait(time_s):
                    return
                yield from self._newly_lost()
                yield Arrival(frame.shot)
                if not self._playback.wait(time_s + min(time_s - before_s, 1 / self._source.rate) - LEAD_S):
                    return
            yield from self._newly_lost()
            self._tell()
            if not self._order.loop:
                if self._source.flaws.breaks_off:
                    raise OverError(self._source.flaws.breaks_off)
                return
            step_s = time_s - before_s if time_s > start_s else 1 / self._source.rate
            start_s = time_s + step_s
            self._source.close()
            self._source = self._opened()
            if self._tap is not None:
                self._source.tap(self._tap)
            if self._thrift is not None:
                self._source.spare(self._thrift)

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._source.close()

    def _frames(self) -> Iterator[Frame]:
        """Yields the frames, also of a recording that breaks off."""
        read = False
        try:
            for frame in self._source.frames():
                read = True
                yield frame
        except SourceError as error:
            if not read:
                raise RefusedError(str(error)) from None

    def _newly_lost(self) -> Iterator[None]:
        undecoded = self._source.flaws.undecoded
        yield from [None] * (undecoded - self._lost)
        self._lost = undecoded

    def _tell(self) -> None:
        """Says once what was wrong, however often it is played."""
        flaws = self._source.flaws
        for words in (*flaws.warnings, *([flaws.breaks_off] if flaws.breaks_off and self._order.loop else [])):
            if words not in self._told:
                logger.warning("camera '%s': %s", self._order.name, words)
                self._told.add(words)

    def _opened(self) -> FileSource | FolderSource:
        path = self._order.address.path
        try:
            return (FolderSource if path.is_dir() else FileSource)(path)
        except SourceError as error:
            raise RefusedError(str(error)) from None
