"""Where each picture of a recording is: its time, as the source of its frames gives it, and how to get there.

Found by reading the packets without decoding any. Pictures are in the order in which they are shown. Where a file's
time stamps start again (joined recordings), so does their order.
"""

import io
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import SourceError
from engine.recording.cache import Cache
from engine.recording.identity import Identity
from engine.sources.decoding import Decoding
from engine.sources.file import opened_file, video_stream
from engine.sources.flaws import Jump
from engine.sources.timeline import GAP_S, LEAST_STEP_S, RECENT_STEPS, Timeline
from engine.sources.wholeness import ends_early

FORMAT = 2
COLUMNS = 7
"""What is noted of a packet: in which section it is of a file whose decoding time stamps start again, its order there,
presentation and decoding time stamps, its place in the file, whether it is a key frame, and whether it is shown."""
PLAIN_FROM = 16
"""Pictures after which times follow from stamps without a time-line, where steps are plain."""
PLAIN_STEPS_S = (2 * LEAST_STEP_S, GAP_S)
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
    jumps: NDArray[np.int64]
    """How often their own time stamps jump, one number."""

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

    def part(self, key: int, end: int) -> "Index":
        """Returns what is needed to decode from a key frame, by its number, to before the picture `end`."""
        first = int(self.keys[key])
        end_s = float(self.times[end]) if end < len(self) else self.duration_s
        pictures, one = slice(first, end), slice(key, key + 1)
        return Index(
            self.times[pictures],
            self.stamps[pictures],
            np.zeros(1, np.int64),
            self.key_stamps[one],
            self.key_bytes[one],
            np.array([end_s]),
            np.zeros(1, np.int64),
        )

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
    return read_through(path, is_wanted)[0]


def read_through(path: Path, is_wanted: Callable[[], bool] = lambda: True) -> tuple[Index, bool]:
    """Returns the index of a video file as `read_index` does, and whether all that belongs to the file could be read.

    Raises:
        SourceError: the file cannot be opened, or holds no picture.
    """
    with closing(opened_file(path)) as container:
        stream = video_stream(container, path)
        tick, rate = stream.time_base or Fraction(1), float(stream.average_rate or 0) or 25.0
        found = array("q")
        section, last = 0, UNSTAMPED
        decoding = Decoding(container, stream, lambda: opened_file(path))
        for packet in decoding.packets():
            pts, dts, position = packet.pts, packet.dts, packet.pos
            if dts is not None:
                section += dts < last
                last = dts
            pts, dts = UNSTAMPED if pts is None else pts, UNSTAMPED if dts is None else dts
            shown, position = dts if pts == UNSTAMPED else pts, -1 if position is None else position
            found.extend((section, shown, pts, dts, position, packet.is_keyframe, not packet.is_discard))
            if not is_wanted():
                break
        is_whole = not (decoding.problem or decoding.undecoded or ends_early(path, container, stream))
    if not found:
        raise SourceError(f"{path} holds no picture, expected some; is the file whole?")
    return _index(np.frombuffer(found, np.int64).reshape(-1, COLUMNS), tick, rate), is_whole


def _index(packets: NDArray[np.int64], tick: Fraction, rate: float) -> Index:
    """Returns the index of packets, which are told by their `COLUMNS`."""
    pts, dts, position, is_key, is_shown = packets[np.lexsort((packets[:, 1], packets[:, 0]))].T[2:]
    keys, shown = is_key.astype(bool), is_shown.astype(bool)
    places = np.cumsum(shown) - shown
    stamps, unstamped = pts[shown], dts == UNSTAMPED
    own_s = np.where(stamps == UNSTAMPED, np.nan, stamps * tick.numerator / tick.denominator)
    times, end_s, jumps = _times(own_s, 1 / rate)
    key_stamps = np.where(unstamped, pts, dts)
    return Index(
        times,
        stamps.copy(),
        places[keys],
        key_stamps[keys],
        position[keys].copy(),
        np.array([end_s]),
        np.array([jumps]),
    )


def _times(own_s: NDArray[np.float64], step_s: float) -> tuple[NDArray[np.float64], float, int]:
    """Returns the times of pictures by their own time stamps (NaN for none), where the last ends, and the jumps."""
    steps = np.diff(own_s)
    is_plain = len(steps) > PLAIN_FROM and bool(((steps > PLAIN_STEPS_S[0]) & (steps < PLAIN_STEPS_S[1])).all())
    head = own_s[:PLAIN_FROM] if is_plain else own_s
    timeline, times, jumps = Timeline(step_s), np.empty(len(own_s)), 0
    for number, (now_s, next_s) in enumerate(_with_next([None if np.isnan(one) else one for one in head.tolist()])):
        place = timeline.place(now_s, next_s)
        times[number] = place.time_s
        jumps += isinstance(place.flaw, Jump)
    if not is_plain:
        return times, timeline.end_s, jumps
    times[PLAIN_FROM:] = own_s[PLAIN_FROM:] - own_s[0]  # to the last digit what the time-line gives
    return times, float(times[-1] + np.median(np.diff(times[-RECENT_STEPS - 1 :]))), jumps


def _with_next(own: list[float | None]) -> Iterable[tuple[float | None, float | None]]:
    following: Iterator[float | None] = iter([*own[1:], None])
    return zip(own, following, strict=True)
