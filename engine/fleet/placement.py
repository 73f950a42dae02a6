"""Which node of a fleet watches which cameras; pure, so that it can be tried on any fleet.

Cameras of one group are summed up second by second, and so stay together as one *unit*. A unit stays where it is while
its node is there, unless nodes are filled unevenly and moving it makes the fullest node of all less full. That
way a node that joins takes a share, one that dies gives all of its own to the others, and nothing else moves; placing
again what was placed changes nothing.
"""

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

SLACK = 0.1
"""By which share a node may be fuller or emptier than all nodes are on average before anything is moved."""
EXACT = 1_000_000
"""In so many parts of one costs are reckoned with, since the sum of whole numbers does not go by their order."""
UNKNOWN_COST = 1.0
"""Of a camera, where nothing was measured of any."""


def units_of(cameras: Sequence[str], groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Returns the cameras that stay together, by the first of them.

    Args:
        cameras: names of all, in their order.
        groups: names of the cameras of each group; one that is not among them is left out.
    """
    head = {camera: camera for camera in cameras}

    def first(camera: str) -> str:
        while head[camera] != camera:
            camera = head[camera] = head[head[camera]]
        return camera

    order = {camera: number for number, camera in enumerate(cameras)}
    for group in groups:
        heads = sorted({first(camera) for camera in group if camera in head}, key=order.__getitem__)
        for other in heads[1:]:
            head[other] = heads[0]
    units: dict[str, list[str]] = {}
    for camera in cameras:
        units.setdefault(first(camera), []).append(camera)
    return {unit: tuple(members) for unit, members in units.items()}


def costs_of(units: Mapping[str, Sequence[str]], measured: Mapping[str, float]) -> dict[str, float]:
    """Returns what each unit costs, by what was measured of cameras; one of which nothing was measured is as others.

    Args:
        units: the cameras of each.
        measured: seconds of processor time a second, of cameras.
    """
    usual = fmean(measured.values()) if measured else UNKNOWN_COST
    return {unit: sum(measured.get(camera, usual) for camera in members) for unit, members in units.items()}


def placed(costs: Mapping[str, float], capacities: Mapping[str, float], before: Mapping[str, str]) -> dict[str, str]:
    """Returns the node of each unit; the same for whoever asks, and empty where there is no node.

    Args:
        costs: of the units, in whatever capacities are told in.
        capacities: of the nodes that are there, above 0.
        before: where units were.
    """
    if not capacities:
        return {}
    floor = _Floor(costs, capacities)
    homeless = []
    for unit in costs:
        if before.get(unit) in capacities:
            floor.put(unit, before[unit])
        else:
            homeless.append(unit)
    for unit in sorted(homeless, key=lambda unit: (-costs[unit], unit)):
        floor.put(unit, floor.best_for(unit))
    floor.level()
    return {unit: floor.homes[unit] for unit in costs}


class _Floor:
    """The nodes with what is on them."""

    def __init__(self, costs: Mapping[str, float], capacities: Mapping[str, float]) -> None:
        self._costs = {unit: round(EXACT * cost) for unit, cost in costs.items()}
        self._capacities = {node: max(1, round(EXACT * capacity)) for node, capacity in capacities.items()}
        self.homes: dict[str, str] = {}
        self._loads = dict.fromkeys(capacities, 0)
        self._units: dict[str, list[tuple[int, str]]] = defaultdict(list)
        """Of each node, with their costs, rising."""

    def filled(self, node: str, unit: str | None = None) -> float:
        """Returns which share of a node's capacity is taken, with one more unit on it if one is given."""
        return (self._loads[node] + (0 if unit is None else self._costs[unit])) / self._capacities[node]

    def best_for(self, unit: str) -> str:
        """Returns the node that is least full with a unit on it."""
        return min(self._capacities, key=lambda node: (self.filled(node, unit), node))

    def put(self, unit: str, node: str) -> None:
        """Puts a unit on a node, from wherever it is."""
        cost = self._costs[unit]
        old = self.homes.get(unit)
        if old is not None:
            self._units[old].remove((cost, unit))
            self._loads[old] -= cost
        self.homes[unit] = node
        insort(self._units[node], (cost, unit))
        self._loads[node] += cost

    def level(self) -> None:
        """Moves units from the fullest node to the emptiest, as long as the fullest becomes less full by it."""
        mean = sum(self._loads.values()) / sum(self._capacities.values())
        least, most = (1 - SLACK) * mean, (1 + SLACK) * mean
        nodes = sorted(self._capacities)
        while True:
            full, empty = max(nodes, key=self.filled), min(nodes, key=self.filled)
            if self.filled(full) <= most and self.filled(empty) >= least:
                return
            room = self._capacities[empty] * self._loads[full] - self._capacities[full] * self._loads[empty]
            movable = room / (self._capacities[empty] + self._capacities[full])
            at = bisect_right(self._units[full], (movable, "\U0010ffff")) - 1
            if at < 0 or self._units[full][at][0] <= 0:
                return
            self.put(self._units[full][at][1], empty)
