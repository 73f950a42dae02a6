"""That a rule raises nothing for a while: what people ask for, and how the log keeps it; the newest of a rule holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from engine.log.audit import Deed, add, keep_tip
from engine.log.place import reported
from engine.log.tables import StoredSuspension
from engine.log.writing import storable
from engine.redaction import readable, redacted
from engine.rules.rulebook import Key

LIFTED = 0
"""In place of the moment until which: the rule raises alerts again."""
LONGEST_NOTE = 2000  # characters


@dataclass(frozen=True, slots=True)
class Suspension:
    """What somebody asked for."""

    owner: str
    """Camera or group."""
    rule: str
    until: int
    """Seconds since 1970 (UTC), or `LIFTED`."""
    who: str
    """'' where that is not known."""
    note: str = ""

    @property
    def key(self) -> Key:
        """Which rule it is about, as the log has it."""
        return storable(self.owner), storable(self.rule)

    def holds(self, now_s: float) -> bool:
        """Whether the rule raises nothing at a moment (seconds since 1970)."""
        return now_s < self.until

    @property
    def deed(self) -> Deed:
        """What the audit log is told."""
        action = "resume" if self.until == LIFTED else "suspend"
        until = None if self.until == LIFTED else _iso(self.until)
        return Deed(self.who, action, f"{self.owner}: {self.rule}", {"until": until, "note": self.note})

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        until = _iso(self.until)
        return {"owner": self.owner, "rule": self.rule, "until": until, "by": self.who, "note": self.note}


def suspend(engine: Engine, suspension: Suspension) -> None:
    """Writes one, for good; whatever guards the rule over this log heeds it soon.

    Raises:
        DatabaseError: the log cannot be written, and nothing was.
    """
    with reported(engine.url), engine.begin() as connection:
        tip = add(connection, [suspension.deed])
        record(connection, [suspension])
    keep_tip(engine.url, tip)


def record(connection: Connection, suspensions: Sequence[Suspension]) -> None:
    """Adds rows, in a transaction that has added to the audit log: so their numbers rise as they are committed."""
    if not suspensions:
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "owner": storable(each.owner),
            "rule_name": storable(each.rule),
            "until_s": each.until,
            "who": storable(each.who),
            "note": redacted(readable(each.note))[:LONGEST_NOTE],
            "asked_at": now,
        }
        for each in suspensions
    ]
    connection.execute(insert(StoredSuspension), rows)


def newest(engine: Engine, after: int = 0) -> tuple[int, list[Suspension]]:
    """Returns what holds of each rule of which a row came after another, and the number of the last row."""
    row = StoredSuspension
    last = select(func.max(row.id)).where(row.id > after).group_by(row.owner, row.rule_name)
    query = select(row.id, row.owner, row.rule_name, row.until_s, row.who, row.note).where(row.id.in_(last))
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(row.id)).all()
    known = [Suspension(each.owner, each.rule_name, each.until_s, each.who, each.note) for each in rows]
    return (rows[-1].id if rows else after), known


def holding(engine: Engine, now_s: float) -> list[Suspension]:
    """Returns what holds at a moment, what ends first before; raises DatabaseError where the log cannot be read."""
    with reported(engine.url):
        _, known = newest(engine)
    return sorted((each for each in known if each.holds(now_s)), key=lambda each: each.until)


def by_rule(suspensions: Iterable[Suspension]) -> dict[Key, Suspension]:
    """Returns them by their rules; the last of each holds."""
    return {each.key: each for each in suspensions}


def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()
