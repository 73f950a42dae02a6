"""What the log knows of past seconds, as rules see them."""

import math
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import Engine, Select, select

from engine.alerts.record import moment
from engine.log.database import Run, StoredCamera, StoredSample
from engine.log.place import reported
from engine.log.tables import StoredGap, StoredZone, StoredZoneSample
from engine.log.writing import storable
from engine.rules.rule import Measure
from engine.rules.rulebook import Placed, Second
from engine.rules.series import Hold


def past_seconds(engine: Engine, placed: Placed, since: int, until: int, *, hold_s: float = 0.0) -> Iterator[Second]:
    """Yields the seconds of a span of which something is stored that a rule compares, in order.

    Args:
        engine: of the log.
        placed: the rule.
        since: the first second, since 1970 (UTC).
        until: the second after the last.
        hold_s: between two counts of the subject, where that is longer than a second.

    Raises:
        DatabaseError: the log cannot be read.
    """
    with reported(engine.url):
        if placed.rule.measure is Measure.LOST:
            lost = _lost(engine, placed.subject.owner, since, until)
            yield from (Second(second, {}, {placed.subject.owner: lost[second]}) for second in sorted(lost))
            return
        if placed.rule.measure is Measure.DOUBT:
            doubted = _doubted(engine, placed.subject.owner, since, until)
            yield from (Second(each, {}, doubted={placed.subject.owner: doubted[each]}) for each in sorted(doubted))
            return
        if placed.rule.measure is Measure.DENSITY:  # which the log does not keep
            return
        counts = _counts(engine, placed, since, until)
    hold, ordered = Hold(hold_s), sorted(counts)
    for place, second in enumerate(ordered):
        yield _second(placed, second, hold.add(second, counts[second]))
        end = ordered[place + 1] if place + 1 < len(ordered) else until
        for held in range(second + 1, min(end, second + 1 + math.ceil(hold_s))):
            yield _second(placed, held, hold.add(held, None))


def _second(placed: Placed, second: int, value: float | None) -> Second:
    """Returns a second of which the value that a rule compares is known."""
    intervals = {placed.subject: (value, value)} if placed.rule.certain and value is not None else {}
    return Second(second, {placed.subject: value}, intervals=intervals)


def _counts(engine: Engine, placed: Placed, since: int, until: int) -> dict[int, float]:
    """Returns the means of the seconds that are known; of a rule that has to be certain the ends that it goes by."""
    counts, subject, rule = dict[int, float](), placed.subject, placed.rule
    value: Any = StoredSample.mean if not rule.certain else StoredSample.low if rule.is_above else StoredSample.high
    for run, began, first, last in _runs(engine, subject.owner, since, until):
        query: Select[*tuple[Any, ...]]
        if subject.zone is None:
            query = select(StoredSample.second, value).where(
                StoredSample.run_id == run, StoredSample.second.between(first, last), value.is_not(None)
            )
        else:
            zone = StoredZoneSample
            query = (
                select(zone.second, zone.mean)
                .join(StoredZone, StoredZone.id == zone.zone_id)
                .where(zone.run_id == run, StoredZone.name == storable(subject.zone), zone.second.between(first, last))
            )
        with engine.begin() as connection:
            counts.update({math.floor(began + second): mean for second, mean in connection.execute(query)})
    return counts


def _doubted(engine: Engine, camera: str, since: int, until: int) -> dict[int, bool]:
    """Returns whether a camera's count was not to be relied on, for the seconds of which that is known."""
    doubted = {}
    for run, began, first, last in _runs(engine, camera, since, until):
        query = select(StoredSample.second, StoredSample.doubt).where(
            StoredSample.run_id == run, StoredSample.second.between(first, last), StoredSample.doubt.is_not(None)
        )
        with engine.begin() as connection:
            doubted.update({math.floor(began + second): bool(why) for second, why in connection.execute(query)})
    return doubted


def _lost(engine: Engine, camera: str, since: int, until: int) -> dict[int, bool]:
    """Returns whether a camera was lost, for the seconds of which that is known."""
    lost = {}
    for run, began, first, last in _runs(engine, camera, since, until):
        seen = select(StoredSample.second).where(StoredSample.run_id == run, StoredSample.second.between(first, last))
        gaps = select(StoredGap.second, StoredGap.seconds).where(
            StoredGap.run_id == run, StoredGap.second + StoredGap.seconds > first, StoredGap.second <= last
        )
        with engine.begin() as connection:
            for second, seconds in connection.execute(gaps):
                known = range(max(second, first), min(second + seconds, last + 1))
                lost.update({math.floor(began + each): True for each in known})
            lost.update({math.floor(began + second): False for second in connection.scalars(seen)})
    return lost


def _runs(engine: Engine, camera: str, since: int, until: int) -> list[tuple[int, float, int, int]]:
    """Returns the runs of a camera that began before a moment: number, beginning, and its seconds in the span."""
    query = (
        select(Run.id, Run.started_at)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(
            StoredCamera.name == storable(camera),
            Run.started_at < moment(until),
        )
        .order_by(Run.started_at)
    )
    with engine.begin() as connection:
        runs = [(row, at.replace(tzinfo=UTC).timestamp()) for row, at in connection.execute(query)]
    return [(row, began, math.ceil(since - began), math.ceil(until - began) - 1) for row, began in runs]
