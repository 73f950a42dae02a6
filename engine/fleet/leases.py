"""Leases in the log: which node may write what concerns a camera or group, so that two never do.

A lease is taken where nobody holds it or its time is over, and then bears a higher number. Whoever writes asks in the
same transaction whether the lease is still its own, which holds up whoever would take it until that is over: a node
that was away for long, and does not know it, writes nothing. All times are those of the database's clock, so that those
of the nodes may differ.

Every function takes a connection in a transaction, and raises SQLAlchemyError where the database fails.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field

from sqlalchemy import Connection, bindparam, delete, or_, select, text, update

from engine.log.database import Base
from engine.log.insertion import insertion
from engine.log.tables import StoredLease, StoredNode

LEASES, NODES = (Base.metadata.tables[table.__tablename__] for table in (StoredLease, StoredNode))
FORGOTTEN_S = 3600.0  # after which a node that is gone is no longer told of
CLOCKS = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
}


@dataclass(frozen=True, slots=True)
class Node:
    """What a node says of itself."""

    name: str
    host: str
    capacity: float
    """Seconds of processor time a second."""
    costs: dict[str, float] = field(default_factory=dict)
    """The same, as measured of its cameras."""
    clock_s: float = 0.0
    """How far its clock is ahead of the database's."""
    model: str = ""
    """Hash of the file that counts."""
    config: str = ""
    """Hash of the configuration that it goes by."""
    problem: str = ""
    """What is wrong with it, in a sentence."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One row."""

    name: str
    holder: str | None
    until_s: float
    number: int

    def is_held(self, now_s: float) -> bool:
        """Whether nobody else may take it."""
        return self.holder is not None and self.until_s > now_s


def now(connection: Connection) -> float:
    """Returns the time by the database's clock, in seconds since 1970 (UTC)."""
    return float(connection.execute(text(CLOCKS[connection.dialect.name])).scalar_one())


def take(connection: Connection, names: Iterable[str], holder: str, now_s: float, for_s: float) -> dict[str, int]:
    """Takes leases that nobody holds, and returns those that could be had, with their numbers.

    Args:
        connection: in a transaction.
        names: what is wanted.
        holder: who wants it.
        now_s: the time by the database's clock.
        for_s: how long nobody else may take it.
    """
    taken = {}
    for name in sorted(names):  # in one order, so that two nodes never wait for each other
        new = {"name": name, "holder": None, "until_s": 0.0, "number": 0}
        connection.execute(insertion(connection, LEASES).values(new).on_conflict_do_nothing())
        is_free = or_(LEASES.c.holder.is_(None), LEASES.c.until_s <= now_s)
        values = {"holder": holder, "until_s": now_s + for_s, "number": LEASES.c.number + 1}
        got = connection.execute(update(LEASES).where(LEASES.c.name == name, is_free).values(values))
        if got.rowcount:
            taken[name] = connection.execute(select(LEASES.c.number).where(LEASES.c.name == name)).scalar_one()
    return taken


def renew(connection: Connection, holder: str, now_s: float, for_s: float) -> dict[str, int]:
    """Keeps all leases of a holder for longer, also those that were over and nobody took; returns them."""
    connection.execute(update(LEASES).where(LEASES.c.holder == holder).values(until_s=now_s + for_s))
    rows = connection.execute(select(LEASES.c.name, LEASES.c.number).where(LEASES.c.holder == holder))
    return {row.name: row.number for row in rows}


def give_back(connection: Connection, names: Collection[str], holder: str) -> None:
    """Gives leases back, which others may take at once."""
    own = LEASES.c.holder == holder, LEASES.c.name == bindparam("which")
    if names:
        values = [{"which": name} for name in sorted(names)]
        connection.execute(update(LEASES).where(*own).values(holder=None, until_s=0.0), values)


def own_of(connection: Connection, names: Collection[str], holder: str) -> frozenset[str]:
    """Returns which leases are a holder's; nobody can take them before the transaction is over."""
    query = select(LEASES.c.name).where(LEASES.c.holder == holder, LEASES.c.name.in_(sorted(names)))
    return frozenset(connection.scalars(query.with_for_update(read=True)))


def all_of(connection: Connection) -> dict[str, Lease]:
    """Returns all leases that there ever were, by their names."""
    return {row.name: Lease(*row) for row in connection.execute(select(LEASES).order_by(LEASES.c.name))}


def beat(connection: Connection, node: Node, now_s: float) -> None:
    """Notes that a node is there, and what it says; forgets those that are gone for long."""
    row = {"name": node.name, "seen_s": now_s, "said": json.dumps(asdict(node))}
    said = insertion(connection, NODES).values(row)
    connection.execute(said.on_conflict_do_update(index_elements=["name"], set_={**row}))
    connection.execute(delete(NODES).where(NODES.c.seen_s < now_s - FORGOTTEN_S))


def leave(connection: Connection, node: str) -> None:
    """Notes that a node is no longer there."""
    connection.execute(delete(NODES).where(NODES.c.name == node))


def nodes(connection: Connection, now_s: float, within_s: float) -> dict[str, Node]:
    """Returns the nodes that were heard of within so many seconds, by their names."""
    rows = connection.execute(select(NODES).where(NODES.c.seen_s > now_s - within_s).order_by(NODES.c.name))
    return {row.name: Node(**json.loads(row.said)) for row in rows}
