"""A rule tried on the last day of what it is on: what was counted, and when it would have raised alerts."""

from dataclasses import dataclass

from app.running.errands import Errands
from engine.alerts.past import past_seconds
from engine.history.query import History
from engine.history.series import DAY_S, Grid, Series
from engine.log.database import open_for_reading
from engine.rules.rule import STATES, Measure
from engine.rules.rulebook import Placed, Second
from engine.rules.series import Subject
from engine.rules.trial import Trial, tried

POINTS = 600
WORK = "trying the rule"
MOST_DAYS_KEPT = 3


@dataclass(frozen=True, slots=True)
class Day:
    """What is stored of one subject, as a rule of some kind compares it."""

    series: Series
    """People, for the eye."""
    seconds: tuple[Second, ...]


Key = tuple[Subject, str, bool, bool, int]
"""Of what is read of the log: subject, kind of series, which end of the interval, whether it is one, and until when."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be tried."""

    database: str
    placed: Placed
    hold_s: float
    until: int
    """The second after the last day."""

    @property
    def key(self) -> Key:
        """What has to be read for it."""
        rule = self.placed.rule
        kind = rule.measure.value if rule.measure in (*STATES, Measure.DENSITY) else "count"
        return self.placed.subject, kind, rule.certain and rule.is_above, rule.certain, self.until


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    order: Order
    day: Day
    trials: tuple[Trial, ...]


class RuleTrial:
    """Tries one rule after the other; of those that wait only the newest. What was read is read once."""

    def __init__(self) -> None:
        self._errands = Errands("trial of a rule")
        self._days: dict[Key, Day] = {}
        self.problem = ""
        """Why the last one could not be tried, or ''."""

    def ask(self, order: Order) -> None:
        """Has a rule tried; never waits."""
        self._errands.ask(WORK, lambda: self._try(order))

    @property
    def is_busy(self) -> bool:
        """Whether something is being tried."""
        return self._errands.is_busy(WORK)

    def take(self) -> Tried | None:
        """Takes out what came of the newest trial; None where nothing new did."""
        newest = None
        for outcome in self._errands.outcomes():
            self.problem = outcome.problem
            newest = outcome.result if isinstance(outcome.result, Tried) else newest
        return newest

    def close(self) -> None:
        """Tries no more, and waits for what is being tried."""
        self._errands.close(WORK)

    def _try(self, order: Order) -> Tried:
        day = self._days.get(order.key)
        if day is None:
            day = read_day(order)
            self._days = dict([*self._days.items(), (order.key, day)][-MOST_DAYS_KEPT:])
        return Tried(order, day, tuple(tried(order.placed, day.seconds)))


def read_day(order: Order) -> Day:
    """Reads the last day; takes time.

    Raises:
        DatabaseError: the log is not there, or cannot be read.
    """
    since = order.until - DAY_S
    history = History(order.database)
    try:
        series = history.series(order.placed.subject, Grid.over(since, order.until, points=POINTS))
    finally:
        history.close()
    engine = open_for_reading(order.database)
    try:
        seconds = tuple(past_seconds(engine, order.placed, since, order.until, hold_s=order.hold_s))
    finally:
        engine.dispose()
    return Day(series, seconds)
