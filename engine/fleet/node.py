"""One node of a fleet: a monitor that watches the cameras of which it holds the leases.

Twice in a lease's time and more often it says that it is there, keeps its leases, and looks who else is there. From
that every node reckons by itself, and all alike, which cameras are whose. What is another's now is let go first, and
its lease is given back when all that was found of it is in the log; only then can the other take it. A node that dies
gives nothing back: its leases are over soon, and whatever it would still write is refused.

A database that does not answer stops nothing: nobody can take a lease meanwhile.
"""

import logging
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from hashlib import sha256
from secrets import token_hex
from threading import Event, Lock
from time import monotonic, time

from sqlalchemy import Connection, Engine

from engine.errors import DatabaseError, EngineError
from engine.fleet import leases
from engine.fleet.division import Division
from engine.fleet.leases import Node
from engine.fleet.measuring import Costs
from engine.fleet.placement import costs_of, placed
from engine.log.database import open_database
from engine.log.place import reported
from engine.log.writing import storable
from engine.monitor.monitor import Monitor
from engine.monitor.share import Share
from engine.settings.config import Config
from engine.worker import Worker

LEASE_S = 8.0
BEAT_S = 1.0  # between two times that it says that it is there
GONE_S = 4.0  # after which it is no longer reckoned with
FLUSH_S = 5.0  # for what was found to be in the log, before a lease is given back
TELLING = " sinks"
"""The lease of the one that tells the sinks; no camera is called so, since names begin with no space."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Fence:
    """Admits what this node holds a lease of."""

    holder: str

    def admitted(self, connection: Connection, owners: Collection[str]) -> Collection[str]:
        """Returns those whose lease it holds."""
        return leases.own_of(connection, owners, self.holder)


class FleetNode:
    """Watches its share of a configuration, in threads of its own."""

    def __init__(self, config: Config, *, capacity: float, host: str = "", clock: Callable[[], float] = time) -> None:
        """Opens the log, and does nothing yet.

        Args:
            config: of the whole fleet, with a database that all nodes reach.
            capacity: seconds of processor time a second that it has for cameras.
            host: what people call its machine; by default the machine's name.
            clock: wall time in seconds since 1970.

        Raises:
            EngineError: there is no database, or it cannot be opened.
        """
        if config.database is None:
            raise EngineError('a fleet needs a log that all nodes write to; add database = "postgresql://..."')
        host = host or socket.gethostname()
        self.name = f"{host[:100]}-{token_hex(4)}"
        self._engine: Engine = open_database(config.database.full)
        self._share = Share(_Fence(self.name))
        self.monitor = Monitor(self._share)
        self._division, self._asked = Division.of(config), Event()
        self._applied: tuple[Config, bool] | None = None
        self._held: frozenset[str] = frozenset()
        """Names of the units that are watched."""
        self._costs, self._clock = Costs(), clock
        self._said = Node(self.name, host, capacity, config=config_hash(config))
        self._lock, self._ending = Lock(), Event()
        self._beating = Worker(f"leases of {self.name}", self._beat_again_and_again)
        self._working = Worker(f"share of {self.name}", self._work)

    @property
    def failure(self) -> Exception | None:
        """Why it ended before it was told to, or None."""
        return self._beating.failure or self._working.failure or self.monitor.failure

    def start(self) -> None:
        """Begins; the model is loaded before anything is taken."""
        self._working.start()

    def configure(self, config: Config) -> None:
        """Goes by another configuration from now on; what did not change is not touched."""
        with self._lock:
            self._division = Division.of(config)
            self._said = replace(self._said, config=config_hash(config))
        self._asked.set()

    def close(self) -> None:
        """Gives all back, and ends; may be called twice."""
        self._ending.set()
        self._asked.set()
        self._working.finish(60.0)
        self._beating.finish()
        self.monitor.close()
        try:
            with reported(self._engine.url), self._engine.begin() as connection:
                leases.give_back(connection, list(leases.renew(connection, self.name, 0.0, 0.0)), self.name)
                leases.leave(connection, self.name)
        except DatabaseError as error:
            logger.warning("%s could not give its leases back, which end by themselves: %s", self.name, error)
        self._engine.dispose()

    def _beat_again_and_again(self) -> None:
        while not self._ending.wait(BEAT_S):
            try:
                self._beat()
            except DatabaseError as error:
                logger.warning("%s goes on with what it has: %s", self.name, error)

    def _beat(self) -> None:
        with reported(self._engine.url), self._engine.begin() as connection:
            before_s = self._clock()
            now_s = leases.now(connection)
            ahead_s = (before_s + self._clock()) / 2 - now_s
            leases.renew(connection, self.name, now_s, LEASE_S)
            with self._lock:
                self._said = replace(self._said, costs=dict(self._costs.known), clock_s=round(ahead_s, 2))
            leases.beat(connection, self._said, now_s)

    def _work(self) -> None:
        self._apply(frozenset(), frozenset())  # loads the model
        model = self.monitor.model
        with self._lock:
            self._said = replace(self._said, model=model.file.sha256 if model else "")
        self._beat()
        self._beating.start()
        while not self._ending.is_set():
            try:
                self._step()
            except EngineError as error:
                self._tell(str(error))
                logger.warning("%s: %s", self.name, error)
            self._asked.wait(BEAT_S)
            self._asked.clear()

    def _step(self) -> None:
        """Lets go of what is another's now, takes what is its own, and watches that."""
        with self._lock:
            division = self._division
        wanted, owned, tells = self._look(division)
        watched = frozenset(unit for unit in wanted if owned.issuperset(_names(division, unit)))
        is_same = self._applied == (division.config, tells)
        there = {owner for unit in division.cameras for owner in division.owners(unit)}
        going = self._owners_watched() & there - {owner for unit in watched for owner in division.owners(unit)}
        if watched != self._held or not is_same:
            self._share.tells = tells
            self._apply(watched, going, division)
        self._give_back(owned, {name for unit in watched for name in _names(division, unit)} | {TELLING})
        self._costs.look(self.monitor)
        self._tell("")

    def _look(self, division: Division) -> tuple[frozenset[str], frozenset[str], bool]:
        """Returns the units that are to be its own, and the leases that it holds after it took what was free."""
        with reported(self._engine.url), self._engine.begin() as connection:
            now_s = leases.now(connection)
            there = leases.nodes(connection, now_s, GONE_S) | {self.name: self._said}
            known = leases.all_of(connection)
            holders = {name: lease.holder for name, lease in known.items() if lease.holder in there}
            before = {unit: holder for unit in division.cameras if (holder := holders.get(storable(unit)))}
            measured = {name: cost for node in there.values() for name, cost in node.costs.items()}
            capacities = {name: node.capacity for name, node in there.items()}
            homes = placed(costs_of(division.cameras, measured), capacities, before)
            wanted = frozenset(unit for unit, node in homes.items() if node == self.name)
            owned = {name for name, lease in known.items() if lease.holder == self.name}
            lacking = {name for unit in wanted for name in _names(division, unit)} | {TELLING}
            owned |= leases.take(connection, lacking - owned, self.name, now_s, LEASE_S).keys()
        return wanted, frozenset(owned), TELLING in owned

    def _apply(self, units: frozenset[str], going: Collection[str], division: Division | None = None) -> None:
        division = division or self._division
        self._share.going = frozenset(going)
        self.monitor.apply(division.part(units))
        self._held, self._applied = units, (division.config, self._share.tells)

    def _owners_watched(self) -> set[str]:
        cameras = {session.name for session in self.monitor.sessions}
        return cameras | {group.name for group in self.monitor.alarms.groups}

    def _give_back(self, owned: frozenset[str], kept: set[str]) -> None:
        """Gives leases back of what is no longer watched, when all that was found of it is in the log."""
        others = owned - kept
        if not others:
            return
        store, until_s = self.monitor.store, monotonic() + FLUSH_S
        self.monitor.alarms.flush(FLUSH_S)
        while store is not None and store.waiting and monotonic() < until_s and not self._ending.wait(0.05):
            pass
        with reported(self._engine.url), self._engine.begin() as connection:
            leases.give_back(connection, others, self.name)

    def _tell(self, problem: str) -> None:
        with self._lock:
            self._said = replace(self._said, problem=problem)


def config_hash(config: Config) -> str:
    """Returns by what a configuration is known to be another; tells nothing of what it holds."""
    return sha256(repr(config).encode()).hexdigest()[:16]


def _names(division: Division, unit: str) -> set[str]:
    """Returns the names of the leases of a unit."""
    return {storable(owner) for owner in division.owners(unit)}
