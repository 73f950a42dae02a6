"""Pictures of a recording that is not known yet, as near to a time as its own table leads; never said to be exact.

A long file takes seconds to be read through, one on a slow disk minutes. Until then this shows what is there.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from time import monotonic

from av.video.frame import VideoFrame

from engine.picture.frame import Frame
from engine.picture.shot import Decoded
from engine.picture.view import View
from engine.sources.bounds import LIMITS
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS
from engine.sources.pixel_aspect import PixelAspect
from engine.sources.untold import untold_fields

NEAR_S = 30.0  # from the time that is wanted, beyond which a picture would only mislead
BACK_S = (0.0, 2.0, 12.0)  # before it, from where it is tried to be reached, one after the other
AFTER_ALL_S = 0.0  # the same, where none of them leads before it
PATIENCE_S = 1.0  # for a picture that is nearer than the first
UNNUMBERED = -1
"""For the number of a frame that nobody knows yet."""


class Glimpse:
    """Looks into one video file; of one thread."""

    def __init__(self, path: Path, view: View) -> None:
        """Opens the file; raises SourceError where that cannot be done."""
        self._path, self._view, self._container = path, view, opened_file(path)
        self._stream = video_stream(self._container, path)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.options = LIMITS
        self._pixel = PixelAspect(self._stream)
        self._tick, self._start = float(self._stream.time_base or 0), self._stream.start_time or 0

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._container.close()

    def frames(self, time_s: float, is_wanted: Callable[[], bool] = lambda: True) -> Iterator[Frame]:
        """Yields the first frame that can be had near a time, then one that is nearer; none where there is no way."""
        wanted = self._start + (time_s + 1e-9) / (self._tick or 1.0)
        until_s, found = monotonic() + PATIENCE_S, None
        for pts, picture in self._before(wanted):
            if found is None and self._is_near(pts, wanted):
                yield self._frame(pts, picture)
            elif pts > wanted or not is_wanted() or monotonic() >= until_s:
                break
            found = pts, picture
        if found is not None and is_wanted() and self._is_near(found[0], wanted):
            yield self._frame(*found)

    def _before(self, wanted: float) -> Iterator[tuple[int, VideoFrame]]:
        """Yields what is decoded with its stamps, from one on that is not after what is wanted, if that can be had.

        Some containers are sought by decoding times, and lead to a key frame that is shown later than what is wanted.
        """
        for number, back_s in enumerate((*BACK_S, AFTER_ALL_S)):
            coming = self._from(wanted - back_s / (self._tick or 1.0))
            first = next(coming, None)
            if first is not None and (first[0] <= wanted or number == len(BACK_S)):
                yield first
                yield from coming
                return

    def _is_near(self, pts: int, wanted: float) -> bool:
        return abs(pts - wanted) * self._tick <= NEAR_S

    def _frame(self, pts: int, picture: VideoFrame) -> Frame:
        time_s = max(0.0, (pts - self._start) * self._tick)
        shot = Decoded(picture, self._pixel.now(), has_fields=self._has_fields)
        return Frame(UNNUMBERED, time_s, shot, self._view, arrived_s=monotonic(), own_s=pts * self._tick)

    @cached_property
    def _has_fields(self) -> bool | None:
        return untold_fields(self._path)

    def _from(self, stamp: float) -> Iterator[tuple[int, VideoFrame]]:
        """Yields what is decoded from about a time stamp on, where it bears one."""
        with suppress(*ERRORS):
            self._container.seek(int(stamp), stream=self._stream)
            for packet in self._container.demux(self._stream):
                with suppress(*ERRORS):
                    stamped = ((one.dts if one.pts is None else one.pts, one) for one in self._stream.decode(packet))
                    yield from ((stamp, one) for stamp, one in stamped if stamp is not None)
