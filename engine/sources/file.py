"""Video files as FFmpeg opens them, and the one track of theirs that is counted."""

from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from engine.errors import SourceError
from engine.files import ffmpeg_file
from engine.sources.bounds import LIMITS, excess, excess_of
from engine.sources.opening import reason

VIDEO_SUFFIXES = frozenset(
    [
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".ts", ".mts", ".m2ts", ".vob"),
        *(".wmv", ".asf", ".flv", ".ogv", ".3gp", ".mxf", ".h264", ".h265"),
    ]
)
"""By which a video is known in a folder; one that is named may have any."""
STILL = Disposition.attached_pic | Disposition.timed_thumbnails
_UNREADABLE = "is no video that FFmpeg can read; is it a video, and whole?"


def opened_file(path: Path) -> InputContainer:
    """Opens a file; raises SourceError."""
    if path.is_dir():
        raise SourceError(f"{path} is a folder, expected a video file")
    if not path.exists():
        raise SourceError(f"{path} does not exist, expected a video file; check the path")
    try:
        if path.stat().st_size == 0:
            raise SourceError(f"{path} is empty (0 bytes), expected a video file; copy or record it again")
        return av.open(ffmpeg_file(path), mode="r", options=LIMITS)
    except (av.FFmpegError, OSError) as error:
        raise SourceError(f"{path} {_UNREADABLE} ({reason(error)})") from None


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """Returns the track that is counted; closes the file and raises SourceError where there is none."""
    moving = [s for s in container.streams.video if not s.disposition & STILL]
    if not moving:
        alone = ", only a cover picture" if container.streams.video else ""
        container.close()
        raise SourceError(f"{path} holds no video{alone}, expected at least one video track")
    stream = moving[0]
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
