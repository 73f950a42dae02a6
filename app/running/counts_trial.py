"""A rule tried on the counts of a recording: when it would have raised alerts."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.running.errands import Errands
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed, Second
from engine.rules.series import Hold, Subject
from engine.rules.trial import tried

WORK = "trying a rule on a recording"
RECORDING = Subject("recording")


@dataclass(frozen=True, slots=True)
class CountsOrder:
    """What is to be tried, and on what."""

    rule: Rule
    times: NDArray[np.float64] = field(repr=False, compare=False)
    """Of the counts, in seconds of the recording, rising."""
    people: NDArray[np.float64] = field(repr=False, compare=False)
    hold_s: float = 0.0
    """For how long a count stands, where they come less often than each second."""


@dataclass(frozen=True, slots=True)
class TriedCounts:
    """What came of it."""

    rule: Rule
    spans: tuple[tuple[float, float], ...]
    """When each alert held, in seconds of the recording; one that is open at the end, up to there."""
    known_s: int
    """Seconds of the recording of which something is known."""


class CountsTrial:
    """Tries one rule after the other in a thread; of those that wait only the newest."""

    def __init__(self) -> None:
        self._errands = Errands("trial of a rule on a recording")
        self._seconds: tuple[Second, ...] = ()
        self._of: object = None
        """Of which counts the seconds are."""

    def ask(self, order: CountsOrder) -> None:
        """Has a rule tried; never waits."""
        self._errands.ask(WORK, lambda: self._try(order))

    @property
    def is_busy(self) -> bool:
        """Whether something is being tried."""
        return self._errands.is_busy(WORK)

    def take(self) -> TriedCounts | None:
        """Takes out what came of the newest trial; None where nothing new did."""
        results = [outcome.result for outcome in self._errands.outcomes()]
        return next((result for result in reversed(results) if isinstance(result, TriedCounts)), None)

    def close(self) -> None:
        """Tries no more, and waits for what is being tried."""
        self._errands.close(WORK)

    def _try(self, order: CountsOrder) -> TriedCounts:
        if self._of is not order.times:
            self._of, self._seconds = order.times, seconds_of(order.times, order.people, order.hold_s)
        return try_rule(order.rule, self._seconds)


def try_rule(rule: Rule, seconds: tuple[Second, ...]) -> TriedCounts:
    """Steps a rule over the seconds of a recording."""
    end = seconds[-1].second + 1 if seconds else 0
    found = tried(Placed(rule, RECORDING), seconds)
    spans = tuple((float(each.raised), float(end if each.cleared is None else each.cleared)) for each in found)
    return TriedCounts(rule, spans, len(seconds))


def seconds_of(times: NDArray[np.float64], people: NDArray[np.float64], hold_s: float = 0.0) -> tuple[Second, ...]:
    """Returns the seconds of a recording of which something is known, each with its mean count, as a log keeps them."""
    if len(times) == 0:
        return ()
    seconds = np.floor(times).astype(np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(seconds) > 0))
    means = np.add.reduceat(people, starts) / np.diff(np.append(starts, len(times)))
    known = dict(zip(seconds[starts].tolist(), means.tolist(), strict=True))
    held_s = math.ceil(hold_s) if hold_s > 1 else 0
    hold, found = Hold(held_s), list[Second]()
    for second in range(int(seconds[0]), int(seconds[-1]) + max(1, held_s)):
        count = hold.add(second, known.get(second))
        if count is not None:
            found.append(Second(second, {RECORDING: count}))
    return tuple(found)
