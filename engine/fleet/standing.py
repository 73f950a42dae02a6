"""How a fleet stands at one moment, as its log tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from engine.fleet import leases
from engine.fleet.division import Division
from engine.fleet.leases import Node
from engine.fleet.node import GONE_S
from engine.log.place import reported
from engine.log.writing import storable
from engine.settings.config import Config

CLOCK_S = 2.0
"""By how much a clock may differ from the database's before that is said."""


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """One node."""

    node: Node
    cameras: tuple[str, ...]
    """That it watches."""

    @property
    def load(self) -> float | None:
        """Which share of its capacity its cameras take; None while nothing was measured."""
        known = [self.node.costs[camera] for camera in self.cameras if camera in self.node.costs]
        return sum(known) / self.node.capacity if known else None

    @property
    def problems(self) -> list[str]:
        """What is wrong with it, in sentences."""
        clock = f"its clock is {self.node.clock_s:+.0f} s from the database's"
        return [*([clock] if abs(self.node.clock_s) > CLOCK_S else []), *filter(None, [self.node.problem])]

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        return {
            "node": self.node.name,
            "host": self.node.host,
            "cores": self.node.capacity,
            "load": None if self.load is None else round(self.load, 3),
            "cameras": list(self.cameras),
            "clock_s": self.node.clock_s,
            "problems": self.problems,
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """All of a fleet."""

    nodes: Sequence[NodeStanding]
    unwatched: tuple[str, ...]
    """Cameras of which no node that is there holds the lease."""
    problem: str = ""
    """What is wrong with all of it."""

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        return {
            "nodes": [each.as_dict for each in self.nodes],
            "unwatched": list(self.unwatched),
            "problem": self.problem or None,
        }


def standing_of(engine: Engine, config: Config) -> Standing:
    """Returns how a fleet stands; raises DatabaseError where its log cannot be read."""
    cameras = {storable(camera): camera for camera in Division.of(config).home}
    with reported(engine.url), engine.begin() as connection:
        now_s = leases.now(connection)
        there = leases.nodes(connection, now_s, GONE_S)
        known = leases.all_of(connection)
    holders = {camera: known[name].holder for name, camera in cameras.items() if name in known}
    nodes = [
        NodeStanding(node, tuple(camera for camera, holder in holders.items() if holder == name))
        for name, node in sorted(there.items(), key=lambda item: (item[1].host, item[0]))
    ]
    unwatched = tuple(camera for camera in cameras.values() if holders.get(camera) not in there)
    return Standing(nodes, unwatched, _difference(list(there.values())))


def _difference(nodes: Sequence[Node]) -> str:
    """Says in what nodes differ that all have to have in common."""
    unlike = [
        words
        for words, said in (("models", {node.model for node in nodes}), ("configurations", {n.config for n in nodes}))
        if len(said - {""}) > 1
    ]
    return f"its nodes go by different {' and '.join(unlike)}; give all the same" if unlike else ""
