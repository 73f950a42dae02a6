"""Recordings as a source of frames, read whole and in order with PyAV.

What cannot be decoded is passed over, as FFmpeg does, and noted in `flaws`. A recording that breaks off gives the
frames it has, then raises: what was read before stays valid.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from av.video.frame import VideoFrame

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.shot import Decoded
from engine.picture.view import PLAIN, View
from engine.redaction import readable
from engine.sources.base import Pace
from engine.sources.bounds import DECODER_THREADS, LIMITS
from engine.sources.decoding import Decoding
from engine.sources.file import opened_file, video_stream
from engine.sources.flaws import Flaws
from engine.sources.packets import Tap
from engine.sources.pixel_aspect import PixelAspect
from engine.sources.thrift import Thrift
from engine.sources.timeline import Timeline
from engine.sources.untold import untold_fields
from engine.sources.wholeness import ends_early


class Stamped(NamedTuple):
    """A picture with what its stream said when it was decoded."""

    picture: VideoFrame
    own_s: float | None
    """Its own time stamp in seconds."""
    shot: Decoded
    """The same, as it is to be seen."""


class FileSource:
    """A video file."""

    def __init__(self, path: Path, *, max_fps: float | None = None, view: View = PLAIN) -> None:
        """Opens a recording.

        Args:
            path: any container and codec that FFmpeg reads.
            max_fps: frames per second of the recording to keep at most; None keeps all.
            view: how its pictures are seen.

        Raises:
            SourceError: no such file, an empty one, or one that holds no video.
        """
        self.name = readable(path.name)
        self._path, self._pace, self._view = path, Pace(max_fps), view
        self._container = opened_file(path)
        self._stream = video_stream(self._container, path)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.options = LIMITS
        self.rate = float(self._stream.average_rate or 0) or 25.0
        """Frames per second, as the file says on average."""
        self.size = (self._stream.height, self._stream.width)
        """Height and width in pixels, as stored."""
        promised, length = self._stream.frames or None, self._container.duration
        self.promised_s = None if length is None else length / 1e6
        """How long it is, as its header says."""
        keeps = 1.0 if max_fps is None else min(1.0, max_fps / self.rate)
        self.expected_frames = None if promised is None else max(1, round(promised * keeps))
        self._decoding, self._found = Decoding(self._container, self._stream, lambda: opened_file(path)), Flaws()

    @property
    def flaws(self) -> Flaws:
        """What was wrong in what was read so far."""
        return self._found.plus(undecoded=self._decoding.undecoded)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tap(self, tap: Tap) -> None:
        """Hands on packets as they are read."""
        self._decoding.tap(tap)

    def spare(self, thrift: Thrift) -> None:
        """Leaves out what need not be decoded, where it stands for a camera; has to be called before `frames`."""
        self._stream.thread_type = "SLICE"  # as a camera's: threads on whole frames hold some of them back
        self._stream.codec_context.thread_count = DECODER_THREADS
        self._decoding.spare(thrift)

    def frames(self) -> Iterator[Frame]:
        """Yields the frames with rising times from 0; raises SourceError where the file breaks off."""
        timeline, index = Timeline(1 / self.rate), -1
        for (picture, own_s, shot), next_s in _with_next(self._stamped()):
            place = timeline.place(own_s, next_s, damaged=self._decoding.is_doubtful)
            if picture.is_corrupt or place.flaw:
                self._found = self._found.plus(damaged=picture.is_corrupt, flaw=place.flaw)
            index += 1 + place.missing
            if self._pace.wants(place.time_s):
                yield Frame(index, place.time_s, shot, self._view, arrived_s=monotonic(), own_s=own_s)
        if index < 0:
            why = self._decoding.excess or "holds no frame that can be decoded; is the file whole?"
            raise SourceError(f"{self.name} {why}")
        self._found = self._found.plus(flaw=timeline.hole_at_end(self._decoding.stuck))
        self._check_whole(f"after {index + 1} frames ({timeline.end_s:.1f} s)")

    def _stamped(self) -> Iterator[Stamped]:
        pixel, has_fields = PixelAspect(self._stream), untold_fields(self._path)
        for picture in self._decoding.pictures():
            tick = picture.time_base or self._stream.time_base  # the last pictures come without one
            own_s = None if picture.pts is None or tick is None else float(picture.pts * tick)
            yield Stamped(picture, own_s, Decoded(picture, pixel.now(), has_fields=has_fields))

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def _check_whole(self, where: str) -> None:
        problem = self._decoding.problem
        if not problem and ends_early(self._path, self._container, self._stream):
            problem = "the rest of it is missing"
        if problem:
            sentence = f"{self.name} breaks off {where}: {problem}; the readings up to there are kept"
            self._found = replace(self._found, breaks_off=sentence)
            raise SourceError(sentence)


def _with_next(stamped: Iterable[Stamped]) -> Iterator[tuple[Stamped, float | None]]:
    """Yields each picture with the time stamp of the next, None at the end."""
    held: Stamped | None = None
    for one in stamped:
        if held is not None:
            yield held, one.own_s
        held = one
    if held is not None:
        yield held, None
