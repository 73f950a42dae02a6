"""A log read for the eye: one camera over any span of time, in as many points as are wanted, none of its peaks lost.

What is read are tables of one length of bucket each, the *levels*: the samples of single seconds, and before them those
in which samples were summed up. A bucket that is wanted is made from the longest that fit into it; what these do not
reach yet comes from the next shorter ones.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from sqlalchemy import Connection, Select, func, select

from engine.history.series import DAY_S, Grid, Series
from engine.log.database import Run, StoredCamera, StoredSample, open_for_reading
from engine.log.place import database_url, reported
from engine.log.writing import storable

AT_ONCE = 10 * DAY_S  # seconds that one statement reads, so that none is held for too long


class Subject(NamedTuple):
    """Whose count it is."""

    camera: str
    zone: str | None = None
    """None for the whole camera."""


class Row(NamedTuple):
    """What is stored of one bucket of a grid, or of a part of it."""

    bucket: int
    people: float
    """Summed over its readings."""
    least: float
    most: float
    readings: int


class Level(Protocol):
    """A table of buckets of one length."""

    step_s: int

    def until_s(self, connection: Connection, subject: Subject) -> float:
        """Returns the moment up to which it has everything, in seconds since 1970 (UTC)."""
        ...

    def rows(self, connection: Connection, subject: Subject, grid: Grid) -> Iterable[Row]:
        """Returns what it has in a grid, whose step is a multiple of its own."""
        ...


class Samples:
    """The samples of single seconds, which know cameras only."""

    step_s = 1

    def until_s(self, _connection: Connection, _subject: Subject) -> float:
        """Returns that it has everything that there is."""
        return math.inf

    def rows(self, connection: Connection, subject: Subject, grid: Grid) -> Iterable[Row]:
        """Returns what it has in a grid."""
        if subject.zone is not None:
            return
        at_once = max(1, AT_ONCE // grid.step_s)
        for first in range(0, grid.number, at_once):
            part = Grid(grid.first_s + first * grid.step_s, grid.step_s, min(at_once, grid.number - first))
            for run, second in _runs(connection, subject.camera, part):
                for bucket, *sums in connection.execute(_sums(run, second, part)):
                    yield Row(bucket + first, *sums)


LEVELS: tuple[Level, ...] = (Samples(),)
"""The longest buckets first."""


class History:
    """Reads a log; belongs to one thread."""

    def __init__(self, target: str | Path, *, levels: Sequence[Level] = LEVELS) -> None:
        """Opens a log as it is: nothing is made, changed or held up.

        Raises:
            DatabaseError: it is not there, damaged, no log, or does not answer.
        """
        self._url, self._levels = database_url(target), levels
        self._engine = open_for_reading(target)

    def series(self, subject: Subject, grid: Grid) -> Series:
        """Returns what was counted; what is not in the log is unknown.

        Raises:
            DatabaseError: it cannot be read now.
        """
        sums, series = np.zeros(grid.number), Series.unknown(grid)
        with reported(self._url), self._engine.connect() as connection:
            for level, part in self._parts(connection, subject, grid):
                shift = grid.bucket(part.first_s)
                for row in level.rows(connection, subject, part):
                    place = row.bucket + shift
                    sums[place] += row.people
                    series.least[place] = np.fmin(series.least[place], row.least)
                    series.most[place] = np.fmax(series.most[place], row.most)
                    series.readings[place] += row.readings
        np.divide(sums, series.readings, out=series.mean, where=series.readings > 0, casting="unsafe")
        return series

    def close(self) -> None:
        """Lets go of the log."""
        self._engine.dispose()

    def _parts(self, connection: Connection, subject: Subject, grid: Grid) -> Iterable[tuple[Level, Grid]]:
        """Divides a grid among the levels that can serve it."""
        left = grid
        for level in self._levels:
            if grid.step_s % level.step_s or not left.number:
                continue
            until_s = min(level.until_s(connection, subject), left.end_s)
            whole = max(0, left.bucket(until_s))
            yield level, Grid(left.first_s, left.step_s, whole)
            left = Grid(left.first_s + whole * left.step_s, left.step_s, left.number - whole)


def _sums(run: int, second: int, grid: Grid) -> Select[*tuple[Any, ...]]:
    """Returns the query that sums up what a run has in a grid, which begins at a second of the run."""
    sample = StoredSample
    bucket = (sample.second - second) // grid.step_s
    return (
        select(
            bucket,
            func.sum(sample.mean * sample.readings),
            func.min(sample.least),
            func.max(sample.most),
            func.sum(sample.readings),
        )
        .where(sample.run_id == run, sample.second >= second)
        .where(sample.second < second + grid.end_s - grid.first_s)
        .group_by(bucket)
    )


def _runs(connection: Connection, camera: str, grid: Grid) -> list[tuple[int, int]]:
    """Returns the runs that reach into a grid, and the second of each at which the grid begins."""
    last = select(func.max(StoredSample.second)).where(StoredSample.run_id == Run.id).scalar_subquery()
    query = (
        select(Run.id, Run.started_at, last)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(StoredCamera.name == storable(camera))
        .where(Run.started_at < datetime.fromtimestamp(grid.end_s, UTC).replace(tzinfo=None))
    )
    found = (
        (run, grid.first_s - math.floor(started_at.replace(tzinfo=UTC).timestamp()), last)
        for run, started_at, last in connection.execute(query)
    )
    return [(run, second) for run, second, last in found if last is not None and last >= second]
