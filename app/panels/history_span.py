"""Which days are looked back at, in whole days of the local clock; pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from engine.history.periods import Period, midnight

Kind = Literal["day", "week", "month", "own"]
KINDS: tuple[Kind, ...] = ("day", "week", "month", "own")
WEEK = 7
LONGEST_DAYS = 3 * 366
HOURS_UP_TO = 14  # days whose hours are listed
BEFORE = (1, 7, 28, 364)
"""Days by which others may lie before; from a week on the days of the week are the same."""


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both of them in it."""

    kind: Kind
    first: date
    last: date

    @classmethod
    def around(cls, kind: Kind, day: date, *, week_begins: int = 0) -> "Span":
        """Returns the day, week or month in which a day lies; `week_begins` is 0 for Monday."""
        if kind == "week":
            first = day - timedelta(days=(day.weekday() - week_begins) % WEEK)
            return cls(kind, first, first + timedelta(days=WEEK - 1))
        if kind == "month":
            first = day.replace(day=1)
            return cls(kind, first, month_after(first) - timedelta(days=1))
        return cls(kind, day, day)

    @classmethod
    def of(cls, first: date, last: date) -> "Span":
        """Returns one from a day to another, not longer than may be; in either order."""
        first, last = sorted((first, last))
        return cls("own", first, min(last, first + timedelta(days=LONGEST_DAYS - 1)))

    @property
    def number(self) -> int:
        """Of its days."""
        return (self.last - self.first).days + 1

    @property
    def bounds(self) -> Period:
        """From its first moment until after its last."""
        return Period(midnight(self.first), midnight(self.last + timedelta(days=1)))

    @property
    def before(self) -> list[int]:
        """By how many days others may lie before that do not reach into it."""
        return [number for number in BEFORE if number >= self.number]

    def moved(self, by: int) -> "Span":
        """Returns the next, or the one before."""
        if self.kind == "month":
            return Span.around("month", month_after(self.first) if by > 0 else self.first - timedelta(days=1))
        step = timedelta(days=self.number * by)
        return replace(self, first=self.first + step, last=self.last + step)

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.first <= day <= self.last


def month_after(day: date) -> date:
    """Returns the first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
