"""Times of a recording as people read them, and where a time axis puts its marks."""

from bisect import bisect_left

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
MOST_MARKS = 7


def clock_text(seconds: float) -> str:
    """Returns m:ss, or h:mm:ss from one hour on; fractions are dropped."""
    minutes, second = divmod(max(0, int(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def time_step(span_s: float, most_marks: int = MOST_MARKS) -> int:
    """Returns the distance in seconds of the marks on an axis of this length: a step of a clock, with few marks."""
    return STEPS_S[min(bisect_left(STEPS_S, span_s / max(1, most_marks)), len(STEPS_S) - 1)]


def axis_end(reached_s: float, duration_s: float | None) -> float:
    """Returns where a time axis ends: it grows in steps from one minute on, and never beyond a known duration."""
    grown = next((step for step in STEPS_S if step >= max(60.0, reached_s)), reached_s)
    return max(reached_s, grown if duration_s is None else min(grown, duration_s))
