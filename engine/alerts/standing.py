"""Whether an alert still stands, as far as its log tells: then whatever watches clears it by itself.

A log does not say who watches it now. It says when somebody was counted last, and whether a watch began that has not
ended; one that was killed looks so too.
"""

import json
from datetime import UTC

from sqlalchemy import Connection, func, select

from engine.alerts.listing import Alert, State
from engine.log.database import Run, StoredCamera, StoredSample
from engine.log.tables import StoredAudit
from engine.log.writing import storable
from engine.rules.rule import Measure

COUNTED_S = 120.0
"""A camera or group that was counted so recently is watched."""
MOST_RUNS = 3  # the newest, among which is the one that goes on

ROW = StoredAudit


def stands(connection: Connection, alert: Alert, now_s: float) -> str:
    """Returns in words why an alert is thought to stand still; '' where nothing will clear it any more, or it is over.

    Args:
        connection: to its log.
        alert: as the log has it.
        now_s: this moment, in seconds since 1970 (UTC).
    """
    if alert.state is not State.OPEN:
        return ""
    last_s = _counted_s(connection, alert.owner)
    if last_s is not None and now_s - last_s < COUNTED_S:
        return f"'{alert.owner}' was counted {max(0.0, now_s - last_s):.0f} s ago"
    is_lost = json.loads(alert.rule).get("measure") == Measure.LOST.value
    if is_lost and alert.owner in _watched(connection):
        return f"a watch that has not ended waits for '{alert.owner}'"
    return ""


def _counted_s(connection: Connection, owner: str) -> float | None:
    """Returns when somebody was counted last; None for never."""
    query = (
        select(Run.id, Run.started_at)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .where(StoredCamera.name == storable(owner))
        .order_by(Run.started_at.desc())
        .limit(MOST_RUNS)
    )
    found = []
    for run, started_at in connection.execute(query):
        last = connection.scalar(select(func.max(StoredSample.second)).where(StoredSample.run_id == run))
        if last is not None:
            found.append(started_at.replace(tzinfo=UTC).timestamp() + last + 1)
    return max(found, default=None)


def _watched(connection: Connection) -> tuple[str, ...]:
    """Returns the cameras of the last watch that began, if it has not ended."""
    query = select(ROW.action, ROW.detail).where(ROW.subject == "watch", ROW.action.in_(("start", "stop")))
    last = connection.execute(query.order_by(ROW.number.desc()).limit(1)).first()
    return () if last is None or last.action == "stop" else tuple(json.loads(last.detail).get("cameras", ()))
