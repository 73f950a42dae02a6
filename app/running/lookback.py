"""What is asked of a log to look back: what it holds, a month of days, curves of a span, its peaks and sums.

Each question is answered in a thread of its own, of each kind the newest; the answers are pulled.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from functools import partial
from itertools import pairwise
from typing import Protocol

from app.running.errands import Errands, Outcome
from app.running.finding import Entry, entries_of
from engine.alerts.listing import Alert, alerts_of
from engine.errors import DatabaseError, MissingLogError
from engine.history.contents import Contents
from engine.history.peaks import PARTS, Peak, highest
from engine.history.periods import Period, Sum, days, grid_of_other_days, grid_under, hours, laid_over, summed
from engine.history.query import History
from engine.history.series import Grid, Series
from engine.log.database import open_as_reader
from engine.log.place import HeldError, reported
from engine.rules.series import Subject

MOST_ALERTS = 5000
PEAK_POINTS = 1200
KEPT_S = (60, 3600)
"""Lengths of the sums that a log keeps longer than its seconds."""


class Question(Protocol):
    """Something that a log can be asked."""

    def answer(self, history: History) -> object:
        """Reads the log; takes time."""
        ...


@dataclass(frozen=True, slots=True)
class Holding:
    """What a log holds."""

    contents: Contents
    entries: tuple[Entry, ...] = field(repr=False)
    """What can be found in it."""


@dataclass(frozen=True, slots=True)
class AskHolding:
    """What does it hold?"""

    configured: tuple[str, ...]
    """Names of cameras."""

    def answer(self, history: History) -> Holding:
        """Reads names, runs and the newest alerts."""
        with reported(history.engine.url):
            alerts = alerts_of(history.engine, most=MOST_ALERTS)
        contents = history.contents()
        return Holding(contents, entries_of(contents, alerts, self.configured))


@dataclass(frozen=True, slots=True)
class Day:
    """How full a day was."""

    day: date
    period: Period
    sums: Mapping[Subject, Sum]
    alerts: int

    @property
    def most(self) -> float | None:
        """The most that any of the cameras counted."""
        return max((each.most for each in self.sums.values() if each.most is not None), default=None)

    def known(self, now_s: float) -> float:
        """Returns of which share of the day, as far as it is over, the count is known; 0 before it."""
        length_s = min(self.period.to_s, now_s) - self.period.from_s
        shares = [min(1.0, each.known_s / length_s) for each in self.sums.values() if each.most is not None]
        return sum(shares) / len(shares) if shares and length_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Month:
    """How full the days of a month were."""

    asked: "AskMonth"
    days: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class AskMonth:
    """How full were these days?"""

    first: date
    number: int
    subjects: tuple[Subject, ...]

    def answer(self, history: History) -> Month:
        """Sums up each day."""
        periods = days(self.first, self.number)
        sums = {subject: sums_of(history, subject, periods) for subject in self.subjects}
        alerts = _alerts(history, self.subjects, Period(periods[0].from_s, periods[-1].to_s))
        found = [
            Day(
                date.fromordinal(self.first.toordinal() + place),
                period,
                {subject: each[place] for subject, each in sums.items()},
                number,
            )
            for place, (period, number) in enumerate(zip(periods, raised_in(alerts, periods), strict=True))
        ]
        return Month(self, tuple(found))


@dataclass(frozen=True, slots=True)
class Curves:
    """What was counted, on one grid."""

    asked: "AskCurves"
    grid: Grid
    series: Mapping[Subject, Series] = field(repr=False)
    others: Mapping[Subject, Series] = field(repr=False)
    """Of the other days, laid over these; empty where none were asked for."""


@dataclass(frozen=True, slots=True)
class AskCurves:
    """What was counted in a stretch of time, and so many days later or earlier?"""

    subjects: tuple[Subject, ...]
    grid: Grid
    by_days: int | None = None

    def answer(self, history: History) -> Curves:
        """Reads the counts; where only minutes or hours are kept any more, those."""
        for grid in (self.grid, *(coarser(self.grid, step_s) for step_s in KEPT_S if step_s > self.grid.step_s)):
            series = self._series(history, grid)
            if any(each.readings.any() for each in series.values()):
                return Curves(self, grid, series, self._others(history, grid))
        return Curves(self, self.grid, self._series(history, self.grid), self._others(history, self.grid))

    def _series(self, history: History, grid: Grid) -> dict[Subject, Series]:
        return {subject: history.series(subject, grid) for subject in self.subjects}

    def _others(self, history: History, grid: Grid) -> dict[Subject, Series]:
        if self.by_days is None:
            return {}
        there = grid_of_other_days(grid, self.by_days)
        return {
            subject: laid_over(series, grid, self.by_days) for subject, series in self._series(history, there).items()
        }


@dataclass(frozen=True, slots=True)
class SumRow:
    """What an hour or a day of one subject came to."""

    subject: Subject
    sum: Sum
    alerts: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a span came to."""

    asked: "AskReport"
    peaks: tuple[Peak, ...]
    rows: tuple[SumRow, ...]
    alerts: tuple[Alert, ...]
    """Of these subjects, in this span; the newest first."""


@dataclass(frozen=True, slots=True)
class AskReport:
    """What did these days come to, by hours or as they are?"""

    first: date
    number: int
    subjects: tuple[Subject, ...]
    by_hours: bool

    @property
    def days(self) -> list[Period]:
        """The days of the span."""
        return days(self.first, self.number)

    def answer(self, history: History) -> Report:
        """Finds the peaks, and sums up."""
        whole = Period(self.days[0].from_s, self.days[-1].to_s)
        periods = hours(self.days) if self.by_hours else self.days
        alerts = _alerts(history, self.subjects, whole)
        columns = []
        for subject in self.subjects:
            numbers = raised_in([alert for alert in alerts if is_of(alert, subject)], periods)
            sums = sums_of(history, subject, periods)
            columns.append([SumRow(subject, each, number) for each, number in zip(sums, numbers, strict=True)])
        rows = tuple(row for together in zip(*columns, strict=True) for row in together)
        return Report(self, self._peaks(history, whole), rows, tuple(alerts))

    def _peaks(self, history: History, whole: Period) -> tuple[Peak, ...]:
        asked = AskCurves(self.subjects, Grid.over(*whole, points=PEAK_POINTS))
        found = highest(asked.answer(history).series, apart_s=(whole.to_s - whole.from_s) / PARTS)
        return tuple(history.exact(peak) for peak in found)


def coarser(grid: Grid, step_s: int) -> Grid:
    """Returns buckets of a length that cover a grid."""
    first = math.floor(grid.first_s / step_s)
    return Grid(first * step_s, step_s, math.ceil(grid.end_s / step_s) - first)


class Lookback:
    """Asks a log."""

    def __init__(self) -> None:
        self._errands = Errands("history")
        self._kinds: set[str] = set()

    def ask(self, database: str, question: Question) -> None:
        """Has a question answered; of one kind only the newest that waits is."""
        kind = type(question).__name__
        self._kinds.add(kind)
        self._errands.ask(kind, partial(answered, database, question))

    @property
    def is_busy(self) -> bool:
        """Whether anything is being read."""
        return any(map(self._errands.is_busy, self._kinds))

    def outcomes(self) -> list[Outcome]:
        """Takes out what was answered since the last call."""
        return self._errands.outcomes()

    def close(self) -> None:
        """Asks no more, and waits for the answer to what is being asked."""
        self._errands.close(*self._kinds)


def answered(database: str, question: Question) -> object:
    """Opens a log and asks it; takes time. One of an older version that lacks something is brought up to this one.

    One that is not there yet holds nothing.

    Raises:
        DatabaseError: it cannot be read, or is of a newer version.
    """
    try:
        return _answer(database, question)
    except MissingLogError:
        return Holding(Contents(), ())
    except HeldError:
        raise
    except DatabaseError:
        open_as_reader(database).dispose()
        return _answer(database, question)


def _answer(database: str, question: Question) -> object:
    history = History(database)
    try:
        return question.answer(history)
    finally:
        history.close()


def sums_of(history: History, subject: Subject, periods: Sequence[Period]) -> list[Sum]:
    """Returns what periods, one after the other, came to."""
    grid = grid_under(periods)
    return summed(history.series(subject, grid), history.known_s(subject, grid), periods)


def is_of(alert: Alert, subject: Subject) -> bool:
    """Whether an alert belongs to a camera or group with all its zones, or to that zone."""
    return alert.owner == subject.owner and subject.zone in (None, alert.zone)


def raised_in(alerts: Sequence[Alert], periods: Sequence[Period]) -> list[int]:
    """Returns how many alerts were raised in each of some periods, one after the other."""
    moments = sorted(map(raised_s, alerts))
    bounds = [bisect_left(moments, moment) for moment in (periods[0].from_s, *(period.to_s for period in periods))]
    return [end - begin for begin, end in pairwise(bounds)]


def raised_s(alert: Alert) -> float:
    """Returns when it was raised, in seconds since 1970."""
    return alert.raised_at.replace(tzinfo=UTC).timestamp()


def _alerts(history: History, subjects: Sequence[Subject], span: Period) -> list[Alert]:
    with reported(history.engine.url):
        found = alerts_of(history.engine, most=MOST_ALERTS, between=span)
    return [alert for alert in found if any(is_of(alert, subject) for subject in subjects)]
