"""The segments of a camera as one recording: which picture is in which file, and when; gaps stay gaps.

What a segment's own table says of its pictures is taken where that is enough, since a day has a thousand of them: of an
MP4 file without pictures out of order. Others are read through once, and remembered in the user's cache.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.recording.cache import Cache
from engine.recording.identity import identity_of
from engine.recording.index import Index, index_of
from engine.recording.segments import Segment
from engine.sources.file import opened_file, video_stream

LEAST_STEP_S = 0.001  # between two pictures; what is nearer, or before, was recorded twice
MOST_MISSING_S = 0.5  # by which a segment's table may say less than its name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one segment holds of the whole."""

    path: Path
    index: Index
    skipped: int
    """Pictures of it that lie before the span."""
    first: int
    """The number in the whole of the first that does not."""
    times: NDArray[np.float64]
    """Of its pictures in the span, in seconds of the whole."""

    def __len__(self) -> int:
        return len(self.times)

    def own(self, number: int) -> int:
        """Returns which picture of the file one of the whole is."""
        return number - self.first + self.skipped

    def number(self, own: int) -> int:
        """Returns which picture of the whole one of the file is; the first for those before."""
        return max(self.first, own - self.skipped + self.first)


@dataclass(frozen=True, slots=True, eq=False)
class Reel:
    """All pictures of a span, in order."""

    begin_s: float
    """When the first picture was, in seconds since 1970 (UTC)."""
    parts: tuple[Part, ...]
    times: NDArray[np.float64]
    """Of all pictures, in seconds, rising from 0."""
    unreadable: tuple[str, ...] = ()
    """What is wrong with segments that cannot be read, in sentences."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last."""
        index = self.parts[-1].index
        step_s = index.duration_s - float(index.times[-1])
        return float(self.times[-1]) + step_s

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        return max(0, int(np.searchsorted(self.times, time_s + 1e-9, side="right")) - 1)

    def part(self, number: int) -> Part:
        """Returns what holds a picture."""
        firsts = [part.first for part in self.parts]
        return self.parts[int(np.searchsorted(firsts, number, side="right")) - 1]


def read_reel(
    segments: Iterable[Segment], from_s: float, to_s: float, is_wanted: Callable[[], bool] = lambda: True
) -> Reel | None:
    """Returns the pictures that segments hold of a span; None once that is no longer wanted.

    Args:
        segments: of one camera, in their order.
        from_s: in seconds since 1970 (UTC), as is `to_s`.
        to_s: up to then.
        is_wanted: asked meanwhile.

    Raises:
        SourceError: there is no picture that can be read.
    """
    found, unreadable, last_s = list[tuple[Segment, Index, NDArray[np.float64], int]](), list[str](), from_s
    for segment in segments:
        if not is_wanted():
            return None
        try:
            index = segment_index(segment)
        except SourceError as error:
            logger.warning("%s", error)
            unreadable.append(str(error))
            continue
        walls = segment.begin_s + index.times
        first, end = np.searchsorted(walls, (last_s - LEAST_STEP_S / 2, to_s))
        if first < end:
            found.append((segment, index, walls[first:end], int(first)))
            last_s = float(walls[end - 1]) + LEAST_STEP_S
    if not found:
        reason = f" ({unreadable[0]})" if unreadable else ""
        raise SourceError(f"nothing that can be played was recorded in this span{reason}; choose another")
    return _joined(found, tuple(unreadable))


def _joined(found: Sequence[tuple[Segment, Index, NDArray[np.float64], int]], unreadable: tuple[str, ...]) -> Reel:
    begin_s, number, parts = float(found[0][2][0]), 0, list[Part]()
    for segment, index, walls, skipped in found:
        parts.append(Part(segment.path, index, skipped, number, walls - begin_s))
        number += len(walls)
    return Reel(begin_s, tuple(parts), np.concatenate([part.times for part in parts]), unreadable)


def segment_index(segment: Segment) -> Index:
    """Returns where the pictures of a segment are; raises SourceError where it cannot be read."""
    with closing(opened_file(segment.path)) as container:
        index = _table(video_stream(container, segment.path), segment.end_s - segment.begin_s)
    return index or index_of(segment.path, identity_of(segment.path), Cache())


def _table(stream: VideoStream, length_s: float) -> Index | None:
    """Returns what the file's own table says; None where that is not enough."""
    entries, tick = stream.index_entries, float(stream.time_base or 0)
    if not len(entries) or len(entries) != stream.frames or stream.codec_context.has_b_frames or not tick:
        return None
    columns = [(entry.timestamp, entry.is_keyframe, entry.pos) for entry in entries]
    stamps, is_key, places = (np.array(column) for column in zip(*columns, strict=True))
    steps = np.diff(stamps)
    if stream.start_time != stamps[0] or (steps <= 0).any() or not is_key[0]:
        return None
    times = (stamps - stamps[0]) * tick
    end_s = float(times[-1]) + (float(np.median(steps)) * tick if len(steps) else LEAST_STEP_S)
    if length_s - end_s > MOST_MISSING_S:
        return None
    keys = np.flatnonzero(is_key)
    stamps = stamps.astype(np.int64)
    return Index(times, stamps, keys, stamps[keys], places[keys].astype(np.int64), np.array([end_s]), np.array([0]))
