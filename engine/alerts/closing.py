"""Closing an alert by hand, where nothing will clear it any more, or all the same."""

import json
from datetime import UTC, datetime
from time import time
from typing import Any

from sqlalchemy import Engine

from engine.alerts.listing import LONGEST_NOTE, Alert, locked
from engine.alerts.standing import stands
from engine.alerts.table import ALERTS, STATES
from engine.errors import DatabaseError
from engine.log.audit import Deed, add, keep_tip
from engine.log.place import reported
from engine.log.writing import storable
from engine.redaction import readable, redacted
from engine.rules.machine import RuleState


class StandingError(DatabaseError):
    """The alert still stands, and is cleared by itself once it is over."""


class ClosedError(DatabaseError):
    """Somebody closed the alert before."""


def close(engine: Engine, alert_id: int, *, who: str, note: str = "", anyway: bool = False) -> Alert:
    """Closes an alert for good that nothing will clear any more, as where its camera was renamed meanwhile.

    It counts as acknowledged as well. One that still stands is closed `anyway` alone: a program that guards its rule
    drops it then, and raises another where that holds.

    Raises:
        StandingError: it still stands, as far as the log tells.
        ClosedError: it was closed before.
        DatabaseError: there is no such alert, or the log cannot be written.
    """
    at, clean = datetime.now(UTC).replace(tzinfo=None), redacted(readable(note))[:LONGEST_NOTE]
    with reported(engine.url), engine.begin() as connection:
        known = locked(connection, alert_id)
        if known.closed_at is not None:
            raise ClosedError(f"alert {alert_id} was closed before; nothing is left to be done")
        if not anyway and (why := stands(connection, known, time())):
            raise StandingError(
                f"alert {alert_id} ({known.subject}: {known.rule_name}) still stands, since {why}, and is cleared by "
                "itself once it is over; acknowledge it, or say that it is to be closed anyway"
            )
        values: dict[str, Any] = {"closed_at": at}
        if known.acknowledged_at is None:
            values |= {"acknowledged_at": at, "acknowledged_by": storable(who), "note": clean or None}
        connection.execute(ALERTS.update().where(ALERTS.c.id == alert_id).values(values))
        fresh = {"alert_uid": None, "state": json.dumps(RuleState().as_dict)}
        connection.execute(STATES.update().where(STATES.c.alert_uid == known.uid).values(fresh))
        detail = {"alert": known.uid, "rule": known.rule_name, "note": clean}
        tip = add(connection, [Deed(who, "close", known.subject, detail)])
        alert = locked(connection, alert_id)
    keep_tip(engine.url, tip)
    return alert
