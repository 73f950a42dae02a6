"""Alerts and the states of rules in SQL: written so that the same again does no harm, read for a restart."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, case, func, select

from engine.alerts.occurrence import Occurrence, Post
from engine.alerts.record import AlertRecord, Proof, StateRecord
from engine.alerts.suspension import Suspension, record
from engine.log.audit import Deed, add, keep_tip
from engine.log.database import Base
from engine.log.fence import Fence
from engine.log.insertion import insertion
from engine.log.place import reported
from engine.log.tables import StoredAlert, StoredRuleState
from engine.rules.rulebook import Key

ALERTS, STATES = (Base.metadata.tables[table.__tablename__] for table in (StoredAlert, StoredRuleState))
NEWER = ("severity", "worsened_at", "cleared_at", "peak", "peak_at")
"""Columns of an alert that change after it was raised."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What is written in one transaction."""

    alerts: Sequence[AlertRecord] = ()
    states: Sequence[StateRecord] = ()
    deeds: Sequence[Deed] = ()
    occurrences: Sequence[Occurrence] = ()
    proofs: Sequence[Proof] = ()
    suspensions: Sequence[Suspension] = ()


def save(engine: Engine, entries: Entries, post: Post | None = None, fence: Fence | None = None) -> None:
    """Writes all or nothing; an alert is told by its uid, a state by its rule. `post` takes down what happened.

    Of alerts and states only those are written of which a fence admits the owner.
    """
    with engine.begin() as connection:
        if fence is not None:
            entries = _admitted(connection, entries, fence)
        alerts, states = entries.alerts, entries.states
        insert = insertion(connection, ALERTS)
        new = insert.excluded
        closed = case((ALERTS.c.acknowledged_at.is_not(None), new.cleared_at))  # cleared, and dealt with before
        if alerts:
            values: dict[str, ColumnElement[Any]] = {name: new[name] for name in NEWER}
            values["closed_at"] = func.coalesce(ALERTS.c.closed_at, new.closed_at, closed)
            update = insert.on_conflict_do_update(index_elements=["uid"], set_=values)
            connection.execute(update, [asdict(alert) for alert in alerts])
        if states:
            insert = insertion(connection, STATES)
            values = {name: insert.excluded[name] for name in ("rule", "state", "alert_uid")}
            update = insert.on_conflict_do_update(index_elements=["owner", "rule_name"], set_=values)
            connection.execute(update, [asdict(state) for state in states])
        for proof in entries.proofs:
            connection.execute(ALERTS.update().where(ALERTS.c.uid == proof.alert_uid).values({proof.kind: proof.path}))
        told = entries.occurrences if post is not None else ()
        deeds = (*entries.deeds, *(each.deed for each in entries.suspensions))
        tip = add(connection, deeds) if deeds or told else None
        record(connection, entries.suspensions)
        if post is not None and tip is not None and told:
            post.add(connection, told, tip)
    if tip is not None and deeds:
        keep_tip(engine.url, tip)


def _admitted(connection: Connection, entries: Entries, fence: Fence) -> Entries:
    own = [each for each in entries.occurrences if each.dealing is None]  # what people did is told by whoever sees it
    owners = {each.owner for each in (*entries.alerts, *(each.alert for each in own))}
    admitted = fence.admitted(connection, owners | {each.owner for each in entries.states})
    return replace(
        entries,
        alerts=[each for each in entries.alerts if each.owner in admitted],
        states=[each for each in entries.states if each.owner in admitted],
        occurrences=[each for each in entries.occurrences if each.dealing is not None or each.alert.owner in admitted],
    )


def stored(engine: Engine) -> tuple[dict[str, AlertRecord], list[StateRecord]]:
    """Returns the alerts that are open by their uids, and the states in which all rules were left."""
    alert_names = [each.name for each in fields(AlertRecord)]
    state_names = [each.name for each in fields(StateRecord)]
    with engine.begin() as connection:
        states = [StateRecord(*row) for row in connection.execute(select(*(STATES.c[name] for name in state_names)))]
        is_open = ALERTS.c.uid.in_(select(STATES.c.alert_uid)) & ALERTS.c.closed_at.is_(None)
        rows = connection.execute(select(*(ALERTS.c[name] for name in alert_names)).where(is_open))
        alerts = [AlertRecord(*row) for row in rows]
    return {alert.uid: alert for alert in alerts}, states


def guarded_rules(engine: Engine) -> list[Key]:
    """Returns the rules that were ever guarded over a log, in order; raises DatabaseError where it cannot be read."""
    query = select(STATES.c.owner, STATES.c.rule_name).order_by(STATES.c.owner, STATES.c.rule_name)
    with reported(engine.url), engine.connect() as connection:
        return [(owner, name) for owner, name in connection.execute(query)]
