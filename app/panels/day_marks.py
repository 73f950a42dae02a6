"""Where an axis in the local time of day puts its marks, and what it writes there; pure.

A time zone's offset may change within the axis: each mark is placed by the clock that holds there.
"""

import math
from datetime import datetime, tzinfo

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
DAY_S = 86_400
LOOKS = 8  # how often an axis asks whether the offset is another


def local(moment_s: float, zone: tzinfo | None = None) -> datetime:
    """Returns a moment as the local clock shows it, or that of a time zone."""
    return datetime.fromtimestamp(moment_s, zone).astimezone(zone)


def mark_step(span_s: float, most: int) -> int:
    """Returns the distance in seconds at which an axis of this length has no more than so many marks."""
    least = span_s / max(1, most)
    return next((step for step in STEPS_S if step >= least), math.ceil(least / DAY_S) * DAY_S)


def marks(from_s: float, to_s: float, step_s: int, zone: tzinfo | None = None) -> list[float]:
    """Returns the moments in a span that are even on the local clock; of an hour that comes twice, both."""
    found: set[int] = set()
    for offset_s in {_offset_s(from_s + (to_s - from_s) * part / LOOKS, zone) for part in range(LOOKS + 1)}:
        first = math.ceil((from_s + offset_s) / step_s)
        moments = (place * step_s - offset_s for place in range(first, math.floor((to_s + offset_s) / step_s) + 1))
        found.update(moment for moment in moments if _offset_s(moment, zone) == offset_s)
    return [float(moment) for moment in sorted(found)]


def mark_text(moment_s: float, step_s: int, zone: tzinfo | None = None) -> str:
    """Returns what stands at a mark: the time, at midnight the day."""
    then = local(moment_s, zone)
    if (then.hour, then.minute, then.second) == (0, 0, 0):
        return f"{then:%a} {then.day} {then:%b}" if step_s <= DAY_S else f"{then.day} {then:%b %Y}"
    return f"{then:%H:%M:%S}" if step_s < 60 else f"{then:%H:%M}"


def moment_text(moment_s: float, now_s: float, zone: tzinfo | None = None) -> str:
    """Returns a moment in full: the time, and the day where it is not today."""
    then, now = local(moment_s, zone), local(now_s, zone)
    if then.date() == now.date():
        return f"{then:%H:%M:%S}"
    year = "" if then.year == now.year else f" {then.year}"
    return f"{then:%a} {then.day} {then:%b}{year} {then:%H:%M:%S}"


def offset_text(moment_s: float, zone: tzinfo | None = None) -> str:
    """Returns how far the local clock is ahead, such as UTC+01:00."""
    written = f"{local(moment_s, zone):%z}"
    return f"UTC{written[:3]}:{written[3:5]}"


def _offset_s(moment_s: float, zone: tzinfo | None) -> int:
    offset = local(moment_s, zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0
