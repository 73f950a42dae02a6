"""What a log has of a camera's footage beside its count: the alerts that were raised, and the counts of its zones."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.alerts.listing import Alert, alerts_of
from engine.errors import MissingLogError
from engine.history.footage import logged_counts
from engine.history.query import History
from engine.log.place import reported
from engine.recording.counts import Counts
from engine.rules.series import Subject

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


def read_footage_log(log: str, camera: str, bounds: Bounds) -> FootageLog:
    """Reads alerts, and the names of zones; a log that is not there has none.

    Raises:
        DatabaseError: it cannot be read now.
    """
    try:
        history = History(log)
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
    own = [alert for alert in alerts if alert.owner == camera][:MOST_SHOWN]
    return FootageLog(tuple(own), next((owner.zones for owner in owners if owner.name == camera), ()))


def read_zones(log: str, camera: str, bounds: Bounds, zones: Sequence[str]) -> tuple[ZoneCounts, ...]:
    """Reads the counts of zones, by the second."""
    return tuple(ZoneCounts(zone, logged_counts(log, Subject(camera, zone), *bounds)) for zone in zones)
