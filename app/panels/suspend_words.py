"""What is offered and said where rules are suspended; pure: moments in, words out, by the clock on the wall here."""

from datetime import datetime, timedelta

from PyQt6.QtCore import QCoreApplication

from engine.alerts.suspension import Suspension

MINUTE_S, HOUR_S = 60, 3600
MORNING_H = 7
LEAST_NIGHT_S = 3 * HOUR_S
"""A morning that is sooner is not the one that people wait for."""
translate = QCoreApplication.translate


def choices(now_s: float) -> list[tuple[str, int]]:
    """Returns what is offered: words, and until when."""
    morning = next_morning(now_s)
    is_today = datetime.fromtimestamp(morning).date() == datetime.fromtimestamp(now_s).date()
    words = (
        translate("Suspend", "Until &morning ({clock})")
        if is_today
        else translate("Suspend", "Until tomorrow &morning ({clock})")
    )
    return [
        (translate("Suspend", "For &15 minutes"), round(now_s) + 15 * MINUTE_S),
        (translate("Suspend", "For 1 &hour"), round(now_s) + HOUR_S),
        (words.format(clock=f"{datetime.fromtimestamp(morning):%H:%M}"), morning),
    ]


def next_morning(now_s: float) -> int:
    """Returns the next morning that is worth waiting for, by the clock here."""
    now = datetime.fromtimestamp(now_s)
    for days in range(2):
        day = now.date() + timedelta(days=days)
        morning = datetime(day.year, day.month, day.day, MORNING_H).timestamp()
        if morning - now_s >= LEAST_NIGHT_S:
            break
    return round(morning)


def until_words(until: int, now_s: float) -> str:
    """Returns a moment by the clock here, with its day where that is not today."""
    at = datetime.fromtimestamp(until)
    return f"{at:%H:%M}" if at.date() == datetime.fromtimestamp(now_s).date() else f"{at:%a %d %b %H:%M}"


def suspended_words(suspension: Suspension, now_s: float) -> str:
    """Returns 'suspended until 18:00 by Anna'."""
    words = translate("Suspend", "suspended until {moment}").format(moment=until_words(suspension.until, now_s))
    return words + (translate("Suspend", " by {who}").format(who=suspension.who) if suspension.who else "")
