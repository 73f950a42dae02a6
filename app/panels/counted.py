"""Every count of a recording by its time, in whichever order they come; some twenty bytes each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.running.feed import Point
from engine.counting.doubt import Doubt
from engine.recording.counts import DOUBTS

SAME_S = 0.0005  # times of one frame, found in two ways, differ by less
FIRST_ROOM = 1024
LEAST_BREAK_S, BREAK_STEPS = 1.0, 4.0  # between two counts, beyond which what lies between them is not known
LOOKED_AT = 2000  # counts of which the usual step is taken
BLOCK = 1 << 16  # counts that are gone through at once: what is made of them on the way stays in the cache

UNKNOWN = -1  # in place of a doubt's number: nobody knows whether the count is to be relied on

Floats = NDArray[np.float64]


class Counted:
    """Keeps counts in the order of their times; of one frame that is counted twice the newest holds."""

    def __init__(self) -> None:
        self._times, self._people = np.empty(FIRST_ROOM), np.empty(FIRST_ROOM)
        self._broken, self._doubts = np.zeros(FIRST_ROOM, np.bool_), np.empty(FIRST_ROOM, np.int8)
        self._number, self._changes = 0, 0
        self._holes: tuple[tuple[int, float], NDArray[np.intp]] = (-1, 0.0), np.empty(0, np.intp)
        """Of which state they are, and where."""

    def __len__(self) -> int:
        return self._number

    def add(self, points: Sequence[Point]) -> None:
        """Takes further points."""
        if points:
            columns = np.array(points, np.float64)
            self.take(columns[:, 0], columns[:, 1], columns[:, 3] > 0, columns[:, 4].astype(np.int8))

    def take(
        self,
        times: Floats,
        people: Floats,
        broken: NDArray[np.bool_] | None = None,
        doubts: NDArray[np.int8] | None = None,
    ) -> None:
        """Takes counts as columns.

        Args:
            times: of them.
            people: counted.
            broken: before which of them frames were lost.
            doubts: why they are not to be relied on, as places in `DOUBTS`.
        """
        if len(times) == 0:
            return
        lost = np.zeros(len(times), np.bool_) if broken is None else broken
        why = np.full(len(times), UNKNOWN, np.int8) if doubts is None else doubts
        self._changes += 1
        if not (_rises(times) and self._is_behind(times[0])):
            self._merge(times, people, lost, why)
            return
        if self._number == 0:  # as they are: those of a day are millions
            self._times, self._people = np.ascontiguousarray(times), np.ascontiguousarray(people)
            self._broken, self._doubts, self._number = lost, why, len(times)
            return
        start, self._number = self._number, self._number + len(times)
        self._make_room()
        self._times[start : self._number], self._people[start : self._number] = times, people
        self._broken[start : self._number], self._doubts[start : self._number] = lost, why

    @property
    def times(self) -> Floats:
        """Of all counts, in seconds, rising."""
        return self._times[: self._number]

    @property
    def people(self) -> Floats:
        """All counts, by their times."""
        return self._people[: self._number]

    @property
    def broken(self) -> NDArray[np.bool_]:
        """Before which of them frames were lost."""
        return self._broken[: self._number]

    @property
    def end_s(self) -> float:
        """The time of the last; 0 without any."""
        return float(self._times[self._number - 1]) if self._number else 0.0

    @property
    def average(self) -> float | None:
        """The mean count; None before the first."""
        return float(self.people.mean()) if self._number else None

    @property
    def most(self) -> tuple[float, float] | None:
        """Time and number of the highest count, the first of several; None before the first."""
        if not self._number:
            return None
        place = int(self.people.argmax())
        return float(self._times[place]), float(self._people[place])

    @property
    def step_s(self) -> float:
        """What usually lies between two counts."""
        return float(np.median(np.diff(self.times[:LOOKED_AT]))) if self._number > 1 else 0.0

    @property
    def break_s(self) -> float:
        """What lies between two counts that are further from each other than this is not known."""
        return max(LEAST_BREAK_S, BREAK_STEPS * self.step_s)

    @property
    def holes(self) -> NDArray[np.intp]:
        """The places of counts between which and the next frames are missing, rising."""
        state = self._changes, self.break_s
        if self._holes[0] != state:
            self._holes = state, self._found_holes(self.break_s)
        return self._holes[1]

    def at(self, time_s: float) -> float | None:
        """Returns the count of the frame of a time in seconds; None where it is not counted."""
        place = self._place(time_s)
        return None if place is None else float(self._people[place])

    def doubt_at(self, time_s: float) -> Doubt | None:
        """Returns why the count of the frame of a time is not to be relied on; None where nobody knows."""
        place = self._place(time_s)
        return None if place is None or self._doubts[place] == UNKNOWN else DOUBTS[self._doubts[place]]

    def before(self, time_s: float) -> float | None:
        """Returns the last count that is not after a time, if it is near enough to stand for it."""
        place = int(np.searchsorted(self.times, time_s + SAME_S)) - 1
        is_near = place >= 0 and time_s - self._times[place] <= self.break_s
        return float(self._people[place]) if is_near else None

    def between(self, begin_s: float, end_s: float) -> tuple[Floats, Floats]:
        """Returns times and counts of a span, both of its ends included."""
        part = slice(*np.searchsorted(self.times, [begin_s - SAME_S, end_s + SAME_S]))
        return self.times[part], self.people[part]

    def _place(self, time_s: float) -> int | None:
        place = int(np.searchsorted(self.times, time_s - SAME_S))
        return place if place < self._number and self._times[place] <= time_s + SAME_S else None

    def _found_holes(self, break_s: float) -> NDArray[np.intp]:
        is_hole = self.broken[1:].copy()
        for at in range(0, len(is_hole), BLOCK):
            is_hole[at : at + BLOCK] |= np.diff(self.times[at : at + BLOCK + 1]) > break_s
        return np.flatnonzero(is_hole)

    def _is_behind(self, time_s: float) -> bool:
        return self._number == 0 or time_s > self._times[self._number - 1] + SAME_S

    def _make_room(self) -> None:
        if self._number > len(self._times):
            more = max(self._number, 2 * len(self._times)) - len(self._times)
            self._times, self._people = (np.append(each, np.empty(more)) for each in (self._times, self._people))
            self._broken = np.append(self._broken, np.zeros(more, np.bool_))
            self._doubts = np.append(self._doubts, np.empty(more, np.int8))

    def _merge(self, times: Floats, people: Floats, broken: NDArray[np.bool_], doubts: NDArray[np.int8]) -> None:
        """Puts counts in their places; a later one of the same time takes the place of the one before."""
        joined = np.concatenate([self.times, times])
        order = np.argsort(joined, kind="stable")
        order = order[np.append(np.diff(joined[order]) > SAME_S, True)]
        self._people = np.concatenate([self.people, people])[order]
        self._broken = np.concatenate([self.broken, broken])[order]
        self._doubts = np.concatenate([self._doubts[: self._number], doubts])[order]
        self._times, self._number = joined[order], len(order)


def _rises(times: Floats) -> bool:
    """Whether each time is another than the one before, and behind it."""
    return all(bool((np.diff(times[at : at + BLOCK + 1]) > SAME_S).all()) for at in range(0, len(times) - 1, BLOCK))
