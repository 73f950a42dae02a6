"""What is kept of a log for how long, and its deletion in steps so small that nobody waits for them.

Roll-ups outlast their samples, alerts are deleted when they are closed, the audit log never is.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from engine.log.database import Run, StoredSample
from engine.log.rollups import HOUR_S, MINUTE_S
from engine.log.tables import RollUp, StoredAlert, StoredGap, StoredZoneSample

DAY_S = 86_400
STEP = 2000  # rows of a table that one step deletes at most
PAGES = 1000  # that one step gives back to the file system at most


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days each kind is kept; None is for ever."""

    samples_days: int | None = None
    """Of seconds, with their zones and gaps."""
    minutes_days: int | None = None
    hours_days: int | None = None
    alerts_days: int | None = None

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
                old = RollUp.span_s == span_s, RollUp.began_s < now_s - days * DAY_S
                deleted += _delete(connection, RollUp, RollUp.id, *old)
        if retention.alerts_days is not None:
            before = datetime.fromtimestamp(now_s - retention.alerts_days * DAY_S, UTC).replace(tzinfo=None)
            deleted += _delete(connection, StoredAlert, StoredAlert.id, StoredAlert.closed_at < before)
        if deleted and connection.dialect.name == "sqlite":
            _give_back(connection)
    return deleted


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
