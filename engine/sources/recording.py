"""Recordings as a source of frames, read whole and in order with PyAV.

A recording that breaks off gives the frames it has, then raises: what was read before stays valid.
"""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from engine.errors import SourceError
from engine.files import ffmpeg_file
from engine.picture.frame import Frame
from engine.picture.shot import Decoded
from engine.picture.view import PLAIN, View
from engine.redaction import readable
from engine.sources.base import Pace
from engine.sources.bounds import LIMITS, excess, excess_of
from engine.sources.pixel_aspect import PixelAspect

TRUNCATED_SHARE = 0.01  # of the frames that a container promises may be missing before the file counts as cut off
TRUNCATED_S = 1.0  # likewise, where it promises only a length


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
        self._pace, self._view = Pace(max_fps), view
        self._container = _opened(path)
        self._stream = _video_stream(self._container, path)
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.options = LIMITS
        self.rate = float(self._stream.average_rate or 0) or 25.0
        """Frames per second, as the file says on average."""
        self.size = (self._stream.height, self._stream.width)
        """Height and width in pixels, as stored."""
        self._promised = self._stream.frames or None
        keeps = 1.0 if max_fps is None else min(1.0, max_fps / self.rate)
        self.expected_frames = None if self._promised is None else max(1, round(self._promised * keeps))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def frames(self) -> Iterator[Frame]:
        """Yields the frames with their presentation times from 0; raises SourceError where the file breaks off."""
        first: float | None = None
        decoded, end = 0, 0.0
        pixel = PixelAspect(self._stream)
        try:
            for picture in self._container.decode(self._stream):
                own = picture.time if picture.time is not None else decoded / self.rate
                first = own if first is None else first
                time_s, end = own - first, own - first + 1 / self.rate
                if self._pace.wants(time_s):
                    yield Frame(decoded, time_s, Decoded(picture, pixel.now()), self._view, arrived_s=monotonic())
                decoded += 1
        except (av.FFmpegError, OSError) as error:
            if too_large := excess(self._stream.codec_context.height, self._stream.codec_context.width):
                raise SourceError(f"{self.name} {too_large}; {_KEPT}") from None
            where = f"after {decoded} frames ({end:.1f} s)"
            raise SourceError(f"{self.name} is damaged {where}: {_reason(error)}; {_KEPT}") from None
        self._check_whole(decoded, end)

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def _check_whole(self, decoded: int, end: float) -> None:
        if decoded == 0:
            raise SourceError(f"{self.name} holds no frame that can be decoded; is the file whole?")
        if self._promised is not None:
            if decoded < self._promised - max(1, TRUNCATED_SHARE * self._promised):
                raise SourceError(f"{self.name} breaks off: {decoded} of {self._promised} frames are there; {_KEPT}")
        elif self._container.duration is not None:
            length = self._container.duration / av.time_base
            if end < length - TRUNCATED_S:
                raise SourceError(f"{self.name} breaks off at {end:.1f} s of {length:.1f} s; {_KEPT}")


_UNREADABLE = "is no video that FFmpeg can read; is it a video, and whole?"
_KEPT = "the readings up to there are kept"


def _opened(path: Path) -> InputContainer:
    if path.is_dir():
        raise SourceError(f"{path} is a folder, expected a video file")
    if not path.exists():
        raise SourceError(f"{path} does not exist, expected a video file; check the path")
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"{path} is empty (0 bytes), expected a video file; copy or record it again")
        return av.open(ffmpeg_file(path), mode="r", options=LIMITS)
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path} {_UNREADABLE} ({_reason(error)})") from None


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    if not container.streams.video:
        container.close()
        raise SourceError(f"{path} holds no video, expected at least one video track")
    stream = container.streams.video[0]
    too_large = "" if stream.codec_context is None else _excess(container, stream)
    if too_large or stream.codec_context is None or stream.width == 0 or container.format.name == "tty":
        container.close()
        raise SourceError(f"{path} {too_large or _UNREADABLE}")
    return stream


def _excess(container: InputContainer, stream: VideoStream) -> str:
    if stream.width:
        return excess(stream.height, stream.width)
    try:
        return excess_of(next(container.demux(stream)))  # FFmpeg learns no size where that is beyond the bound
    except (av.FFmpegError, OSError):
        return ""


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()
