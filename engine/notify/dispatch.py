"""Tells the sinks of a configuration what happens in one log."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from time import monotonic

from sqlalchemy import Connection, Engine

from engine.alerts.occurrence import Occurrence
from engine.errors import ConfigError, DatabaseError
from engine.log.audit import Tip
from engine.notify import outbox
from engine.notify.delivery import CLOSE_S, Delivery, SinkFacts, Sources
from engine.notify.sink import Standing
from engine.notify.sinks import opened_sink
from engine.settings.config import Config
from engine.settings.sinks import SinkAccess, SinkSettings

Keyed = tuple[SinkSettings, SinkAccess | None]
"""A sink, and what it is opened with; None where it is not enabled, or that is not there."""

logger = logging.getLogger(__name__)


class Dispatch:
    """All sinks at work; takes down what they are to be told, see `engine.alerts.occurrence.Post`."""

    def __init__(self, engine: Engine, standing: Callable[[], Standing], pictures: Path) -> None:
        """Tells nobody yet.

        Args:
            engine: of the log, whose transactions lie on the disk when they are over.
            standing: returns how cameras and rules stand now; is called by any thread.
            pictures: the folder with the snapshots of its alerts.
        """
        self._sources = Sources(engine, standing, lambda uid: outbox.picture_of(engine, pictures, uid))
        self._lock = Lock()
        self._keyed: tuple[Keyed, ...] = ()
        self._problems: Mapping[str, str] = {}
        self._deliveries: dict[str, Delivery] = {}
        try:
            outbox.tidy(engine)
        except DatabaseError as error:
            logger.info("the outbox is tidied at the next start: %s", error)

    @property
    def facts(self) -> tuple[SinkFacts, ...]:
        """How all sinks are doing, in the order of the configuration; never waits."""
        with self._lock:
            keyed, deliveries, problems = self._keyed, dict(self._deliveries), self._problems
        return tuple(
            deliveries[sink.name].facts
            if sink.name in deliveries
            else SinkFacts(sink.name, sink.kind, sink.enabled, problem=problems.get(sink.name, ""))
            for sink, _ in keyed
        )

    def try_again(self, name: str) -> bool:
        """Has a sink told at once what waits, and what was given up; False where it is not at work."""
        with self._lock:
            delivery = self._deliveries.get(name)
        if delivery is None:
            return False
        delivery.try_again()
        return True

    def apply(self, keyed: Sequence[Keyed], problems: Mapping[str, str] | None = None) -> None:
        """Tells other sinks from now on; one whose settings and secrets are the same goes on untouched.

        Args:
            keyed: all sinks, in the order of the configuration.
            problems: why some cannot be told, by their names; what they are to be told waits.
        """
        with self._lock:
            before = dict(self._keyed_by_name)
            after = {sink.name: (sink, access) for sink, access in keyed if access is not None}
            gone = [self._deliveries.pop(name) for name in before if before[name] != after.get(name)]
            self._keyed, self._problems = tuple(keyed), problems or {}
        _end(gone)
        with self._lock:
            for name, (sink, access) in after.items():
                if name not in self._deliveries:
                    self._deliveries[name] = Delivery(sink, opened_sink(sink, access), self._sources)
                    self._deliveries[name].start()

    def add(self, connection: Connection, occurrences: Sequence[Occurrence], tip: Tip) -> None:
        """Writes what is to be told."""
        with self._lock:
            sinks = [sink for sink, _ in self._keyed]
        outbox.add(connection, sinks, occurrences, tip)

    def wake(self) -> None:
        """Says that something was written."""
        with self._lock:
            deliveries = tuple(self._deliveries.values())
        for delivery in deliveries:
            delivery.wake()

    def close(self) -> None:
        """Ends all threads; what waits is told at the next start. May be called twice."""
        with self._lock:
            deliveries, self._deliveries = tuple(self._deliveries.values()), {}
        _end(deliveries)

    @property
    def _keyed_by_name(self) -> dict[str, Keyed]:
        return {sink.name: (sink, access) for sink, access in self._keyed if sink.name in self._deliveries}


def keyed_sinks(config: Config) -> tuple[Keyed, ...]:
    """Returns the sinks of a configuration with what they are opened with; may wait for the system's keyring.

    Raises:
        ConfigError: a secret is not where it is said to be.
    """
    return tuple((sink, sink.access() if sink.enabled else None) for sink in config.sinks)


def keyed_anyway(config: Config) -> tuple[tuple[Keyed, ...], dict[str, str]]:
    """Returns the same, with None where a secret is missing, and by the sink's name why; may wait as well."""
    keyed, problems = list[Keyed](), {}
    for sink in config.sinks:
        access = None
        try:
            access = sink.access() if sink.enabled else None
        except ConfigError as error:
            problems[sink.name] = str(error)
        keyed.append((sink, access))
    return tuple(keyed), problems


def _end(deliveries: Sequence[Delivery]) -> None:
    for delivery in deliveries:
        delivery.end()
    end_s = monotonic() + CLOSE_S
    for delivery in deliveries:
        delivery.finish(end_s)
