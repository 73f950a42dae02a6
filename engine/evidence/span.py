"""The span of time that is told of, and how its moments are written; pure.

Of a camera it is wall time, shown in this computer's zone; of a recording the seconds since it began.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,3}):)?(\d{1,7}(?:\.\d+)?)")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAY_S, HOUR_S, MINUTE_S = 86_400, 3600, 60
STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Between two marks of an axis."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    from_s: float
    """Seconds since 1970 (UTC), or since a recording began."""
    to_s: float
    is_wall: bool = True

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.to_s - self.from_s

    @property
    def days(self) -> int:
        """How many days of the calendar it touches."""
        if not self.is_wall:
            return 1
        return (local(max(self.from_s, self.to_s - 1)).date() - local(self.from_s).date()).days + 1

    @property
    def title(self) -> str:
        """The whole of it, in words."""
        if not self.is_wall:
            return f"{clock(self.from_s)} to {clock(self.to_s)} of the recording"
        first, last = local(self.from_s), local(self.to_s)
        if _is_midnight(first) and self.length_s == _midnight_after(first) - self.from_s:
            return f"{_day(first)}, the whole day"
        if self.days == 1:
            end = "24:00" if _is_midnight(last) else _time(last)
            return f"{_day(first)}, {_time(first)} to {end}"
        if _is_midnight(first) and _is_midnight(last):
            return f"{_day(first)} to {_day(last - timedelta(days=1))}, whole days"
        return f"{_day(first)}, {_time(first)} to {_day(last)}, {_time(last)}"

    @property
    def zone(self) -> str:
        """By which clock moments are written."""
        if not self.is_wall:
            return "times from the beginning of the recording"
        names = [_zone(local(self.from_s)), _zone(local(self.to_s - 1))]
        return f"local time, {' and then '.join(dict.fromkeys(names))}"

    def moment(self, moment_s: float) -> str:
        """A moment to the second, with its day where there are several."""
        if not self.is_wall:
            return clock(moment_s)
        at = local(moment_s)
        return f"{at:%H:%M:%S}" if self.days == 1 else f"{_short(at)} {at:%H:%M:%S}"

    def hour(self, from_s: float, to_s: float) -> str:
        """A part of it that is about an hour long."""
        if not self.is_wall:
            return f"{clock(from_s)} – {clock(to_s)}"
        first, last = local(from_s), local(to_s)
        end = "24:00" if _is_midnight(last) else f"{last:%H:%M}"
        day = "" if self.days == 1 else f"{_short(first)} "
        return f"{day}{first:%H:%M} – {end}"

    def hours(self) -> list[tuple[float, float]]:
        """Its parts, each within one hour of the clock."""
        return list(pairwise([self.from_s, *self._full(HOUR_S, strict=True), self.to_s]))

    def whole_days(self) -> list[tuple[float, float]]:
        """Its parts, each within one day of the calendar."""
        return list(pairwise([self.from_s, *self._full(DAY_S, strict=True), self.to_s]))

    def day(self, moment_s: float) -> str:
        """The day of a moment."""
        return _short(local(moment_s))

    def marks(self, most: int) -> list[tuple[float, str]]:
        """Round moments for an axis, at most so many, each with its words."""
        longest_s = math.ceil(self.length_s / (most * DAY_S)) * DAY_S
        step_s = next((step for step in STEPS_S if self.length_s / step <= most), longest_s)
        return [(mark, self._mark(mark, step_s)) for mark in self._full(step_s)]

    def _mark(self, moment_s: float, step_s: float) -> str:
        if not self.is_wall:
            return clock(moment_s)
        at = local(moment_s)
        if _is_midnight(at) and (self.days > 1 or step_s >= DAY_S):
            return _short(at)
        return f"{at:%H:%M}" if step_s >= MINUTE_S else f"{at:%H:%M:%S}"

    def _full(self, step_s: int, *, strict: bool = False) -> Iterator[float]:
        """Yields the moments in it at which the clock shows a multiple of a step."""
        least = self.from_s + (1e-6 if strict else 0)
        most = self.to_s - (1e-6 if strict else 0)
        if not self.is_wall:
            first = -(-least // step_s) * step_s
            while first <= most:
                yield first
                first += step_s
            return
        shown = local(self.from_s).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        before = float("-inf")
        while (moment_s := shown.timestamp()) <= most:
            if moment_s >= least and moment_s > before:
                yield moment_s
                before = moment_s
            if step_s == HOUR_S and (again := shown.replace(fold=1).timestamp()) > moment_s and least <= again <= most:
                yield again  # an hour that comes twice
                before = again
            shown += timedelta(seconds=step_s)


def local(moment_s: float) -> datetime:
    """Returns a moment, in seconds since 1970 (UTC), in this computer's zone."""
    return datetime.fromtimestamp(moment_s).astimezone()


def clock(seconds: float) -> str:
    """Returns a time of a recording as h:mm:ss; with tenths where it is not whole."""
    tenths = round(10 * seconds)
    whole, tenth = divmod(tenths, 10)
    text = f"{whole // HOUR_S}:{whole % HOUR_S // MINUTE_S:02}:{whole % MINUTE_S:02}"
    return f"{text}.{tenth}" if tenth else text


def seconds_of(text: str) -> float:
    """Returns a time of a recording such as 90, 1:30 or 0:01:30 in seconds; raises ValueError where it is none."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time of a recording")
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    is_clock = found[2] is not None
    if is_clock and (seconds >= MINUTE_S or (found[1] is not None and minutes >= HOUR_S // MINUTE_S)):
        raise ValueError(f"{text!r} is no time of a recording")
    return hours * HOUR_S + minutes * MINUTE_S + seconds


def lasting(seconds: float) -> str:
    """Returns how long something lasted, in words."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 2 * HOUR_S:
        return f"{whole // MINUTE_S} min" + (f" {whole % MINUTE_S} s" if whole < 600 and whole % MINUTE_S else "")
    hours, minutes = divmod(round(whole / MINUTE_S), 60)
    return f"{hours} h" + (f" {minutes} min" if minutes else "")


def day_span(day: str) -> Span:
    """Returns the whole of a day such as 2026-11-20, by this computer's clock; raises ValueError where it is none."""
    first = datetime.strptime(day, "%Y-%m-%d")
    return Span(first.timestamp(), (first + timedelta(days=1)).timestamp())


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def _midnight_after(at: datetime) -> float:
    return (at.replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)).timestamp()


def _day(at: datetime) -> str:
    return f"{DAYS[at.weekday()]} {at:%Y-%m-%d}"


def _short(at: datetime) -> str:
    return f"{DAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]}"


def _time(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _zone(at: datetime) -> str:
    offset = f"UTC{at:%z}"[:-2] + ":" + f"{at:%z}"[3:5]
    return offset if at.tzname() in (None, "UTC") or not str(at.tzname()).isalpha() else f"{at.tzname()} ({offset})"
