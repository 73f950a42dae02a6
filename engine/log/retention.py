"""What is kept of a log for how long, and its deletion in steps so small that nobody waits for them.

Roll-ups outlast their samples, alerts their snapshots and clips; alerts are deleted when they are closed, the audit log
never is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, or_, select, update
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from engine.log.database import Run, StoredSample
from engine.log.proof_files import delete_left_over, delete_proofs
from engine.log.rollups import HOUR_S, MINUTE_S
from engine.log.tables import RollUp, StoredAlert, StoredGap, StoredZoneSample

DAY_S = 86_400
STEP = 2000  # rows of a table that one step deletes at most
FILES_STEP = 20  # alerts whose files one step deletes at most
PAGES = 1000  # that one step gives back to the file system at most


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days each kind is kept; None is for ever."""

    samples_days: int | None = None
    """Of seconds, with their zones and gaps."""
    minutes_days: int | None = None
    hours_days: int | None = None
    alerts_days: int | None = None
    clips_days: int | None = None
    """Of snapshots, too; they go with their alert at the latest."""

    @property
    def is_for_ever(self) -> bool:
        """Whether nothing is to be deleted."""
        return self == Retention()


def delete_some(engine: Engine, retention: Retention, now_s: float) -> int:
    """Deletes the oldest of what is older than it is kept, in one short transaction; returns how many rows.

    Args:
        engine: of the log.
        retention: what is kept for how long.
        now_s: wall time in seconds since 1970.
    """
    deleted = 0
    with engine.begin() as connection:
        if retention.samples_days is not None:
            deleted += _delete_seconds(connection, now_s - retention.samples_days * DAY_S)
        for span_s, days in ((MINUTE_S, retention.minutes_days), (HOUR_S, retention.hours_days)):
            if days is not None:
                ended = RollUp.span_s == span_s, RollUp.began_s < now_s - days * DAY_S
                deleted += _delete(connection, RollUp, RollUp.id, *ended)
        if retention.clips_days is not None:
            named = _delete_proofs(connection, StoredAlert.raised_at < _moment(now_s, retention.clips_days))
            deleted += named
            if not named:
                delete_left_over(connection.engine.url, now_s - retention.clips_days * DAY_S, FILES_STEP)
        if retention.alerts_days is not None:
            old = StoredAlert.closed_at < _moment(now_s, retention.alerts_days)
            deleted += _delete_proofs(connection, old) or _delete(connection, StoredAlert, StoredAlert.id, old)
        if deleted and connection.dialect.name == "sqlite":
            _give_back(connection)
    return deleted


def _moment(now_s: float, days: int) -> datetime:
    return datetime.fromtimestamp(now_s - days * DAY_S, UTC).replace(tzinfo=None)


def _delete_proofs(connection: Connection, old: ColumnElement[bool]) -> int:
    """Deletes the files of some alerts, then their names: a program that is killed between them leaves no file."""
    has_files = or_(StoredAlert.snapshot.is_not(None), StoredAlert.clip.is_not(None))
    query = select(StoredAlert.id, StoredAlert.snapshot, StoredAlert.clip).where(old, has_files).limit(FILES_STEP)
    rows = connection.execute(query).all()
    if rows:
        delete_proofs(connection.engine.url, [name for _, *names in rows for name in names])
        gone = update(StoredAlert).where(StoredAlert.id.in_([row.id for row in rows]))
        connection.execute(gone.values(snapshot=None, clip=None))
    return len(rows)


def _give_back(connection: Connection) -> None:
    """Gives empty pages back to the file system, if the file was made for that; each row that is fetched is one."""
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA incremental_vacuum({PAGES})")
    cursor.fetchall()
    cursor.close()


def _delete_seconds(connection: Connection, before_s: float) -> int:
    """Deletes seconds of the oldest runs, as far as one step goes."""
    before = datetime.fromtimestamp(before_s, UTC).replace(tzinfo=None)
    runs = connection.execute(select(Run.id, Run.started_at).where(Run.started_at < before).order_by(Run.started_at))
    deleted = 0
    for run, started in runs.all():
        second = before_s - started.replace(tzinfo=UTC).timestamp()
        for table in (StoredSample, StoredZoneSample, StoredGap):
            if deleted < STEP:
                deleted += _delete(connection, table, table.id, table.run_id == run, table.second + 1 <= second)
    return deleted


def _delete(
    connection: Connection, table: type[DeclarativeBase], key: InstrumentedAttribute[int], *where: object
) -> int:
    rows = connection.scalars(select(key).where(*where).limit(STEP)).all()  # type: ignore[arg-type]
    if rows:
        connection.execute(delete(table).where(key.in_(rows)))
    return len(rows)
