"""The counts of one recording as they were found in one way, kept so that they need not be found again.

They are kept before they are smoothed, so that another smoothing finds them too, and they are the same with a density
map and without. What was kept when a count was interrupted is good for the parts that it reached.
"""

import hashlib
import json
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import isnan
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.counting.doubt import Doubt
from engine.counting.reading import Reading
from engine.picture.frame import Frame
from engine.picture.shot import Still
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH
from engine.picture.view import View
from engine.recording.cache import Cache
from engine.recording.identity import Identity
from engine.recording.spans import Spans
from engine.sources.flaws import Flaws, Hole, Jump

FORMAT = 5  # changes with the file, and with what models are shown of a frame
SAVE_S = 2.0  # between two times that it is written while it grows
SHARE = 0.05  # of the time that writing may take
COLUMNS = 6  # frame, time, people, own time, consistency, number of the doubt
KINDS = {"jump": Jump, "hole": Hole}
DOUBTS = tuple(Doubt)
EVER = 1 << 62
"""A number that no frame has."""
BLANK = Still(np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8))


@dataclass(frozen=True, slots=True)
class Way:
    """All that counts depend on, but for the recording."""

    model_sha256: str
    provider: str
    max_fps: float | None = None
    grid: tuple[int, int] | None = None
    aspect: Fraction | None = None
    masks: str = ""
    """By which masks of its pictures are known, see `masked`."""

    def key(self, identity: Identity) -> str:
        """Returns by what the counts of a recording are known."""
        own = {name: value for name, value in asdict(self).items() if name != "masks" or value}
        facts = json.dumps([FORMAT, asdict(identity), own], default=str, sort_keys=True)
        return f"counts-{hashlib.sha256(facts.encode()).hexdigest()}"


def masked(view: View) -> str:
    """Returns by what the masks of a view are known; '' where nothing is masked."""
    shown = repr((view.included.polygons, view.private.polygons))
    return hashlib.sha256(shown.encode()).hexdigest()[:16] if view.included or view.private else ""


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of one recording, by their times; columns of the same length."""

    times: NDArray[np.float64]
    """Of the frames, in seconds, rising."""
    people: NDArray[np.float64]
    doubts: NDArray[np.int8] | None = None
    """Why each is not to be relied on, as its place in `DOUBTS`; None where nobody knows."""

    @classmethod
    def none(cls) -> "Counts":
        """Returns no counts at all."""
        return cls(np.empty(0), np.empty(0))

    def __len__(self) -> int:
        return len(self.times)


class KeptCounts:
    """The counts of one recording, of whichever parts of it they are."""

    def __init__(self, cache: Cache, key: str, *, again: bool = False) -> None:
        """Takes up what is kept, or begins `again`: then what is kept stays until there is more."""
        self._cache, self._key = cache, key
        self._values = array("d")
        self.numbers, self.lost = Spans(), Spans()
        """Of the frames that are counted, and of those that cannot be had, as far as whoever counted parts knows."""
        self.frames: int | None = None
        """How many there are in all, where somebody noted it."""
        self.is_complete = False
        """Whether there are no more to come, and `flaws` says all that was wrong."""
        self.flaws = Flaws()
        """What was wrong in the recording, once it is complete."""
        self.remarks: list[str] = []
        """What was said of its frames."""
        self._saved, self._due_s = 0, monotonic() + SAVE_S
        if not again:
            self._take(cache.read(key))

    def __len__(self) -> int:
        return len(self._values) // COLUMNS

    @property
    def done(self) -> Spans:
        """The numbers of the frames of which nothing more will be found."""
        return Spans([(0, EVER)]) if self.is_complete else Spans((*self.numbers, *self.lost))

    @property
    def is_all(self) -> bool:
        """Whether nothing is left to be counted."""
        return self.is_complete or (self.frames is not None and self.done.next_missing(0) >= self.frames)

    @property
    def counts(self) -> Counts:
        """What is known, by time."""
        rows = self._rows()
        return Counts(rows[:, 1].copy(), rows[:, 2].copy(), rows[:, 5].astype(np.int8))

    def readings(self, *, consistency: bool = True) -> Iterator[Reading]:
        """Returns those that there are now as they were found, in the order of the frames, whose picture is blank.

        Args:
            consistency: whether that is told, where it was found.
        """
        return (_reading(row, consistency=consistency) for row in self._rows())

    def add(self, reading: Reading) -> None:
        """Takes a further one, unless it is known, and writes what there is from time to time."""
        frame, remark = reading.frame, reading.frame.layout.remark
        if frame.index in self.numbers:
            return
        unknown = float("nan")
        own_s = unknown if frame.own_s is None else frame.own_s
        consistency = unknown if reading.consistency is None else reading.consistency
        doubt = DOUBTS.index(reading.doubt)
        self._values.extend((frame.index, frame.time_s, reading.count, own_s, consistency, doubt))
        self.numbers.add(frame.index)
        if remark and remark not in self.remarks:
            self.remarks.append(remark)
        if monotonic() >= self._due_s:
            self.save()

    def finish(self, flaws: Flaws) -> None:
        """Notes that there are no more, and what was wrong in the recording."""
        self.is_complete, self.flaws, self._saved = True, flaws, 0
        self.save()

    def finish_parts(self, frames: int, lost: Spans) -> None:
        """Notes that all parts are counted, which had so many frames; what was lost is all that is known of flaws."""
        self.frames, self.lost, self._saved = frames, lost, 0
        self.save()

    def save(self) -> None:
        """Writes what there is, if that is more than was written."""
        if len(self) <= self._saved:
            return
        begun_s, self._saved = monotonic(), len(self)
        head = {
            "complete": self.is_complete,
            "frames": self.frames,
            "lost": list(self.lost),
            "remarks": self.remarks,
            "flaws": flaws_facts(self.flaws),
        }
        self._cache.write(self._key, json.dumps(head).encode() + b"\n" + self._values.tobytes())
        ended_s = monotonic()
        self._due_s = ended_s + max(SAVE_S, (ended_s - begun_s) / SHARE)

    def move(self, key: str | None) -> None:
        """Keeps them under another key from now on, since the recording has grown; None changes nothing."""
        if key not in (None, self._key):
            self._cache.remove(self._key)
            self._key, self._saved = key, 0

    def _rows(self) -> NDArray[np.float64]:
        rows = np.array(self._values, np.float64).reshape(-1, COLUMNS)
        is_sorted = bool((np.diff(rows[:, 0]) > 0).all())
        return rows if is_sorted else rows[np.argsort(rows[:, 0], kind="stable")]

    def _take(self, content: bytes | None) -> None:
        if content is None:
            return
        line_end = content.index(b"\n")
        head = json.loads(content[:line_end])
        self._values.frombytes(memoryview(content)[line_end + 1 :])
        self.is_complete, self.remarks, self._saved = head["complete"], head["remarks"], len(self)
        self.frames, self.lost = head["frames"], Spans(tuple(span) for span in head["lost"])
        self.flaws = flaws_from(head["flaws"])
        self.numbers = _spans(self._rows()[:, 0].astype(np.int64))


def passed_counts(cache: Cache, key: str, *, again: bool = False) -> KeptCounts:
    """Returns what is kept for whoever reads a recording from its beginning, or begins `again`.

    What was counted in parts of a recording with losses is left: behind a loss, frames have other numbers there.
    """
    kept = KeptCounts(cache, key, again=again)
    return KeptCounts(cache, key, again=True) if kept.lost else kept


def _reading(row: NDArray[np.float64], *, consistency: bool) -> Reading:
    number, time_s, people, own_s, agreement, doubt = row.tolist()
    frame = Frame(int(number), time_s, BLANK, own_s=_known(own_s))
    agreed = _known(agreement) if consistency else None
    return Reading(frame, people, consistency=agreed, doubt=DOUBTS[int(doubt)])


def _spans(numbers: NDArray[np.int64]) -> Spans:
    """Returns the spans of rising numbers."""
    breaks = np.flatnonzero(np.diff(numbers) > 1)
    starts, ends = numbers[np.r_[0, breaks + 1]] if len(numbers) else numbers, numbers[np.r_[breaks, len(numbers) - 1]]
    return Spans(zip(starts.tolist(), (ends + 1).tolist(), strict=True))


def flaws_facts(flaws: Flaws) -> dict[str, Any]:
    """Returns plain values of what was wrong, for `flaws_from`."""
    noted = [{"kind": type(one).__name__.lower(), **asdict(one)} for one in flaws.noted]
    return {**asdict(replace(flaws, noted=())), "noted": noted}


def flaws_from(facts: dict[str, Any]) -> Flaws:
    """Returns what `flaws_facts` took."""
    noted = tuple(KINDS[one.pop("kind")](**one) for one in facts.pop("noted"))
    return Flaws(**{**facts, "unread": tuple(facts["unread"])}, noted=noted)


def _known(value: float) -> float | None:
    return None if isnan(value) else value
