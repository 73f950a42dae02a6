"""How entries become rows: all or none of what is given at once, and the same again without harm."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.exc import DataError, IntegrityError

from engine.counting.reading import Sample
from engine.log.database import TEXT_LENGTH, Base, Run, StoredCamera, StoredSample
from engine.log.fence import Fence
from engine.log.gaps import Gap
from engine.log.insertion import insertion
from engine.log.rollups import Second, roll_up
from engine.log.run import Entry, RunRecord
from engine.log.tables import StoredGap, StoredZone, StoredZoneSample
from engine.redaction import readable

CAMERAS, RUNS, SAMPLES, ZONES, ZONE_SAMPLES, GAPS = (
    Base.metadata.tables[table.__tablename__]
    for table in (StoredCamera, Run, StoredSample, StoredZone, StoredZoneSample, StoredGap)
)
DIGEST_DIGITS = 8


class RowRefusedError(Exception):
    """One of the rows is such that the database will never take it; none was written."""


def write(engine: Engine, entries: Sequence[Entry], fence: Fence | None = None) -> Sequence[Entry]:
    """Writes all entries or none; a second of a run that is in the log already stays as it is.

    Returns:
        Those that a fence admits, which are all without one; the others are let go.

    Raises:
        RowRefusedError: an entry can never be written.
        SQLAlchemyError: the database cannot be written now.
    """
    try:
        with engine.begin() as connection:
            entries = entries if fence is None else _admitted(connection, entries, fence)
            records = dict.fromkeys(record for record, _ in entries)
            rows = {record: _noted(connection, record) if record.row is None else record.row for record in records}
            zones = {record: _noted_zones(connection, record, entries) for record in records}
            _add(connection, SAMPLES, [_sample(rows[record], made) for record, made in _samples(entries)])
            _add(connection, ZONE_SAMPLES, list(_zone_samples(entries, rows, zones)))
            gaps = [{"run_id": rows[record], **asdict(made)} for record, made in entries if isinstance(made, Gap)]
            _add(connection, GAPS, gaps)
            seconds = {Second(rows[record], record.began_s, made.second) for record, made in _samples(entries)}
            roll_up(connection, seconds)
    except (DataError, IntegrityError) as error:
        raise RowRefusedError(str(error.orig).partition("\n")[0]) from None
    except (ValueError, OverflowError) as error:  # of the driver, which could not even send it
        raise RowRefusedError(str(error)) from None
    for record in records:
        record.row = rows[record]
        record.zones.update(zones[record])
    return entries


def _admitted(connection: Connection, entries: Sequence[Entry], fence: Fence) -> list[Entry]:
    owners = fence.admitted(connection, {storable(record.camera) for record, _ in entries})
    return [(record, made) for record, made in entries if storable(record.camera) in owners]


def storable(text: str) -> str:
    """Returns a text as it fits its column; where something is cut off, what is left stays different from others."""
    clean = readable(text)  # no database takes all of the rest
    if len(clean) <= TEXT_LENGTH:
        return clean
    digest = hashlib.sha256(clean.encode()).hexdigest()[:DIGEST_DIGITS]
    return f"{clean[: TEXT_LENGTH - DIGEST_DIGITS - 1]}…{digest}"


def _noted(connection: Connection, record: RunRecord) -> int:
    """Returns the number of a run, which is added if it is new, as is its camera.

    A commit whose answer was lost has added it already.
    """
    name = storable(record.camera)
    _add(connection, CAMERAS, [{"name": name, "kind": record.kind}])
    camera = connection.scalar(select(StoredCamera.id).where(StoredCamera.name == name))
    values = {
        "camera_id": camera,
        "started_at": record.started_at,
        "model_name": storable(record.model.name),
        "model_sha256": record.model.sha256,
    }
    same = select(Run.id).where(*(RUNS.c[column] == value for column, value in values.items()))
    row = connection.scalar(same)
    if row is None:
        connection.execute(RUNS.insert(), values)
        row = connection.scalar(same)
    assert row is not None
    return row


def _noted_zones(connection: Connection, record: RunRecord, entries: Sequence[Entry]) -> dict[str, int]:
    """Returns the numbers of the zones of a run's samples; those that are new are added."""
    names = {zone.name for owner, made in _samples(entries) if owner is record for zone in made.zones}
    new = sorted(names - record.zones.keys())
    if not new:
        return {}
    camera = connection.scalar(select(StoredCamera.id).where(StoredCamera.name == storable(record.camera)))
    _add(connection, ZONES, [{"camera_id": camera, "name": storable(name)} for name in new])
    query = select(StoredZone.name, StoredZone.id).where(StoredZone.camera_id == camera)
    rows = {row.name: row.id for row in connection.execute(query)}
    return {name: rows[storable(name)] for name in new}


def _samples(entries: Sequence[Entry]) -> Iterator[tuple[RunRecord, Sample]]:
    return ((record, made) for record, made in entries if isinstance(made, Sample))


def _sample(run: int, sample: Sample) -> dict[str, object]:
    return {
        "run_id": run,
        "second": sample.second,
        "mean": sample.mean,
        "least": sample.least,
        "most": sample.most,
        "readings": sample.readings,
        "consistency": sample.consistency,
        "condition": sample.condition.value,
        "low": None if sample.interval is None else sample.interval.low,
        "high": None if sample.interval is None else sample.interval.high,
        "doubt": sample.doubt.value,
    }


def _zone_samples(
    entries: Sequence[Entry], rows: Mapping[RunRecord, int], new: Mapping[RunRecord, Mapping[str, int]]
) -> Iterator[dict[str, object]]:
    for record, sample in _samples(entries):
        zones = {**record.zones, **new[record]}
        for zone in sample.zones:
            values = asdict(zone)
            row = zones[str(values.pop("name"))]
            yield {"run_id": rows[record], "zone_id": row, "second": sample.second, **values}


def _add(connection: Connection, table: Table, values: Sequence[dict[str, object]]) -> None:
    """Adds rows, except those that are there already."""
    if not values:
        return
    connection.execute(insertion(connection, table).on_conflict_do_nothing(), values)
