"""Numbers that can be read: a whole count that does not flicker, and where it went over the last minute; pure."""

from enum import StrEnum

import numpy as np

from engine.history.series import Series

STAYS_WITHIN = 0.75  # people between the count and the number on the screen before that changes
TREND_S = 60.0
LEAST_TREND_S = 20.0  # of counts, before anything is said of them
TREND_PEOPLE, TREND_SHARE = 1.5, 0.1  # change over a minute that is one: so many people, and this share of the mean
TREND_ENDS = 0.6  # of what it takes to begin


class Trend(StrEnum):
    """Where a count went."""

    RISING = "rising"
    LEVEL = "steady"
    FALLING = "falling"

    @property
    def arrow(self) -> str:
        """Its sign."""
        return {Trend.RISING: "↑", Trend.LEVEL: "→", Trend.FALLING: "↓"}[self]


def steady(count: float | None, before: int | None) -> int | None:
    """Returns the whole number to show of a count, given what is shown: it stays until another is clearly nearer."""
    if count is None:
        return None
    return before if before is not None and abs(count - before) <= STAYS_WITHIN else round(count)


def trend_of(minute: Series, before: Trend | None = None) -> Trend | None:
    """Returns where the counts of the last minute went; None while too little is known; `before` as for `trend`."""
    known = np.flatnonzero(minute.readings)
    return trend([(float(place * minute.grid.step_s), float(minute.mean[place])) for place in known], before)


def trend(counts: list[tuple[float, float]], before: Trend | None = None) -> Trend | None:
    """Returns where counts go, by the straight line that fits them best.

    Args:
        counts: times in seconds and people, of about a minute.
        before: what was said last, which stays for a change that is a little less than it takes to begin.
    """
    if len(counts) < 3 or counts[-1][0] - counts[0][0] < LEAST_TREND_S:
        return None
    times, people = np.array(counts).T
    times = times - times.mean()
    change = float(times @ people / (times @ times)) * TREND_S
    band = max(TREND_PEOPLE, TREND_SHARE * float(people.mean()))
    if before is (Trend.RISING if change > 0 else Trend.FALLING):
        band *= TREND_ENDS
    return Trend.LEVEL if abs(change) < band else (Trend.RISING if change > 0 else Trend.FALLING)
