"""The counts of one recording as they were found in one way, kept so that they need not be found again.

They are kept before they are smoothed, so that another smoothing finds them too. What was kept when a count was
interrupted is good for its first part: whoever goes on begins behind it.
"""

import hashlib
import json
from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.counting.reading import Reading
from engine.picture.frame import Frame
from engine.picture.shot import Still
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH
from engine.recording.cache import Cache
from engine.recording.identity import Identity
from engine.sources.flaws import Flaws, Hole, Jump

FORMAT = 1
SAVE_S = 2.0  # between two times that it is written while it grows
SHARE = 0.05  # of the time that writing may take
COLUMNS = 5  # frame, time, people, own time, consistency
KINDS = {"jump": Jump, "hole": Hole}
BLANK = Still(np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8))


@dataclass(frozen=True, slots=True)
class Way:
    """All that counts depend on, but for the recording."""

    model_sha256: str
    provider: str
    max_fps: float | None = None
    grid: tuple[int, int] | None = None
    aspect: Fraction | None = None
    density: bool = True

    def key(self, identity: Identity) -> str:
        """Returns by what the counts of a recording are known."""
        facts = json.dumps([FORMAT, asdict(identity), asdict(self)], default=str, sort_keys=True)
        return f"counts-{hashlib.sha256(facts.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of one recording, by their times; columns of the same length."""

    times: NDArray[np.float64]
    """Of the frames, in seconds, rising."""
    people: NDArray[np.float64]

    @classmethod
    def none(cls) -> "Counts":
        """Returns no counts at all."""
        return cls(np.empty(0), np.empty(0))

    def __len__(self) -> int:
        return len(self.times)


class KeptCounts:
    """The counts of one recording, in the order of its frames."""

    def __init__(self, cache: Cache, key: str, *, again: bool = False) -> None:
        """Takes up what is kept, or begins `again`: then what is kept stays until there is more."""
        self._cache, self._key = cache, key
        self._values = array("d")
        self.is_complete = False
        """Whether there are no more to come."""
        self.flaws = Flaws()
        """What was wrong in the recording, once it is complete."""
        self.remarks: list[str] = []
        """What was said of its frames."""
        self._saved, self._due_s = 0, monotonic() + SAVE_S
        self._take(cache.read(key))
        if again:
            self._values, self.is_complete, self.flaws, self.remarks = array("d"), False, Flaws(), []

    def __len__(self) -> int:
        return len(self._values) // COLUMNS

    @property
    def last_frame(self) -> int:
        """The number of the last frame that is known; -1 without any."""
        return int(self._values[-COLUMNS]) if self._values else -1

    def readings(self) -> Iterator[Reading]:
        """Yields them as they were found, on frames whose picture is blank."""
        for start in range(0, len(self._values), COLUMNS):
            number, time_s, people, own_s, consistency = self._values[start : start + COLUMNS]
            frame = Frame(int(number), time_s, BLANK, own_s=_known(own_s))
            yield Reading(frame, people, consistency=_known(consistency))

    def add(self, reading: Reading) -> None:
        """Takes a further one, and writes what there is from time to time."""
        frame, remark = reading.frame, reading.frame.layout.remark
        unknown = float("nan")
        own_s = unknown if frame.own_s is None else frame.own_s
        consistency = unknown if reading.consistency is None else reading.consistency
        self._values.extend((frame.index, frame.time_s, reading.count, own_s, consistency))
        if remark and remark not in self.remarks:
            self.remarks.append(remark)
        if monotonic() >= self._due_s:
            self.save()

    def finish(self, flaws: Flaws) -> None:
        """Notes that there are no more, and what was wrong in the recording."""
        self.is_complete, self.flaws, self._saved = True, flaws, 0
        self.save()

    def save(self) -> None:
        """Writes what there is, if that is more than was written."""
        if len(self) <= self._saved:
            return
        begun_s, self._saved = monotonic(), len(self)
        noted = [{"kind": type(one).__name__.lower(), **asdict(one)} for one in self.flaws.noted]
        head = {
            "complete": self.is_complete,
            "remarks": self.remarks,
            "flaws": {**asdict(replace(self.flaws, noted=())), "noted": noted},
        }
        self._cache.write(self._key, json.dumps(head).encode() + b"\n" + self._values.tobytes())
        ended_s = monotonic()
        self._due_s = ended_s + max(SAVE_S, (ended_s - begun_s) / SHARE)

    def _take(self, content: bytes | None) -> None:
        if content is None:
            return
        line, _, values = content.partition(b"\n")
        head = json.loads(line)
        self._values.frombytes(values)
        self.is_complete, self.remarks, self._saved = head["complete"], head["remarks"], len(self)
        self.flaws = _flaws(head["flaws"])


def _flaws(facts: dict[str, Any]) -> Flaws:
    noted = tuple(KINDS[one.pop("kind")](**one) for one in facts.pop("noted"))
    return Flaws(**{**facts, "unread": tuple(facts["unread"])}, noted=noted)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
