"""What is known of each second: the counts of cameras, zones and groups, made from what was just counted; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.counting.reading import Sample, ZoneSample
from engine.rules.rulebook import Second
from engine.rules.series import Hold, Subject, total

GROUP_HOLD_S = 3.0
"""For which a member's count stands at least in its group: cameras that share one model are counted in turns."""


@dataclass(frozen=True, slots=True)
class Group:
    """Cameras and zones whose people are added up."""

    name: str
    members: tuple[Subject, ...]
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """What was just seen of a camera."""

    name: str
    sample: Sample | None
    """What was counted since the look before; None where nothing was."""
    is_lost: bool | None
    """Whether it sends nothing; None where nothing is expected of it."""
    interval_s: float
    """Between two counts, as far as that is set; else 0."""
    map_interval_s: float
    """Between two counts of its zones."""
    densities: Mapping[str | None, float | None] = field(default_factory=dict)
    """People per square metre of its zones by their names, and at None of the densest place that it sees."""


class Span(NamedTuple):
    """A count of a second: its mean, and what it was at least and at most."""

    mean: float
    least: float
    most: float
    interval: tuple[float, float] | None = None


class Counts:
    """Remembers what still stands of the seconds before.

    A second without a reading has no count, unless the camera is counted less often than each second; then a count
    stands until the next is due. In a group it stands a little longer, for as long as its camera sends pictures.
    """

    def __init__(self, groups: Sequence[Group] = ()) -> None:
        self.groups = tuple(groups)
        self._holds: dict[Subject, Hold] = {}
        self._zones: dict[str, dict[str, Subject]] = {}
        self._members: dict[Subject, tuple[int, Span]] = {}

    def second(self, second: int, sights: Sequence[Sight]) -> tuple[Second, dict[str, Sample]]:
        """Returns what is known of a second, and the samples of the groups of which something was counted."""
        counts: dict[Subject, float | None] = {}
        spans: dict[Subject, Span | None] = {}
        fresh: dict[Subject, int] = {}
        for sight in sights:
            for subject, sample, interval_s in self._parts(sight):
                span = _span(sample)
                fresh[subject] = 0 if sample is None else sample.readings
                counts[subject] = self._held(subject, second, span, interval_s, is_lost=sight.is_lost is True)
                spans[subject] = self._standing(subject, second, span, interval_s, is_lost=sight.is_lost is True)
        samples = {}
        for group in self.groups:
            members = [spans.get(member) for member in group.members]
            counts[Subject(group.name)] = people = total(None if span is None else span.mean for span in members)
            readings = sum(fresh.get(member, 0) for member in group.members)
            if people is not None and readings:
                known = [span for span in members if span is not None]
                least, most = sum(span.least for span in known), sum(span.most for span in known)
                samples[group.name] = Sample(0, people, least, most, readings)
        lost = {sight.name: sight.is_lost for sight in sights if sight.is_lost is not None}
        for group in self.groups:
            spans[Subject(group.name)] = _summed([spans.get(member) for member in group.members])
        intervals = {subject: span.interval for subject, span in spans.items() if span and span.interval}
        densities = {Subject(s.name, zone): density for s in sights for zone, density in s.densities.items()}
        doubted = {sight.name: bool(sight.sample.doubt) for sight in sights if sight.sample}
        return Second(second, counts, lost, intervals, densities, doubted), samples

    def _parts(self, sight: Sight) -> list[tuple[Subject, Sample | ZoneSample | None, float]]:
        """Returns the camera and its zones, those that were counted now and those that were before."""
        zones = {zone.name: zone for zone in sight.sample.zones} if sight.sample else {}
        known = self._zones.setdefault(sight.name, {})
        for name in zones:
            if name not in known:
                known[name] = Subject(sight.name, name)
        parts: list[tuple[Subject, Sample | ZoneSample | None, float]] = [
            (Subject(sight.name), sight.sample, sight.interval_s)
        ]
        interval_s = max(sight.interval_s, sight.map_interval_s)
        return parts + [(subject, zones.get(name), interval_s) for name, subject in known.items()]

    def _held(
        self, subject: Subject, second: int, span: Span | None, interval_s: float, *, is_lost: bool
    ) -> float | None:
        hold = self._holds.setdefault(subject, Hold())
        hold.hold_s = interval_s if interval_s >= 1 else 0.0
        if is_lost and span is None:
            hold.forget()
        return hold.add(second, None if span is None else span.mean)

    def _standing(
        self, subject: Subject, second: int, span: Span | None, interval_s: float, *, is_lost: bool
    ) -> Span | None:
        if span is not None:
            self._members[subject] = second, span
            return span
        since, stood = self._members.get(subject, (0, None))
        longest_s = math.ceil(max(GROUP_HOLD_S, 2 * interval_s))
        if is_lost or not 0 < second - since <= longest_s:
            self._members.pop(subject, None)
            return None
        return stood


def _span(sample: Sample | ZoneSample | None) -> Span | None:
    if sample is None:
        return None
    interval = sample.interval if isinstance(sample, Sample) else None
    return Span(sample.mean, sample.least, sample.most, interval)


def _summed(spans: Sequence[Span | None]) -> Span | None:
    """Returns the span of a group: its ends are those of the members, all of them wrong on the same side at worst."""
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or not known:
        return None
    intervals = [span.interval for span in known if span.interval is not None]
    whole = (sum(low for low, _ in intervals), sum(high for _, high in intervals))
    mean, least, most = (sum(values) for values in zip(*(span[:3] for span in known), strict=True))
    return Span(mean, least, most, whole if len(intervals) == len(known) else None)
