"""What people did to rules and alerts by any program, as the log tells: read bit by bit, and holding up nobody.

Suspensions are read from their table, what was done to alerts from the audit log: both only grow, so a look costs
little however long the log is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from engine.alerts.occurrence import Dealing, Occurrence
from engine.alerts.record import AlertRecord
from engine.alerts.suspension import Suspension, newest
from engine.alerts.table import ALERTS
from engine.log.database import open_for_reading
from engine.log.place import reported
from engine.log.tables import StoredAudit
from engine.rules.machine import Kind

ACTIONS = {"acknowledge": Kind.ACKNOWLEDGED, "close": Kind.CLOSED}
"""Of the audit log, and what they do to an alert."""
AT_ONCE = 1000  # rows of the audit log
OLDEST = timedelta(days=3)  # what was done before is not told to anybody any more

ROW = StoredAudit
COLUMNS = [ALERTS.c[each.name] for each in fields(AlertRecord)]


@dataclass(frozen=True, slots=True)
class News:
    """What is new since the last look."""

    suspensions: Sequence[Suspension] = ()
    """Of each rule the last."""
    occurrences: Sequence[Occurrence] = ()


class Elsewhere:
    """Reads a log; used by one thread at a time."""

    def __init__(self, target: str | Path) -> None:
        self._engine = open_for_reading(target)
        self._suspension = self._number = 0

    def begin(self) -> tuple[Sequence[Suspension], dict[str, str]]:
        """Returns how rules are suspended, and who acknowledged which alerts that are open, by their uids.

        What was done to alerts since a watch was last at work is new at the first look.
        """
        with reported(self._engine.url), self._engine.connect() as connection:
            is_watch = ROW.subject == "watch", ROW.action.in_(("start", "stop"))
            last = connection.scalar(select(ROW.number).where(*is_watch).order_by(ROW.number.desc()).limit(1))
            self._number = last or connection.scalar(select(func.max(ROW.number))) or 0
            is_open = ALERTS.c.cleared_at.is_(None), ALERTS.c.closed_at.is_(None), ALERTS.c.acknowledged_by.is_not(None)
            known = connection.execute(select(ALERTS.c.uid, ALERTS.c.acknowledged_by).where(*is_open))
            acknowledged = {row.uid: row.acknowledged_by for row in known}
        return self._suspensions(), acknowledged

    def look(self, *, at_alerts: bool = True) -> News:
        """Returns what is new; raises DatabaseError where the log cannot be read."""
        return News(self._suspensions(), self._occurrences() if at_alerts else ())

    def close(self) -> None:
        """Lets go of the log."""
        self._engine.dispose()

    def _suspensions(self) -> Sequence[Suspension]:
        with reported(self._engine.url):
            self._suspension, suspensions = newest(self._engine, self._suspension)
        return suspensions

    def _occurrences(self) -> Sequence[Occurrence]:
        query = select(ROW.number, ROW.action, ROW.who, ROW.at, ROW.detail).where(ROW.number > self._number)
        with reported(self._engine.url), self._engine.connect() as connection:
            rows = connection.execute(query.order_by(ROW.number).limit(AT_ONCE)).all()
            done = {}
            for row in rows:
                detail, at = json.loads(row.detail), datetime.fromisoformat(row.at)
                if row.action in ACTIONS and at > datetime.now(UTC) - OLDEST:
                    dealing = Dealing(row.who, str(detail.get("note") or ""), at)
                    done[str(detail.get("alert")), ACTIONS[row.action]] = dealing
            alerts = _alerts(connection, [uid for uid, _ in done])
        if rows:
            self._number = rows[-1].number
        return [Occurrence(kind, alerts[uid], dealing) for (uid, kind), dealing in done.items() if uid in alerts]


def _alerts(connection: Connection, uids: Sequence[str]) -> dict[str, AlertRecord]:
    if not uids:
        return {}
    rows = connection.execute(select(*COLUMNS).where(ALERTS.c.uid.in_(uids)))
    return {alert.uid: alert for alert in (AlertRecord(*row) for row in rows)}
