"""What is said of days and spans that are looked back at, in words; pure: an unknown count is a dash, never zero."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from PyQt6.QtCore import QCoreApplication

from app.panels.alert_words import MINUTE_S, duration_words
from app.panels.day_marks import local, offset_text
from app.panels.history_span import Span
from app.running.lookback import Day
from engine.history.peaks import Peak
from engine.history.periods import Period

translate = QCoreApplication.translate
UNKNOWN = "–"
WHOLE = 0.995  # of a day that is known, from which on nothing is said to be missing


def day_words(day: date) -> str:
    """Returns 'Saturday 14 November 2026'."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_day_words(day: date) -> str:
    """Returns 'Sat 14 Nov 2026'."""
    return f"{day:%a} {day.day} {day:%b %Y}"


def span_words(span: Span) -> str:
    """Returns the days of a span."""
    if span.kind == "month":
        return f"{span.first:%B %Y}"
    if span.number == 1:
        return day_words(span.first)
    return f"{short_day_words(span.first)} – {short_day_words(span.last)}"


def other_words(span: Span, by_days: int) -> str:
    """Returns the days that lie so many days later, or earlier, in short."""
    first, last = (day + timedelta(days=by_days) for day in (span.first, span.last))
    return short_day_words(first) if first == last else f"{short_day_words(first)} – {short_day_words(last)}"


def column_words(span: Span, by_days: int = 0) -> str:
    """Returns the days of a span, or those that lie so many days later, in as few letters as tell them."""
    first, last = (day + timedelta(days=by_days) for day in (span.first, span.last))
    if first == last:
        return f"{first.day} {first:%b}"
    begin = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{begin}–{last.day} {last:%b}"


def people_words(people: float | None) -> str:
    """Returns a count in whole people."""
    return UNKNOWN if people is None or math.isnan(people) else f"{people:.0f}"


def alerts_words(number: int) -> str:
    """Returns how many alerts there were."""
    if number == 1:
        return translate("History", "1 alert")
    return translate("History", "{number} alerts").format(number=number or translate("History", "no"))


def day_lines(day: Day, now_s: float) -> list[str]:
    """Returns all that is said of a day, a line each."""
    lines = [day_words(day.day)]
    if day.period.from_s > now_s:
        return [*lines, translate("History", "not yet")]
    if day.most is None:
        return [*lines, translate("History", "nothing was counted"), *_alert_lines(day)]
    words = translate("History", "{subject}: {mean} people on average, at most {most}")
    lines += [
        words.format(subject=subject, mean=people_words(each.mean), most=people_words(each.most))
        for subject, each in day.sums.items()
        if each.most is not None
    ]
    known = day.known(now_s)
    if known < WHOLE:
        lines.append(translate("History", "{share} % of the day is known").format(share=math.floor(100 * known)))
    return [*lines, *_alert_lines(day)]


def _alert_lines(day: Day) -> Sequence[str]:
    return [alerts_words(day.alerts)] if day.alerts else []


def moment_words(moment_s: float, length_s: int = 1) -> str:
    """Returns a moment, as exactly as it is known."""
    then = local(moment_s)
    time = f"{then:%H:%M:%S}" if length_s == 1 else f"{then:%H:%M}"
    length = f" + {duration_words(length_s)}" if length_s > MINUTE_S else ""
    return f"{short_day_words(then.date())} {time}{length}"


def peak_words(peak: Peak) -> str:
    """Returns a peak in a sentence."""
    words = translate("History", "{people} people at {subject}, {when}")
    when = moment_words(peak.at_s, peak.length_s)
    return words.format(people=people_words(peak.people), subject=peak.subject, when=when)


def period_words(period: Period) -> str:
    """Returns the beginning of an hour, with its distance from UTC where it comes twice, or a day."""
    begin = local(period.from_s)
    day = short_day_words(begin.date())
    if period.to_s - period.from_s > 3600:
        return day
    zone = f" {offset_text(period.from_s)}" if _comes_twice(begin) else ""
    return f"{day} {begin:%H:%M}{zone}"


def _comes_twice(then: datetime) -> bool:
    plain = then.replace(tzinfo=None)
    return plain.replace(fold=0).timestamp() != plain.replace(fold=1).timestamp()


def unknown_s(period: Period, known_s: float, now_s: float) -> float:
    """Returns of how many seconds of a period, as far as it is over, nothing is known."""
    return max(0.0, min(period.to_s, now_s) - period.from_s - known_s)
