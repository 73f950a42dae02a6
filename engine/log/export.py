"""What a log holds of seconds, read in parts so short that nobody is held up, and written as a table."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, Select, func, select

from engine.errors import ConfigError, DatabaseError
from engine.files import written_whole
from engine.log.database import Run, StoredCamera, StoredSample
from engine.log.place import named, reported
from engine.log.tables import StoredZone, StoredZoneSample
from engine.log.writing import storable

PART_S = 3600
CSV, PARQUET = ".csv", ".parquet"
FORMATS = (CSV, PARQUET)


class Row(NamedTuple):
    """A second of a camera, a group or a zone."""

    second: int
    """Since 1970 (UTC)."""
    camera: str
    zone: str | None
    mean: float
    least: float
    most: float
    readings: int
    consistency: float | None = None
    condition: str | None = None
    low: float | None = None
    high: float | None = None
    doubt: str | None = None


HEADER = ("time", *Row._fields[1:])
WHOLE_COLUMNS = ("second", *Row._fields[3:])
"""Of a whole camera, as the log has them."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some seconds of one run."""

    run: int
    camera_id: int
    camera: str
    began_s: float
    first: int
    """Seconds of the run."""
    last: int


def parts_of(engine: Engine, camera: str | None, from_s: float, to_s: float) -> list[Part]:
    """Returns what a span of time has of a camera or group, or of all; parts are at most an hour long.

    Raises:
        DatabaseError: the log cannot be read, or knows no camera of that name.
    """
    last = select(func.max(StoredSample.second)).where(StoredSample.run_id == Run.id).scalar_subquery()
    query = (
        select(Run.id, StoredCamera.id, StoredCamera.name, Run.started_at, last)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .order_by(StoredCamera.name, Run.started_at)
    )
    with reported(engine.url), engine.connect() as connection:
        names = connection.scalars(select(StoredCamera.name).order_by(StoredCamera.name)).all()
        if camera is not None and storable(camera) not in names:
            there = ", ".join(names) or "none"
            raise DatabaseError(f"log {named(engine.url)} holds no camera '{camera}', expected one of: {there}")
        rows = connection.execute(query if camera is None else query.where(StoredCamera.name == storable(camera)))
        return [part for row in rows for part in _parts(*row, span=(from_s, to_s))]


def _parts(
    run: int, camera_id: int, camera: str, started_at: datetime, newest: int | None, *, span: tuple[float, float]
) -> Iterator[Part]:
    began_s = started_at.replace(tzinfo=UTC).timestamp()
    if newest is None:
        return
    first = 0 if math.isinf(span[0]) else max(0, math.ceil(span[0] - began_s))
    end = newest + 1 if math.isinf(span[1]) else min(newest + 1, math.ceil(span[1] - began_s))
    for start in range(first, end, PART_S):
        yield Part(run, camera_id, camera, began_s, start, min(start + PART_S, end) - 1)


def rows_of(engine: Engine, part: Part) -> list[Row]:
    """Returns the seconds of a part in their order, each camera before its zones.

    Raises:
        DatabaseError: the log cannot be read.
    """
    with reported(engine.url), engine.connect() as connection:
        rows = [*_whole(connection, part), *_zones(connection, part)]
    return sorted(rows, key=lambda row: (row.second, row.zone or ""))


def _whole(connection: Connection, part: Part) -> Iterator[Row]:
    own = StoredSample
    query: Select[*tuple[Any, ...]] = select(*(getattr(own, name) for name in WHOLE_COLUMNS))
    for second, *values in connection.execute(
        query.where(own.run_id == part.run, own.second.between(part.first, part.last))
    ):
        yield Row(math.floor(part.began_s + second), part.camera, None, *values)


def _zones(connection: Connection, part: Part) -> Iterator[Row]:
    """The zones are named, since they come before the second in the index."""
    own = StoredZoneSample
    zones = select(StoredZone.id, StoredZone.name).where(StoredZone.camera_id == part.camera_id)
    names = {row.id: row.name for row in connection.execute(zones)}
    query: Select[*tuple[Any, ...]] = (
        select(own.second, own.zone_id, own.mean, own.least, own.most, own.readings)
        .where(own.run_id == part.run, own.zone_id.in_(names))
        .where(own.second.between(part.first, part.last))
    )
    for second, zone, *values in connection.execute(query):
        yield Row(math.floor(part.began_s + second), part.camera, names[zone], *values)


class Table(Protocol):
    """A file that rows are added to."""

    def add(self, rows: Sequence[Row]) -> None:
        """Adds rows."""
        ...

    def close(self) -> None:
        """Finishes the file."""
        ...


def export(engine: Engine, parts: Iterable[Part], out: Path, advance: Callable[[], None] = lambda: None) -> int:
    """Writes parts of a log to a file, whole or not at all; returns how many rows.

    Args:
        engine: of the log.
        parts: what is written.
        out: a file that ends in one of `FORMATS`.
        advance: called after each part.

    Raises:
        EngineError: the log cannot be read, the file not be written, or its format needs a package that is not there.
    """
    number = 0
    with written_whole(out) as partial:
        table = (CsvTable if out.suffix.lower() == CSV else _parquet_table())(partial)
        try:
            for part in parts:
                rows = rows_of(engine, part)
                table.add(rows)
                number += len(rows)
                advance()
        finally:
            table.close()
    return number


class CsvTable:
    """A table as text; times are those of this computer's zone, with their distance from UTC."""

    def __init__(self, path: Path) -> None:
        self._file = io.TextIOWrapper(io.FileIO(path, "w"), "utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(HEADER)

    def add(self, rows: Sequence[Row]) -> None:
        """Adds rows."""
        self._writer.writerows((_time(row.second).isoformat(), *row[1:]) for row in rows)

    def close(self) -> None:
        """Finishes the file."""
        self._file.close()


def _parquet_table() -> Callable[[Path], Table]:
    try:
        from engine.log.parquet import ParquetTable
    except ImportError:
        raise ConfigError(
            "a .parquet file needs the Python package pyarrow, which is not installed; pip install "
            "'deepcount[analysis]', or write a .csv file"
        ) from None
    return ParquetTable


def _time(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC).astimezone()
