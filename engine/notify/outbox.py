"""The outbox in SQL: what waits for which sink, what was sent, and what was given up."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, literal, select, update

from engine.alerts.occurrence import Occurrence
from engine.alerts.table import ALERTS
from engine.log.audit import Tip
from engine.log.database import Base, open_as_reader
from engine.log.insertion import insertion
from engine.log.place import reported
from engine.log.tables import UID_LENGTH, StoredNotification
from engine.log.writing import storable
from engine.notify.message import notice_of
from engine.notify.pace import Waiting
from engine.rules.rule import Severity
from engine.settings.sinks import SinkSettings

WAITING, SENT, FAILED = "waiting", "sent", "failed"
READ_AT_ONCE = 1000
SENT_DAYS, FAILED_DAYS, ORPHAN_DAYS = 7, 90, 30

ROW = StoredNotification
OUTBOX = Base.metadata.tables[ROW.__tablename__]


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of the outbox as people see it; times are UTC."""

    id: int
    sink: str
    kind: str
    state: str
    attempts: int
    problem: str | None
    created_at: datetime
    ended_at: datetime | None
    payload: str

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        told = json.loads(self.payload)
        return {
            "id": self.id,
            "sink": self.sink,
            "kind": self.kind,
            "state": self.state,
            "attempts": self.attempts,
            "problem": self.problem,
            "created_at": _iso(self.created_at),
            "ended_at": _iso(self.ended_at),
            "sentence": told["sentence"],
            "alert": told["alert"]["id"],
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of one sink is in the outbox."""

    waiting: int = 0
    failed: int = 0
    last_success: datetime | None = None
    """UTC."""


def is_for(sink: SinkSettings, occurrence: Occurrence) -> bool:
    """Whether a sink is to be told of something."""
    alert, least = occurrence.alert, Severity(sink.severity)
    is_bad = not least.is_worse_than(Severity(alert.severity))
    owners = None if sink.only_cameras is None else {storable(name) for name in sink.only_cameras}
    return sink.enabled and is_bad and (owners is None or alert.owner in owners)


def add(connection: Connection, sinks: Iterable[SinkSettings], occurrences: Sequence[Occurrence], tip: Tip) -> None:
    """Puts into the outbox what sinks are to be told, in the transaction that writes the alerts.

    What is there already stays as it is: a server may have written it and not come to say so.
    """
    uids = {occurrence.alert.uid for occurrence in occurrences}
    query = select(ALERTS.c.uid, ALERTS.c.id).where(ALERTS.c.uid.in_(uids))
    ids = {row.uid: row.id for row in connection.execute(query)}
    now, sinks = _now(), tuple(sinks)
    rows = [
        {
            "uid": _key(occurrence, sink.name),
            "sink": storable(sink.name),
            "alert_uid": occurrence.alert.uid,
            "kind": occurrence.kind.value,
            "payload": json.dumps(notice_of(occurrence, ids[occurrence.alert.uid], tip), ensure_ascii=False),
            "created_at": now,
            "state": WAITING,
            "attempts": 0,
        }
        for occurrence in occurrences
        if occurrence.alert.uid in ids
        for sink in sinks
        if is_for(sink, occurrence)
    ]
    if rows:
        connection.execute(insertion(connection, OUTBOX).on_conflict_do_nothing(index_elements=["uid"]), rows)


def waiting(engine: Engine, sink: str) -> list[Waiting]:
    """Returns what waits for a sink, the oldest first."""
    columns = (
        ROW.id,
        ROW.uid,
        ROW.alert_uid,
        ROW.kind,
        ROW.payload,
        ROW.created_at,
        ROW.attempts,
        ROW.bundle,
        ROW.problem,
    )
    query = select(*columns).where(ROW.sink == storable(sink), ROW.state == WAITING).order_by(ROW.id)
    with reported(engine.url), engine.begin() as connection:
        return [Waiting(*row) for row in connection.execute(query.limit(READ_AT_ONCE))]


def begin_attempt(engine: Engine, rows: Sequence[Waiting]) -> tuple[str, int]:
    """Notes, before it is made, that rows are told in one message; returns its key and the number of the attempt."""
    key, attempt = rows[0].bundle or rows[0].uid, max(row.attempts for row in rows) + 1
    _change(engine, rows, bundle=key, attempts=attempt)
    return key, attempt


def note_problem(engine: Engine, rows: Sequence[Waiting], problem: str) -> None:
    """Notes why an attempt failed; it will be tried again."""
    _change(engine, rows, problem=problem)


def note_sent(engine: Engine, rows: Sequence[Waiting]) -> None:
    """Notes that rows were told."""
    _change(engine, rows, state=SENT, problem=None, ended_at=_now())


def give_up(engine: Engine, sink: str, days: int) -> int:
    """Keeps as failed what has waited for a sink for longer; returns how many."""
    reason = literal(f"given up after {days} days: ") + func.coalesce(ROW.problem, "it could not be tried")
    old = ROW.sink == storable(sink), ROW.state == WAITING, ROW.created_at < _now() - timedelta(days=days)
    values = {"state": FAILED, "problem": reason, "ended_at": _now()}
    with reported(engine.url), engine.begin() as connection:
        return connection.execute(update(ROW).where(*old).values(values)).rowcount


def put_back(engine: Engine, sink: str) -> int:
    """Lets what was given up wait once more, from now on; returns how many."""
    given_up = ROW.sink == storable(sink), ROW.state == FAILED
    values = {"state": WAITING, "created_at": _now(), "ended_at": None}
    with reported(engine.url), engine.begin() as connection:
        return connection.execute(update(ROW).where(*given_up).values(values)).rowcount


def tidy(engine: Engine) -> None:
    """Deletes what was sent or given up long ago; what waits for a sink that is nowhere is given up."""
    now = _now()
    orphans = ROW.state == WAITING, ROW.created_at < now - timedelta(days=ORPHAN_DAYS)
    reason = f"given up after {ORPHAN_DAYS} days: its sink is no longer configured, or not enabled"
    with reported(engine.url), engine.begin() as connection:
        connection.execute(update(ROW).where(*orphans).values(state=FAILED, problem=reason, ended_at=now))
        for state, days in ((SENT, SENT_DAYS), (FAILED, FAILED_DAYS)):
            connection.execute(delete(ROW).where(ROW.state == state, ROW.ended_at < now - timedelta(days=days)))


def tally_of(engine: Engine, sink: str) -> Tally:
    """Returns how much of a sink is in the outbox."""
    query = select(ROW.state, func.count(), func.max(ROW.ended_at)).where(ROW.sink == storable(sink))
    with reported(engine.url), engine.begin() as connection:
        found = {state: (count, last) for state, count, last in connection.execute(query.group_by(ROW.state))}
    counts = {state: count for state, (count, _) in found.items()}
    return Tally(counts.get(WAITING, 0), counts.get(FAILED, 0), found.get(SENT, (0, None))[1])


def read_outbox(target: str | Path, *, states: Sequence[str] = (WAITING, FAILED)) -> list[Notification]:
    """Returns what a log's outbox holds in such states, the oldest first.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    columns = [getattr(ROW, each.name) for each in fields(Notification)]
    engine = open_as_reader(target)
    try:
        with reported(engine.url), engine.begin() as connection:
            query = select(*columns).where(ROW.state.in_(states)).order_by(ROW.id)
            return [Notification(*row) for row in connection.execute(query)]
    finally:
        engine.dispose()


def picture_of(engine: Engine, folder: Path, alert_uid: str) -> bytes | None:
    """Returns the snapshot of an alert, as JPEG; None where there is none yet, or no more."""
    with reported(engine.url), engine.begin() as connection:
        name = connection.scalar(select(ALERTS.c.snapshot).where(ALERTS.c.uid == alert_uid))
    try:
        return None if name is None else (folder / Path(name).name).read_bytes()
    except OSError:
        return None


def _change(engine: Engine, rows: Sequence[Waiting], **values: object) -> None:
    ids = [row.id for row in rows]
    with reported(engine.url), engine.begin() as connection:
        connection.execute(update(ROW).where(ROW.id.in_(ids), ROW.state == WAITING).values(values))


def _key(occurrence: Occurrence, sink: str) -> str:
    """Each of these happens to an alert once, so these three tell the row."""
    text = json.dumps([occurrence.alert.uid, occurrence.kind.value, sink])
    return hashlib.sha256(text.encode()).hexdigest()[:UID_LENGTH]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.replace(tzinfo=UTC).isoformat()
