"""How entries become rows: all or none of what is given at once, and the same again without harm."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError

from engine.log.database import TEXT_LENGTH, Base, Run, StoredCamera, StoredSample
from engine.log.run import Entry, RunRecord
from engine.redaction import readable

CAMERAS, RUNS, SAMPLES = (Base.metadata.tables[table.__tablename__] for table in (StoredCamera, Run, StoredSample))
DIGEST_DIGITS = 8


class RowRefusedError(Exception):
    """One of the rows is such that the database will never take it; none was written."""


def write(engine: Engine, entries: Sequence[Entry]) -> None:
    """Writes all entries or none; a second of a run that is in the log already stays as it is.

    Raises:
        RowRefusedError: an entry can never be written.
        SQLAlchemyError: the database cannot be written now.
    """
    records = dict.fromkeys(record for record, _ in entries)
    try:
        with engine.begin() as connection:
            rows = {record: _noted(connection, record) if record.row is None else record.row for record in records}
            values = [{"run_id": rows[record], **asdict(sample)} for record, sample in entries if sample]
            if values:
                _add(connection, SAMPLES, values)
    except (DataError, IntegrityError) as error:
        raise RowRefusedError(str(error.orig).partition("\n")[0]) from None
    except (ValueError, OverflowError) as error:  # of the driver, which could not even send it
        raise RowRefusedError(str(error)) from None
    for record in records:
        record.row = rows[record]


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
    _add(connection, CAMERAS, [{"name": name}])
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


def _add(connection: Connection, table: Table, values: Sequence[dict[str, object]]) -> None:
    """Adds rows, except those that are there already."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(table).on_conflict_do_nothing(), values)
