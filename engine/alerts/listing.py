"""The alerts in a log as people see them, and what they do with them."""

import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, case, func, or_, select

from engine.alerts.table import ALERTS
from engine.errors import DatabaseError
from engine.log.audit import Deed, add, keep_tip
from engine.log.database import open_as_reader
from engine.log.place import named, reported
from engine.log.writing import storable
from engine.redaction import readable, redacted

LONGEST_NOTE = 2000  # characters


class NoAlertError(DatabaseError):
    """The log holds no such alert."""


class AcknowledgedError(DatabaseError):
    """Somebody has taken care of it before."""


class State(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    """It still holds, as far as is known."""
    CLEARED = "cleared"
    """It is over, and nobody has acknowledged it."""
    CLOSED = "closed"
    """It is over and acknowledged, or its rule is no more."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One occurrence of a rule; times are UTC."""

    id: int
    uid: str
    owner: str
    zone: str | None
    rule_name: str
    rule: str
    """JSON: the rule as it stood when it was raised."""
    severity: str
    began_at: datetime
    raised_at: datetime
    worsened_at: datetime | None
    cleared_at: datetime | None
    closed_at: datetime | None
    peak: float
    peak_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    note: str | None
    model_name: str
    model_sha256: str
    snapshot: str | None = None
    """Path of the picture, from the folder of the log on; None where there is none."""
    clip: str | None = None

    @property
    def state(self) -> State:
        """Where it stands."""
        if self.closed_at is not None:
            return State.CLOSED
        return State.OPEN if self.cleared_at is None else State.CLEARED

    @property
    def subject(self) -> str:
        """Camera, group, or camera/zone."""
        return self.owner if self.zone is None else f"{self.owner}/{self.zone}"

    @property
    def said(self) -> str:
        """What its rule says, in words."""
        return str(json.loads(self.rule)["said"])

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON; times as ISO 8601."""
        values = {
            key: value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value
            for key, value in asdict(self).items()
        }
        return values | {"rule": json.loads(self.rule), "state": self.state.value}


COLUMNS = tuple(ALERTS.c[each.name] for each in fields(Alert))


def alerts_of(engine: Engine, *, most: int | None = None, between: tuple[float, float] | None = None) -> list[Alert]:
    """Returns the alerts of a log that is open, the newest first.

    Args:
        engine: of the log.
        most: how many at most; None is all.
        between: those alone that held in a span of time, in seconds since 1970 (UTC).
    """
    query = select(*COLUMNS).order_by(ALERTS.c.raised_at.desc(), ALERTS.c.id.desc())
    if between is not None:
        first, end = (datetime.fromtimestamp(moment_s, UTC).replace(tzinfo=None) for moment_s in between)
        over = func.coalesce(ALERTS.c.cleared_at, ALERTS.c.closed_at)
        query = query.where(ALERTS.c.raised_at < end, or_(over.is_(None), over >= first))
    with engine.begin() as connection:
        return [Alert(*row) for row in connection.execute(query if most is None else query.limit(most))]


def alert_numbered(engine: Engine, number: int) -> Alert | None:
    """Returns an alert of a log that is open by its number; None where there is none."""
    with engine.begin() as connection:
        row = connection.execute(select(*COLUMNS).where(ALERTS.c.id == number)).first()
    return None if row is None else Alert(*row)


def read_alerts(target: str | Path) -> list[Alert]:
    """Returns the alerts of a log, the newest first.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    engine = open_as_reader(target)
    try:
        with reported(engine.url):
            return alerts_of(engine)
    finally:
        engine.dispose()


def locked(connection: Connection, alert_id: int) -> Alert:
    """Returns an alert as it is until the transaction's end: who comes second sees what the first did."""
    row = connection.execute(select(*COLUMNS).where(ALERTS.c.id == alert_id).with_for_update()).first()
    if row is None:
        name = named(connection.engine.url)
        raise NoAlertError(f"log {name} holds no alert {alert_id}; see 'deepcount-engine alerts'")
    return Alert(*row)


def acknowledge(engine: Engine, alert_id: int, *, who: str, note: str = "") -> Alert:
    """Notes that somebody has taken care of an alert, for good: who did so first stays.

    Raises:
        DatabaseError: there is no such alert, or it was acknowledged before.
    """
    at, clean = datetime.now(UTC).replace(tzinfo=None), redacted(readable(note))[:LONGEST_NOTE]
    with reported(engine.url), engine.begin() as connection:
        known = locked(connection, alert_id)
        if known.acknowledged_by is not None:
            first = known.acknowledged_by
            raise AcknowledgedError(f"alert {alert_id} was acknowledged before, by {first}; nothing is left to be done")
        closed = func.coalesce(ALERTS.c.closed_at, case((ALERTS.c.cleared_at.is_not(None), at)))
        values = {
            "acknowledged_at": at,
            "acknowledged_by": storable(who),
            "note": clean or None,
            "closed_at": closed,
        }
        connection.execute(ALERTS.update().where(ALERTS.c.id == alert_id).values(values))
        alert = locked(connection, alert_id)
        detail = {"alert": alert.uid, "rule": alert.rule_name, "note": clean}
        tip = add(connection, [Deed(who, "acknowledge", alert.subject, detail)])
    keep_tip(engine.url, tip)
    return alert
