"""What a log has of a camera's footage beside its count: the alerts that were raised, and the counts of its zones."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.alerts.listing import Alert, alerts_of
from engine.errors import MissingLogError
from engine.history.footage import logged_counts
from engine.history.query import History
from engine.log.place import reported
from engine.recording.counts import Counts
from engine.rules.series import Subject
from engine.settings.config import Config

MOST_ALERTS = 5000
MOST_SHOWN = 500
"""Of one camera, the newest."""
Bounds = tuple[float, float]
"""In seconds since 1970 (UTC)."""


@dataclass(frozen=True, slots=True)
class FootageLog:
    """Of one camera, in one span."""

    alerts: tuple[Alert, ...] = ()
    """Those that held then, the newest first."""
    zones: tuple[str, ...] = ()
    """That the log knows."""


@dataclass(frozen=True, slots=True)
class ZoneCounts:
    """What was counted in a zone."""

    zone: str
    counts: Counts = field(repr=False)
    """At seconds since 1970."""


class Logged(Protocol):
    """A log, wherever it is; both methods take time, and raise EngineError where it cannot be read now."""

    def read(self, camera: str, bounds: Bounds) -> FootageLog:
        """Reads alerts, and the names of zones."""
        ...

    def zones(self, camera: str, bounds: Bounds, zones: Sequence[str]) -> tuple[ZoneCounts, ...]:
        """Reads the counts of zones, by the second."""
        ...


class OwnLog:
    """One that is a database; where it is not there, it has nothing."""

    def __init__(self, database: str) -> None:
        """Reads nothing yet."""
        self._database = database

    def read(self, camera: str, bounds: Bounds) -> FootageLog:
        """Reads alerts, and the names of zones; raises DatabaseError."""
        try:
            history = History(self._database)
        except MissingLogError:
            return FootageLog()
        try:
            with reported(history.engine.url):
                alerts = alerts_of(history.engine, most=MOST_ALERTS, between=bounds)
            owners = history.contents().owners
        except MissingLogError:
            return FootageLog()
        finally:
            history.close()
        return FootageLog(of_camera(alerts, camera), next((own.zones for own in owners if own.name == camera), ()))

    def zones(self, camera: str, bounds: Bounds, zones: Sequence[str]) -> tuple[ZoneCounts, ...]:
        """Reads the counts of zones, by the second."""
        return tuple(ZoneCounts(zone, logged_counts(self._database, Subject(camera, zone), *bounds)) for zone in zones)


def log_of(config: Config) -> OwnLog | None:
    """Returns the log that is configured, if one is."""
    return None if config.database is None else OwnLog(config.database.full)


def of_camera(alerts: Sequence[Alert], camera: str) -> tuple[Alert, ...]:
    """Returns those of one camera that are shown, of alerts of which the newest is the first."""
    return tuple(alert for alert in alerts if alert.owner == camera)[:MOST_SHOWN]
