"""All that is told of one camera, group or recording over a span: what the report draws and the bundle holds; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

import numpy as np

from engine.alerts.listing import Alert
from engine.evidence.accuracy import Accuracy
from engine.evidence.known import Blocks, Gap, unknown_s
from engine.evidence.span import Span
from engine.history.peaks import highest
from engine.history.series import Grid, Series, step_for
from engine.rules.rule import Measure
from engine.rules.rulebook import Placed
from engine.rules.series import Subject

MOST_POINTS = 1400  # of a curve
MOST_PEAKS = 5
APART = 24
"""Peaks lie at least this part of the span from one another."""
LEAST_APART_S = 10.0


class Kind(Enum):
    """What is told of."""

    CAMERA = "camera"
    GROUP = "group"
    RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of time came to; None where nothing was counted in it."""

    from_s: float
    to_s: float
    mean: float | None
    least: float | None
    most: float | None
    unknown_s: float


@dataclass(frozen=True, slots=True)
class Peak:
    """When there were most."""

    at_s: float
    people: float
    """The mean of the bucket that begins then."""
    most: float


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the curve."""

    words: str
    people: float
    is_capacity: bool = False


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """By which counts were made."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Account:
    """One subject over one span."""

    name: str
    kind: Kind
    span: Span
    series: Series
    """As fine as it is kept."""
    blocks: Blocks = field(repr=False, compare=False)
    """What is known."""
    gaps: tuple[Gap, ...] = ()
    zones: tuple[tuple[str, Series], ...] = ()
    alerts: tuple[Alert, ...] = ()
    """The oldest first."""
    levels: tuple[Level, ...] = ()
    models: tuple[ModelUsed, ...] = ()
    accuracy: Accuracy = field(default_factory=Accuracy)
    spacing_s: float = 1.0
    """Usual between two counts."""
    facts: tuple[tuple[str, str], ...] = ()
    """More that is to be said of it: name and value."""
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted."""
        return not self.series.readings.any()

    @property
    def whole(self) -> Part:
        """What all of the span came to."""
        return self.part(self.series, self.span.from_s, self.span.to_s)

    @property
    def hours(self) -> list[Part]:
        """What each hour of the clock came to."""
        return [self.part(self.series, *hour) for hour in self.span.hours()]

    @property
    def curve(self) -> Series:
        """The count for the eye."""
        return self.coarse(self.series)

    def coarse(self, series: Series) -> Series:
        """Returns one of its series for the eye."""
        return coarser(series, self.span, self.spacing_s)

    def part(self, series: Series, from_s: float, to_s: float) -> Part:
        """Returns what a part of time came to."""
        mean, least, most = summed(series, from_s, to_s)
        return Part(from_s, to_s, mean, least, most, unknown_s(self.blocks, from_s, to_s))

    @property
    def highest_s(self) -> float:
        """When there were most; something has to be known."""
        curve = self.curve
        return max(self.span.from_s, float(curve.grid.starts_s[int(np.nanargmax(curve.most))]))

    def peaks(self) -> list[Peak]:
        """Returns when there were most, the highest first, some way from one another."""
        curve = self.curve
        apart_s = max(self.span.length_s / APART, LEAST_APART_S)
        found = highest({Subject(self.name): curve}, apart_s=apart_s, number=MOST_PEAKS)
        return [
            Peak(max(self.span.from_s, peak.at_s), float(curve.mean[curve.grid.bucket(peak.at_s)]), peak.people)
            for peak in found
        ]


def coarser(series: Series, span: Span, spacing_s: float = 1.0) -> Series:
    """Returns a series in as few buckets as an eye can tell apart, none shorter than two counts are apart."""
    step_s = max(series.grid.step_s, step_for(span.length_s, MOST_POINTS), int(np.ceil(spacing_s)))
    if step_s == series.grid.step_s:
        return series
    first = int(series.grid.first_s // step_s * step_s)
    grid = Grid(first, step_s, max(1, -(-(series.grid.end_s - first) // step_s)))
    found, places = Series.unknown(grid), ((series.grid.starts_s - first) // step_s).astype(np.int64)
    known = series.readings > 0
    sums = np.zeros(grid.number)
    np.add.at(sums, places[known], series.mean[known].astype(np.float64) * series.readings[known])
    np.fmin.at(found.least, places, series.least)
    np.fmax.at(found.most, places, series.most)
    np.add.at(found.readings, places, series.readings)
    np.divide(sums, found.readings, out=found.mean, where=found.readings > 0, casting="unsafe")
    return found


def summed(series: Series, from_s: float, to_s: float) -> tuple[float | None, float | None, float | None]:
    """Returns mean, least and most of a part of time; None where nothing was counted."""
    starts = series.grid.starts_s
    first = np.searchsorted(starts + series.grid.step_s, from_s, side="right")
    part = slice(int(first), int(np.searchsorted(starts, to_s, side="left")))
    readings = series.readings[part]
    if not readings.any():
        return None, None, None
    known = readings > 0
    mean = float(np.average(series.mean[part][known].astype(np.float64), weights=readings[known]))
    return mean, float(np.nanmin(series.least[part][known])), float(np.nanmax(series.most[part][known]))


def ended(alert: Alert, now_s: float) -> float:
    """Returns when an alert was over, in seconds since 1970; `now_s` where it is not."""
    end = alert.cleared_at or alert.closed_at
    return now_s if end is None else utc(end)


def utc(at: datetime) -> float:
    """Returns a moment of the log, which is UTC without a zone, in seconds since 1970."""
    return at.replace(tzinfo=UTC).timestamp()


def levels_of(alerts: Sequence[Alert]) -> list[Level]:
    """Returns the lines of rules as they stood when alerts were raised, and of capacities."""
    found = []
    for alert in alerts:
        rule = json.loads(alert.rule)
        if alert.zone is None:
            words = f"{alert.rule_name}: {rule['said']}"
            found += _levels(words, rule["measure"], rule["level"], rule.get("capacity"))
    return found


def levels_of_rule(placed: Placed) -> list[Level]:
    """Returns the line of a rule on a whole camera or group."""
    rule = placed.rule
    return _levels(f"{rule.name}: {rule.said}", rule.measure, rule.level, placed.capacity)


def _levels(words: str, measure: str, level: float, capacity: int | None) -> list[Level]:
    found = [] if capacity is None else [Level(f"capacity {capacity}", float(capacity), is_capacity=True)]
    if measure == Measure.COUNT:
        found.append(Level(words, level))
    elif measure == Measure.SHARE and capacity:
        found.append(Level(words, level * capacity))
    return found
