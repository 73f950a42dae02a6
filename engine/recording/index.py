"""Where each picture of a recording is: its time, as the source of its frames gives it, and how to get there.

Found by reading the packets without decoding any. Pictures are in the order in which they are shown. Where a file's
time stamps start again (joined recordings), so does their order.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.recording.cache import Cache
from engine.recording.identity import Identity
from engine.sources.decoding import Decoding
from engine.sources.file import opened_file, video_stream
from engine.sources.timeline import Timeline

FORMAT = 1
UNSTAMPED = np.iinfo(np.int64).min
"""For a time stamp that is not there."""


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The pictures of one recording, and the key frames from which they can be decoded."""

    times: NDArray[np.float64]
    """Of the pictures, in seconds, rising from 0."""
    stamps: NDArray[np.int64]
    """Their own time stamps, in ticks of the track; `UNSTAMPED` where they bear none."""
    keys: NDArray[np.int64]
    """Places of the key frames among the pictures, rising."""
    key_stamps: NDArray[np.int64]
    """Decoding time stamps of the key frames, for seeking; `UNSTAMPED` where there is none."""
    key_bytes: NDArray[np.int64]
    """Where the key frames begin in the file; below 0 where nobody knows."""
    end_s: NDArray[np.float64]
    """Where the last picture ends, one number."""

    def __len__(self) -> int:
        return len(self.times)

    @property
    def duration_s(self) -> float:
        """From the first picture to the end of the last."""
        return float(self.end_s[0])

    def place(self, time_s: float) -> int:
        """Returns the number of the last picture whose time is not after a time, the first for times before it."""
        return max(0, int(np.searchsorted(self.times, time_s + 1e-9, side="right")) - 1)

    def key(self, place: int) -> int:
        """Returns the number of the key frame from which a picture can be decoded."""
        return max(0, int(np.searchsorted(self.keys, place, side="right")) - 1)

    def as_bytes(self) -> bytes:
        """Returns it for `index_from`."""
        file = io.BytesIO()
        np.savez(file, **{column.name: getattr(self, column.name) for column in fields(self)})
        return file.getvalue()


def index_of(path: Path, identity: Identity, cache: Cache, is_wanted: Callable[[], bool] = lambda: True) -> Index:
    """Returns the index of a video file, from the cache where it is there.

    Args:
        path: of the file.
        identity: of the file.
        cache: where it is kept.
        is_wanted: asked meanwhile; once it is not, what was found so far is returned and not kept.

    Raises:
        SourceError: the file cannot be read.
    """
    name = f"index-{FORMAT}-{identity.size}-{identity.changed_ns}-{identity.sha256}"
    kept = cache.read(name)
    if kept is not None:
        return index_from(kept)
    index = read_index(path, is_wanted)
    if is_wanted():
        cache.write(name, index.as_bytes())
    return index


def index_from(content: bytes) -> Index:
    """Returns what `as_bytes` gave."""
    with np.load(io.BytesIO(content), allow_pickle=False) as columns:
        return Index(**{column.name: columns[column.name] for column in fields(Index)})


def read_index(path: Path, is_wanted: Callable[[], bool] = lambda: True) -> Index:
    """Reads a video file through and returns its index; as far as it came, where it is no longer wanted.

    Raises:
        SourceError: the file cannot be opened, or holds no picture.
    """
    with closing(opened_file(path)) as container:
        stream = video_stream(container, path)
        tick, rate = float(stream.time_base or 0), float(stream.average_rate or 0) or 25.0
        found: list[_Packet] = []
        section, last = 0, UNSTAMPED
        for packet in Decoding(container, stream, lambda: opened_file(path)).packets():
            dts = UNSTAMPED if packet.dts is None else packet.dts
            section += UNSTAMPED < dts < last
            last = dts if dts != UNSTAMPED else last
            pts = UNSTAMPED if packet.pts is None else packet.pts
            position = -1 if packet.pos is None else packet.pos
            shown = pts if pts != UNSTAMPED else dts
            found.append(_Packet(section, shown, pts, dts, position, packet.is_keyframe, not packet.is_discard))
            if not is_wanted():
                break
    if not found:
        raise SourceError(f"{path} holds no picture, expected some; is the file whole?")
    return _index(sorted(found, key=lambda packet: packet[:2]), tick, rate)


class _Packet(NamedTuple):
    section: int
    """Of a file whose decoding time stamps start again."""
    order: int
    """Among those of its section."""
    pts: int
    dts: int
    position: int
    is_key: bool
    is_shown: bool


def _index(packets: list[_Packet], tick: float, rate: float) -> Index:
    shown = [packet for packet in packets if packet.is_shown]
    timeline = Timeline(1 / rate)
    own = [None if packet.pts == UNSTAMPED else packet.pts * tick for packet in shown]
    times = [timeline.place(now_s, next_s).time_s for now_s, next_s in _with_next(own)]
    keys, place = [], 0
    for packet in packets:
        if packet.is_key:
            keys.append((place, packet.dts if packet.dts != UNSTAMPED else packet.pts, packet.position))
        place += packet.is_shown
    places, key_stamps, positions = np.array(keys, np.int64).reshape(-1, 3).T
    stamps = np.array([packet.pts for packet in shown], np.int64)
    return Index(np.array(times), stamps, places, key_stamps, positions, np.array([timeline.end_s]))


def _with_next(own: list[float | None]) -> Iterable[tuple[float | None, float | None]]:
    following: Iterator[float | None] = iter([*own[1:], None])
    return zip(own, following, strict=True)
