"""A span of a camera's segments as one file: its packets are copied, nothing is decoded or encoded.

Times in the file are those of the wall: where nothing was recorded there is a hole in it, too.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from engine.errors import OutputError
from engine.files import ffmpeg_file, written_whole
from engine.picture.masks import Mask
from engine.picture.view import NO_MASK
from engine.recording.excerpt import FORMATS
from engine.recording.segment_file import NOTE, mark_of
from engine.recording.segments import Segment
from engine.sources.file import opened_file, video_stream
from engine.sources.opening import ERRORS

TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be copied."""

    segments: Sequence[Segment]
    """In their order."""
    from_s: float
    """In seconds since 1970 (UTC), as is `to_s`."""
    to_s: float
    private: Mask = NO_MASK
    """The camera's masks now; segments that were made without them are not copied."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, in seconds since 1970 (UTC)."""

    begin_s: float
    """At the key frame before what was asked for."""
    end_s: float


@dataclass(frozen=True, slots=True)
class _Timed:
    packet: "Packet[VideoStream]"
    decoded_s: float
    shown_s: float


def write_export(
    path: Path,
    export: Export,
    *,
    is_wanted: Callable[[], bool] = lambda: True,
    on_step: Callable[[float], object] = lambda share: None,
) -> Exported:
    """Writes what segments hold of a span (MP4, MOV or MKV, by the name) whole or not at all.

    Args:
        path: of the file.
        export: what is copied.
        is_wanted: asked all the time; once it is not, the file is given up.
        on_step: told now and then which share of it is done, 0 to 1.

    Raises:
        SourceError: a segment cannot be read.
        OutputError: the file cannot be written, was given up, nothing was recorded then, or it was coded in more than
            one way.
    """
    from_s, to_s = export.from_s, export.to_s
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{path.name} is no name of a video, expected one that ends in {', '.join(FORMATS)}")
    wanted = [segment for segment in export.segments if segment.end_s > from_s and segment.begin_s < to_s]
    if not wanted:
        raise OutputError(f"nothing was recorded from {_local(from_s)} to {_local(to_s)}; choose another span")
    with written_whole(path) as partial, av.open(ffmpeg_file(partial), "w", format=kind) as container:
        copying = _Copying(container)
        for number, segment in enumerate(wanted):
            if not is_wanted():
                raise OutputError(f"{path.name} was given up, as somebody asked for; nothing of it is left")
            on_step(number / len(wanted))
            with closing(opened_file(segment.path)) as source:
                stream = video_stream(source, segment.path)
                _check_masks(source.metadata.get(NOTE, ""), segment, export.private)
                copying.go_on_with(stream, segment)
                for timed in _from_key(_packets(source.demux(stream), segment), from_s):
                    if timed.decoded_s >= to_s:
                        break
                    copying.put(timed)
    return Exported(copying.begin_s or from_s, min(to_s, wanted[-1].end_s))


def shows_hidden(segment: Segment, private: Mask) -> bool:
    """Says whether a segment was made without a camera's masks as they are now; raises SourceError."""
    if not private:
        return False
    with closing(opened_file(segment.path)) as source:
        return source.metadata.get(NOTE, "") != mark_of(private)


def _check_masks(mark: str, segment: Segment, private: Mask) -> None:
    if private and mark != mark_of(private):
        raise OutputError(
            f"what was recorded at {_local(segment.begin_s)} was made without the camera's privacy masks as they are "
            "now, and a copy would show what they hide; choose a span from after they were set"
        )


def _packets(packets: "Iterator[Packet[VideoStream]]", segment: Segment) -> Iterator[_Timed]:
    """Yields packets with the wall time at which they are decoded and shown."""
    first: float | None = None
    for packet in packets:
        if not packet.size or packet.dts is None or packet.pts is None or packet.time_base is None:
            continue
        decoded_s, shown_s = float(packet.dts * packet.time_base), float(packet.pts * packet.time_base)
        first = shown_s if first is None else first
        yield _Timed(packet, segment.begin_s + decoded_s - first, segment.begin_s + shown_s - first)


def _from_key(packets: Iterator[_Timed], from_s: float) -> Iterator[_Timed]:
    """Leaves out what lies before the last key frame that is not after a moment."""
    waiting: list[_Timed] = []
    for timed in packets:
        if timed.shown_s > from_s:
            yield from waiting
            yield timed
            yield from packets
            return
        if timed.packet.is_keyframe:
            waiting.clear()
        waiting.append(timed)


class _Copying:
    """Puts packets of several files into one."""

    def __init__(self, container: OutputContainer) -> None:
        self._container = container
        self._target: Stream | None = None
        self._coding: tuple[object, ...] = ()
        self._last: int | None = None
        self.begin_s: float | None = None

    def go_on_with(self, stream: VideoStream, segment: Segment) -> None:
        """Takes packets of another file from now on."""
        context = stream.codec_context
        coding = context.name, context.width, context.height, context.extradata
        if self._target is None:
            self._coding = coding
            try:
                self._target = self._container.add_stream_from_template(stream)
                self._target.time_base = TIME_BASE
            except ERRORS as error:
                raise OutputError(
                    f"what is coded as {context.name} cannot be put into such a file; use .mkv"
                ) from error
        elif coding != self._coding:
            raise OutputError(
                f"what was recorded is coded in another way from {_local(segment.begin_s)} on, expected one way in a "
                "file; export the time before and after it apart"
            )

    def put(self, timed: _Timed) -> None:
        """Takes the next packet; one that lies before what there is already is left out."""
        self.begin_s = timed.shown_s if self.begin_s is None else self.begin_s
        decoded = round((timed.decoded_s - self.begin_s) / TIME_BASE)
        if self._target is None or (self._last is not None and decoded <= self._last):
            return
        copy: Packet[Stream] = av.Packet(bytes(timed.packet))
        copy.time_base, copy.is_keyframe, copy.stream = TIME_BASE, timed.packet.is_keyframe, self._target
        copy.dts, copy.pts = decoded, round((timed.shown_s - self.begin_s) / TIME_BASE)
        self._container.mux(copy)
        self._last = decoded


def _local(second: float) -> str:
    return f"{datetime.fromtimestamp(second):%Y-%m-%d %H:%M:%S}"
