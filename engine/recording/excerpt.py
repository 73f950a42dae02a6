"""A part of a recording as a file of its own: its packets are copied, nothing is decoded or encoded.

It begins with the key frame before the time that is asked for, since only from there it can be played. Sound is left
out: who speaks is nobody's affair. What privacy masks hide is in the packets, so that what is seen through such masks
is not copied at all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from engine.errors import OutputError
from engine.files import ffmpeg_file, written_whole
from engine.picture.view import PLAIN, View
from engine.recording.cache import Cache
from engine.recording.identity import identity_of
from engine.recording.index import UNSTAMPED, Index, index_of
from engine.recording.track import Track
from engine.sources.opening import ERRORS

FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
TIME_BASE = Fraction(1, 90_000)
LEAST_STEP_S, LONGEST_STEP_S = 0.001, 10.0  # between two packets; what is beyond is a jump of the file's own time
MOST_REORDERED = 64  # packets by which decoding may be ahead of showing


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What is to be copied."""

    recording: Path
    begin_s: float
    """As times of the recording are, in seconds from 0."""
    end_s: float
    view: View = PLAIN
    """How the recording is seen."""


def write_excerpt(
    path: Path, excerpt: Excerpt, *, is_wanted: Callable[[], bool] = lambda: True, on_step: Callable[[float], object]
) -> float:
    """Writes a part of a recording (MP4, MOV or MKV, by the name) whole or not at all.

    Args:
        path: of the file.
        excerpt: what is copied.
        is_wanted: asked all the time; once it is not, the file is given up.
        on_step: told now and then which share of it is done, 0 to 1.

    Returns:
        When the file begins, as a time of the recording: at the key frame before `begin_s`.

    Raises:
        SourceError: the recording cannot be read.
        OutputError: the file cannot be written, or was given up.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{path.name} is no name of a clip, expected one that ends in {', '.join(FORMATS)}")
    if excerpt.view.private:
        raise OutputError(
            f"{excerpt.recording.name} is seen through privacy masks, and a copy would show what they hide; save "
            "single pictures instead"
        )
    index = index_of(excerpt.recording, identity_of(excerpt.recording), Cache(), is_wanted)
    _check(path, is_wanted)
    track = Track(excerpt.recording, index, PLAIN)
    try:
        with written_whole(path) as partial:
            with av.open(ffmpeg_file(partial), "w", format=kind) as container:
                copying = _Copying(container, track.stream, path)
                for share, packet in _packets(track, excerpt):
                    _check(path, is_wanted)
                    copying.put(packet)
                    on_step(share)
            if not copying.number:
                raise OutputError(f"{path.name} would hold no picture, expected some; choose a longer part")
    finally:
        track.close()
    return float(index.times[index.keys[index.key(index.place(excerpt.begin_s))]]) if len(index.keys) else 0.0


def _check(path: Path, is_wanted: Callable[[], bool]) -> None:
    if not is_wanted():
        raise OutputError(f"{path.name} was given up, as somebody asked for; nothing of it is left")


def _packets(track: Track, excerpt: Excerpt) -> "Iterator[tuple[float, Packet[VideoStream]]]":
    """Yields the packets that are needed for the part, each with the share of it that is done then."""
    index = track.index
    place = index.place(excerpt.begin_s)
    first, last = int(index.keys[index.key(place)]) if len(index.keys) else 0, index.place(excerpt.end_s)
    needed, number = last - first + 1, 0
    key: int | None = None
    highest, is_leading = UNSTAMPED, True
    for packet in track.packets(index.key(place)):
        shown = UNSTAMPED if packet.pts is None else packet.pts
        key = shown if key is None else key
        is_leading = is_leading and shown <= key
        if is_leading and shown < key:
            continue  # it is shown before the key frame, and lacks what it needs
        if number >= needed and _is_whole(index, highest, first, number):
            return
        number, highest = number + 1, max(highest, shown)
        yield min(1.0, number / needed), packet


def _is_whole(index: Index, highest: int, first: int, number: int) -> bool:
    """Whether so many packets are all the pictures up to the one with the highest time stamp among them."""
    ahead = index.stamps[first : first + number + MOST_REORDERED]
    hits = (ahead == highest).nonzero()[0]
    return not len(hits) or highest == UNSTAMPED or int(hits[-1]) < number


class _Copying:
    """Puts packets into a file with times that rise from 0."""

    def __init__(self, container: OutputContainer, stream: VideoStream, path: Path) -> None:
        self.number = 0
        self._container, self._tick = container, float(stream.time_base or 0) or 1 / 90_000
        self._step_s = 1 / (float(stream.average_rate or 0) or 25.0)
        self._now_s = 0.0
        self._last: float | None = None
        try:
            self._target = container.add_stream_from_template(stream)
            self._target.time_base = TIME_BASE
            container.start_encoding()
        except ERRORS as error:
            raise _unfit(stream.codec_context.name, path) from error

    def put(self, packet: "Packet[VideoStream]") -> None:
        """Takes the next one."""
        own_s = None if packet.dts is None else packet.dts * self._tick
        if self.number:
            step_s = None if own_s is None or self._last is None else own_s - self._last
            is_usual = step_s is not None and LEAST_STEP_S <= step_s <= LONGEST_STEP_S
            self._now_s += step_s if step_s is not None and is_usual else self._step_s
        self._last = own_s
        ahead = 0 if packet.pts is None or packet.dts is None else packet.pts - packet.dts
        copy: Packet[Stream] = av.Packet(bytes(packet))
        copy.time_base, copy.is_keyframe, copy.stream = TIME_BASE, packet.is_keyframe, self._target
        copy.dts = round(self._now_s / TIME_BASE)
        copy.pts = copy.dts + max(0, round(ahead * self._tick / TIME_BASE))
        self._container.mux(copy)
        self.number += 1


def _unfit(codec: str, path: Path) -> OutputError:
    return OutputError(f"what is coded as {codec} cannot be put into a {path.suffix} file; name it with .mkv")
