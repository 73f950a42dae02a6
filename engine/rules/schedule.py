"""When in a week a rule applies, by the clock on the wall of a time zone.

A moment is looked up by what that clock shows, so where clocks are put back an hour that comes twice counts both times,
and where they are put forward one that never comes counts for nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MIN, HOUR_MIN, MINUTE_S = 24 * 60, 60, 60
EXAMPLE = "such as 'mon-fri 08:00-18:00', 'sat 22:00-04:00' or 'daily 00:00-24:00'"

_DAY = "|".join(DAYS)
_WINDOW = re.compile(
    rf"(?P<first>{_DAY}|daily)(?:-(?P<last>{_DAY}))? +(?P<begin>\d\d:\d\d) *- *(?P<end>\d\d:\d\d)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of some days of the week; one that ends before it begins goes on into the next day."""

    days: frozenset[int]
    """On which it begins; Monday is 0."""
    begin_min: int
    """After midnight."""
    end_min: int

    def holds(self, day: int, minute: int) -> bool:
        """Whether a minute of a day lies in it."""
        if self.begin_min < self.end_min:
            return day in self.days and self.begin_min <= minute < self.end_min
        began_before = (day - 1) % len(DAYS) in self.days and minute < self.end_min
        return began_before or (day in self.days and minute >= self.begin_min)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Windows of a week."""

    windows: tuple[Window, ...]
    zone: str | None = None
    """Name of the time zone; None is the computer's."""

    def applies(self, second: int) -> bool:
        """Whether a moment, in seconds since 1970 (UTC), lies in one of the windows."""
        day, minute = _on_the_wall(self.zone, second // MINUTE_S)
        return any(window.holds(day, minute) for window in self.windows)


def window(text: str) -> Window:
    """Returns the window that was written; raises ValueError where it cannot be understood, or would never apply."""
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"holds {text[:40]!r}, expected days and times {EXAMPLE}")
    begin, end = _minutes(found["begin"]), _minutes(found["end"])
    if begin is None or end is None or begin == DAY_MIN:
        raise ValueError(f"holds {text[:40]!r}, which is no time of a day, expected one {EXAMPLE}")
    if begin == end:
        raise ValueError(f"holds {text[:40]!r}, which never applies, expected an end after its beginning")
    return Window(_days(found["first"].lower(), found["last"]), begin, end)


def _days(first: str, last: str | None) -> frozenset[int]:
    if first == "daily":
        if last is not None:
            raise ValueError(f"holds 'daily-{last}', expected days {EXAMPLE}")
        return frozenset(range(len(DAYS)))
    begin = DAYS.index(first)
    end = begin if last is None else DAYS.index(last.lower())
    return frozenset((begin + step) % len(DAYS) for step in range((end - begin) % len(DAYS) + 1))


def _minutes(text: str) -> int | None:
    hours, minutes = map(int, text.split(":"))
    return HOUR_MIN * hours + minutes if minutes < HOUR_MIN and HOUR_MIN * hours + minutes <= DAY_MIN else None


@lru_cache(maxsize=64)
def _on_the_wall(zone: str | None, minute: int) -> tuple[int, int]:
    """Returns weekday and minute of the day; offsets of time zones are whole minutes."""
    shown = datetime.fromtimestamp(minute * MINUTE_S, ZoneInfo(zone) if zone else None)
    return shown.weekday(), HOUR_MIN * shown.hour + shown.minute
