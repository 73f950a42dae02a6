"""Clips and single pictures of a bundle; what masks hide is in none of them.

What was recorded before a mask was drawn goes through that mask once more: it is decoded, blanked, and encoded anew.
"""

from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.alerts.snapshot import write_snapshot
from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.errors import EngineError, OutputError
from engine.evidence.counting import opened
from engine.evidence.order import RecordingSubject, Work
from engine.evidence.span import Span
from engine.files import ffmpeg_file, written_whole
from engine.inference.model import Model
from engine.picture.frame import Frame
from engine.picture.masks import BLACK, Mask, blank_private
from engine.picture.shot import Decoded
from engine.picture.view import View
from engine.recording.excerpt import Excerpt, write_excerpt
from engine.recording.footage import FileFootage
from engine.sources.bounds import LIMITS
from engine.sources.opening import ERRORS
from engine.sources.untold import untold_fields

MP4, MKV = ".mp4", ".mkv"
COPIED_AS_MP4 = ("h264", "hevc")
"""What every player knows in an MP4 file."""
TIME_BASE = Fraction(1, 90_000)
WITHIN = 720, 1280  # height and width in pixels of what is encoded
MOST_FPS = 12.5  # of it
BT709, LIMITED = 1, 1  # FFmpeg's numbers for colour space, primaries and transfer; and for the range of video
QUALITY = 90  # of JPEG

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of video, and when it is shown."""

    time_s: float
    picture: Picture
    """RGB, (H, W, 3), without what masks hide."""


def recording_clip(folder: Path, subject: RecordingSubject, span: Span, work: Work) -> tuple[Path, float]:
    """Writes the clip of a recording: copied from the key frame before, or encoded where masks or pictures ask for it.

    Returns:
        Its path, and when it begins as a time of the recording.

    Raises:
        EngineError: nothing of it can be decoded, or the clip not be written.
    """
    if not subject.view.private and subject.path.is_file():
        excerpt = Excerpt(subject.path, span.from_s, span.to_s)
        for suffix in _containers(subject.path):
            path = folder / f"clip{suffix}"
            with suppress(OutputError):
                begin_s = write_excerpt(
                    path, excerpt, is_wanted=work.is_wanted, on_step=lambda share: work.tell("copying the clip", share)
                )
                return path, begin_s
            work.check()
    path = folder / f"clip{MP4}"
    encode(path, _frames(subject, span), span.from_s, work, length_s=span.length_s)
    return path, span.from_s


def _containers(path: Path) -> tuple[str, ...]:
    with suppress(EngineError, *ERRORS), av.open(ffmpeg_file(path), options=LIMITS) as container:
        if container.streams.video[0].codec_context.name in COPIED_AS_MP4:
            return MP4, MKV
    return (MKV,)


def frame_at(subject: RecordingSubject, time_s: float, work: Work) -> Frame | None:
    """Returns the frame of a time; None where there is none that can be decoded."""
    with suppress(EngineError):
        if subject.path.is_dir():
            with closing(opened(subject)) as source:
                return next((frame for frame in source.frames() if frame.time_s >= time_s), None)
        finder = FileFootage(subject.path).finder(subject.view, work.is_wanted)
        if finder is not None:
            with closing(finder):
                return finder.frame(time_s)
    return None


def write_peak(path: Path, frame: Frame, model: Model) -> None:
    """Writes the picture of a frame with its heat-map as JPEG; raises EngineError."""
    due = Due(Counter(), frame, with_density=True)
    while due.left:
        count_tiles(model, [due])
    write_snapshot(path, due.reading(), frame.view)


def _frames(subject: RecordingSubject, span: Span) -> Iterator[Shown]:
    with closing(opened(subject)) as source:
        for frame in source.frames():
            if frame.time_s >= span.to_s:
                return
            if frame.time_s >= span.from_s:
                yield Shown(frame.time_s, frame.picture_within(*WITHIN))


def encode(path: Path, pictures: Iterable[Shown], begin_s: float, work: Work, *, length_s: float) -> None:
    """Writes pictures as H.264, whole or not at all.

    Raises:
        OutputError: there is none, or the file cannot be written.
    """
    fast = {"movflags": "+faststart"}
    with written_whole(path) as partial, av.open(ffmpeg_file(partial), "w", format="mp4", options=fast) as container:
        stream: VideoStream | None = None
        due_s = begin_s
        for shown in pictures:
            work.tell("encoding the clip", min(1.0, (shown.time_s - begin_s) / max(length_s, 1e-3)))
            if shown.time_s < due_s:
                continue
            due_s = max(due_s + 1 / MOST_FPS, shown.time_s)
            height, width = (max(2, side // 2 * 2) for side in shown.picture.shape[:2])
            stream = _stream(container, height, width) if stream is None else stream
            drawn = av.VideoFrame.from_ndarray(shown.picture[:height, :width].copy(), format="rgb24")
            size = {"width": stream.width, "height": stream.height}
            coded = drawn.reformat(**size, format="yuv420p", dst_colorspace=BT709, dst_color_range=LIMITED)
            coded.pts, coded.time_base = round((shown.time_s - begin_s) / TIME_BASE), TIME_BASE
            container.mux(stream.encode(coded))
        if stream is None:
            raise OutputError(f"{path.name} would hold no picture, expected some; choose a longer span")
        container.mux(stream.encode(None))


def _stream(container: av.container.OutputContainer, height: int, width: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=Fraction(25, 2))
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = TIME_BASE
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = LIMITED
    stream.options = {"preset": "veryfast", "crf": "25"}
    return stream


def masked_clip(source: Path, target: Path, private: Mask, work: Work) -> None:
    """Writes a clip anew without what masks hide.

    Raises:
        OutputError: it cannot be read or written.
    """
    view = View(private=private)

    def shown() -> Iterator[Shown]:
        with av.open(ffmpeg_file(source), options=LIMITS) as container:
            pixel, has_fields = container.streams.video[0].sample_aspect_ratio or None, untold_fields(source)
            for frame in container.decode(video=0):
                shot = Decoded(frame, pixel, has_fields=has_fields)
                yield Shown(float(frame.time or 0.0), view.picture(shot, WITHIN))

    try:
        encode(target, shown(), 0.0, work, length_s=_length(source))
    except ERRORS as error:
        raise OutputError(f"clip {source.name} cannot be read, so that it is left out") from error


def _length(path: Path) -> float:
    with suppress(*ERRORS), av.open(ffmpeg_file(path), options=LIMITS) as container:
        return float((container.duration or 0) / av.time_base)
    return 0.0


def masked_picture(content: bytes, private: Mask, name: str) -> bytes:
    """Returns a JPEG or PNG as JPEG without what masks hide; raises OutputError where it is no picture."""
    picture = read_picture(content, name)
    blank_private(picture, private, BLACK)
    done, coded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OutputError(f"picture {name} cannot be encoded, so that it is left out")
    return coded.tobytes()


def read_picture(content: bytes, name: str) -> Picture:
    """Returns a picture as RGB (H, W, 3); raises OutputError where it is none."""
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if found is None:
        raise OutputError(f"{name} is no picture, so that it is left out")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)
