"""A run as it is logged: the readings of one camera become the samples of its seconds.

A live camera's samples stand at the wall time at which its frames arrived. Where the clock is set, or the computer
slept, the run ends and another begins at the new time: within one run time only rises.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock
from typing import Literal, Protocol

from engine.counting.reading import Reading, Sample, Sampler
from engine.log.backlog import Backlog
from engine.log.gaps import Gap, Silence
from engine.log.wall_time import WallTime
from engine.picture.frame import Frame


class KnownModel(Protocol):
    """What the log says of a model."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model of which no more is known."""

    name: str
    sha256: str


@dataclass(eq=False, slots=True)
class RunRecord:
    """What the log says of a run."""

    camera: str
    model: KnownModel
    began_s: float
    """Wall time, in seconds since 1970 (UTC)."""
    on_written: Callable[[list[Sample]], None] = lambda samples: None
    """Called in the writing thread with its samples that are now safely in the log."""
    row: int | None = None
    """The run's number in the log, once it is there; used by the writing thread alone."""
    kind: Literal["camera", "group"] = "camera"
    zones: dict[str, int] = field(default_factory=dict)
    """The numbers of its zones in the log, once they are there; used by the writing thread alone."""

    @property
    def started_at(self) -> datetime:
        """UTC; the second 0 of its samples."""
        return datetime.fromtimestamp(self.began_s, UTC).replace(tzinfo=None)


Entry = tuple[RunRecord, Sample | Gap | None]
"""A sample or a gap of a run; none notes that the run began."""


def is_sample(entry: Entry) -> bool:
    """Whether an entry that is lost is a sample that is lost."""
    return isinstance(entry[1], Sample)


class LoggedRun:
    """An outlet for the readings of one recording, whose frames carry its own time."""

    def __init__(self, record: RunRecord, backlog: Backlog[Entry]) -> None:
        """Notes that the run began."""
        self.record, self._backlog = record, backlog
        self._sampler, self._sampling = Sampler(), Lock()
        self.closed = False
        backlog.put((record, None))

    def put(self, reading: Reading) -> bool:
        """Takes a reading; False if the run is closed or the log is given up."""
        with self._sampling:
            if self.closed:
                return False
            last = self._last_before(reading.frame)
            record, sample = self.record, self._sampler.add(self._seconds(reading.frame), reading)
        return all(self._hand_on(entry) for entry in (*last, (record, sample)))

    def close(self) -> None:
        """Hands on the sample of the last second; may be called twice."""
        with self._sampling:
            self.closed, last = True, (self.record, self._sampler.finish())
        self._hand_on(last)

    def _last_before(self, _frame: Frame) -> Sequence[Entry]:
        """Returns the last entries of a run that ended before a frame, which begins another; none where it goes on."""
        return ()

    def _seconds(self, frame: Frame) -> float:
        """Returns a frame's time in its run."""
        return frame.time_s

    def _hand_on(self, entry: Entry) -> bool:
        return self._backlog.put(entry) if entry[1] else not self._backlog.closed


class LiveRun(LoggedRun):
    """An outlet for the readings of a live camera, whose frames count from when they arrived."""

    def __init__(self, record: RunRecord, backlog: Backlog[Entry], wall_time: Callable[[], WallTime]) -> None:
        """Notes that the run began; `wall_time` is asked at each reading."""
        super().__init__(record, backlog)
        self._wall_time, self._wall, self._latest_s = wall_time, wall_time(), 0.0
        self._silence = Silence()

    def explain(self, now_s: float, reason: str | None) -> None:
        """Takes, about once a second, why nothing is counted, or None where it is; `now_s` is monotonic."""
        with self._sampling:
            if self.closed:
                return
            second = math.floor(self._wall.at(now_s) - self.record.began_s)
            entry = self.record, self._silence.add(second, reason)
        self._hand_on(entry)

    def close(self) -> None:
        """Hands on the sample of the last second, and the gap that is open; may be called twice."""
        with self._sampling:
            last = self.record, self._silence.finish()
        self._hand_on(last)
        super().close()

    def _last_before(self, frame: Frame) -> Sequence[Entry]:
        now = self._wall_time()
        if now.steps == self._wall.steps:
            self._wall = now
        elif frame.arrived_s > now.steady_s:
            last = (self.record, self._sampler.finish()), (self.record, self._silence.finish())
            self._wall, self._latest_s = now, 0.0
            self.record = replace(self.record, began_s=now.at(frame.arrived_s), row=None)
            return last
        return ()

    def _seconds(self, frame: Frame) -> float:
        """A clock that is set back by less than a step stands still meanwhile."""
        self._latest_s = max(self._latest_s, self._wall.at(frame.arrived_s) - self.record.began_s)
        return self._latest_s


class SummedRun:
    """A run of seconds that are summed up already: those of a group, by wall time.

    Where the clock is set back it ends, and another begins.
    """

    def __init__(self, record: RunRecord, backlog: Backlog[Entry]) -> None:
        """Notes that the run began."""
        self.record, self._backlog = record, backlog
        self._next = 0
        backlog.put((record, None))

    def put(self, second: int, sample: Sample) -> bool:
        """Takes what a second came to, in seconds since 1970 (UTC); False if the log is given up."""
        own = second - math.floor(self.record.began_s)
        if own < self._next:
            self.record, own = replace(self.record, began_s=float(second), row=None), 0
        self._next = own + 1
        return self._backlog.put((self.record, replace(sample, second=own)))
