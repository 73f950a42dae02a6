"""A log read for the eye: one count over any span of time, in as many points as are wanted, none of its peaks lost.

From a minute on a bucket is made of the roll-ups of minutes or hours. Runs of an older version that are yet to be
rolled up are read from their samples, as are all runs for shorter buckets.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, Engine, Select, func, select

from engine.history.contents import Contents, contents_of
from engine.history.peaks import Peak
from engine.history.series import DAY_S, Column, Grid, Series
from engine.log.database import Run, StoredCamera, StoredSample, open_for_reading
from engine.log.place import database_url, reported
from engine.log.rollups import HOUR_S, MINUTE_S
from engine.log.tables import WHOLE, RollUp, StoredZone, StoredZoneSample
from engine.log.writing import storable
from engine.rules.series import Subject

AT_ONCE_S = 10 * DAY_S  # of samples that one statement reads, so that none is held for too long


class _Row(NamedTuple):
    """What is stored of one bucket of a grid, or of a part of it."""

    bucket: int
    people: float
    """Summed over its readings."""
    least: float
    most: float
    readings: int


class History:
    """Reads a log; belongs to one thread."""

    def __init__(self, target: str | Path) -> None:
        """Opens a log as it is: nothing is made, changed or held up.

        Raises:
            DatabaseError: it is not there, or its address cannot be understood.
        """
        self._url, self._engine = database_url(target), open_for_reading(target)

    def series(self, subject: Subject, grid: Grid) -> Series:
        """Returns what was counted; what is not in the log is unknown.

        Raises:
            DatabaseError: it cannot be read now.
        """
        sums, series = np.zeros(grid.number), Series.unknown(grid)
        with reported(self._url), self._engine.connect() as connection:
            rows = np.array([*_rows(connection, subject, grid)], np.float64).reshape(-1, len(_Row._fields)).T
        buckets, people, least, most, readings = rows
        places = buckets.astype(np.int64)
        np.add.at(sums, places, people)
        np.fmin.at(series.least, places, least.astype(np.float32))
        np.fmax.at(series.most, places, most.astype(np.float32))
        np.add.at(series.readings, places, readings.astype(np.int64))
        np.divide(sums, series.readings, out=series.mean, where=series.readings > 0, casting="unsafe")
        return series

    def known_s(self, subject: Subject, grid: Grid) -> Column:
        """Returns of how many seconds of each bucket the count is known, for buckets of minutes.

        A minute is known where anything was counted in it, so that a camera that is counted every ten seconds is; of an
        hour of which the log has no minutes any more, as many seconds are as it was counted in.

        Raises:
            DatabaseError: it cannot be read now.
        """
        with reported(self._url), self._engine.connect() as connection:
            return _known_s(connection, subject, grid)

    def contents(self) -> Contents:
        """Returns which cameras and groups it holds, and when they were counted.

        Raises:
            DatabaseError: it cannot be read now.
        """
        with reported(self._url), self._engine.connect() as connection:
            return contents_of(connection)

    def exact(self, peak: Peak) -> Peak:
        """Returns a peak with its second, as far as the log still has seconds or minutes of it.

        Raises:
            DatabaseError: it cannot be read now.
        """
        begin = int(peak.at_s)
        for step_s in (1, MINUTE_S):
            if peak.length_s <= step_s or peak.length_s % step_s:
                return peak
            finer = self.series(peak.subject, Grid(begin, step_s, peak.length_s // step_s))
            if finer.readings.any() and np.nanmax(finer.most) >= peak.people:
                place = int(np.nanargmax(finer.most))
                return Peak(peak.subject, float(begin + place * step_s), step_s, float(finer.most[place]))
        return peak

    @property
    def engine(self) -> Engine:
        """Of the log, for what others ask of it."""
        return self._engine

    def close(self) -> None:
        """Lets go of the log."""
        self._engine.dispose()


def _rows(connection: Connection, subject: Subject, grid: Grid) -> Iterable[_Row]:
    zone = WHOLE if subject.zone is None else connection.scalar(_zone(subject))
    if zone is None:
        return
    has_sums = grid.step_s % MINUTE_S == 0
    if has_sums:
        for row in connection.execute(_rolled_up(subject.owner, zone, grid)):
            yield _Row(*row)
    at_once = max(1, AT_ONCE_S // grid.step_s)
    for first in range(0, grid.number, at_once):
        part = Grid(grid.first_s + first * grid.step_s, grid.step_s, min(at_once, grid.number - first))
        for run, second in _runs(connection, subject.owner, part, without_sums=has_sums):
            for bucket, *sums in connection.execute(_sampled(run, zone, second, part)):
                yield _Row(bucket + first, *sums)


def _rolled_up(owner: str, zone: int, grid: Grid) -> Select[*tuple[Any, ...]]:
    """Returns the query that puts roll-ups together."""
    bucket = (RollUp.began_s - grid.first_s) // grid.step_s
    return (
        select(
            bucket, func.sum(RollUp.people), func.min(RollUp.least), func.max(RollUp.most), func.sum(RollUp.readings)
        )
        .join(Run, Run.id == RollUp.run_id)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(StoredCamera.name == storable(owner), RollUp.zone_id == zone, Run.is_summed)
        .where(RollUp.span_s == (MINUTE_S if grid.step_s % HOUR_S else HOUR_S))
        .where(RollUp.began_s >= grid.first_s, RollUp.began_s < grid.end_s)
        .group_by(bucket)
    )


def _known_s(connection: Connection, subject: Subject, grid: Grid) -> Column:
    known, minutes, hours = (np.zeros(grid.number) for _ in range(3))
    zone = WHOLE if subject.zone is None else connection.scalar(_zone(subject))
    if zone is None:
        return known
    for bucket, number in connection.execute(_counted(subject.owner, zone, grid, MINUTE_S)):
        minutes[bucket] += MINUTE_S * number
    for run, second in _runs(connection, subject.owner, grid, without_sums=True):
        for bucket, number in connection.execute(_sampled_minutes(run, zone, second, grid)):
            minutes[bucket] += MINUTE_S * number
    if grid.step_s % HOUR_S == 0:
        for bucket, number in connection.execute(_counted(subject.owner, zone, grid, HOUR_S)):
            hours[bucket] += number
    return np.minimum(np.maximum(minutes, hours), grid.step_s)


def _counted(owner: str, zone: int, grid: Grid, span_s: int) -> Select[*tuple[Any, ...]]:
    """Returns the query that counts the minutes in which something was counted; of hours, their seconds."""
    bucket: Any = (RollUp.began_s - grid.first_s) // grid.step_s
    number: Any = func.count(RollUp.began_s.distinct()) if span_s == MINUTE_S else func.sum(RollUp.seconds)
    return (
        select(bucket, number)
        .join(Run, Run.id == RollUp.run_id)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(StoredCamera.name == storable(owner), RollUp.zone_id == zone, Run.is_summed, RollUp.span_s == span_s)
        .where(RollUp.began_s >= grid.first_s, RollUp.began_s < grid.end_s)
        .group_by(bucket)
    )


def _sampled_minutes(run: int, zone: int, second: int, grid: Grid) -> Select[*tuple[Any, ...]]:
    """Returns the query that counts the minutes in which a run has samples."""
    sample: Any = StoredSample if zone == WHOLE else StoredZoneSample
    bucket, minute = (sample.second - second) // grid.step_s, (sample.second - second) // MINUTE_S
    query = select(bucket, func.count(minute.distinct())).where(
        sample.run_id == run, sample.second >= second, sample.second < second + grid.end_s - grid.first_s
    )
    return (query if zone == WHOLE else query.where(sample.zone_id == zone)).group_by(bucket)


def _sampled(run: int, zone: int, second: int, grid: Grid) -> Select[*tuple[Any, ...]]:
    """Returns the query that sums up what a run has in a grid, which begins at a second of the run."""
    sample: Any = StoredSample if zone == WHOLE else StoredZoneSample
    bucket = (sample.second - second) // grid.step_s
    query = select(
        bucket,
        func.sum(sample.mean * sample.readings),
        func.min(sample.least),
        func.max(sample.most),
        func.sum(sample.readings),
    ).where(sample.run_id == run, sample.second >= second, sample.second < second + grid.end_s - grid.first_s)
    return (query if zone == WHOLE else query.where(sample.zone_id == zone)).group_by(bucket)


def _zone(subject: Subject) -> Select[*tuple[Any, ...]]:
    return (
        select(StoredZone.id)
        .join(StoredCamera, StoredCamera.id == StoredZone.camera_id)
        .where(StoredCamera.name == storable(subject.owner), StoredZone.name == storable(subject.zone or ""))
    )


def _runs(connection: Connection, owner: str, grid: Grid, *, without_sums: bool) -> list[tuple[int, int]]:
    """Returns the runs that reach into a grid, and the second of each at which the grid begins."""
    last = select(func.max(StoredSample.second)).where(StoredSample.run_id == Run.id).scalar_subquery()
    query = (
        select(Run.id, Run.started_at, last)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(StoredCamera.name == storable(owner))
        .where(Run.started_at < datetime.fromtimestamp(grid.end_s, UTC).replace(tzinfo=None))
    )
    found = (
        (run, grid.first_s - math.floor(started_at.replace(tzinfo=UTC).timestamp()), last)
        for run, started_at, last in connection.execute(query.where(~Run.is_summed) if without_sums else query)
    )
    return [(run, second) for run, second, last in found if last is not None and last >= second]
