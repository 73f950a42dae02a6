"""What a log holds and since when: cameras, groups, zones, and each time that one of them was counted."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Select, func, select

from engine.log.database import Run, StoredCamera, StoredSample
from engine.log.rollups import MINUTE_S
from engine.log.tables import WHOLE, RollUp, StoredZone

GROUP = "group"


@dataclass(frozen=True, slots=True)
class Counted:
    """One run: a watch of a camera or group, or one play of a recording."""

    owner: str
    began_s: float
    """Seconds since 1970 (UTC)."""
    end_s: float | None
    """After the last that was counted; None where nothing was."""
    model: str


@dataclass(frozen=True, slots=True)
class Owner:
    """A camera, a group or a recording."""

    name: str
    is_group: bool
    zones: tuple[str, ...]
    first_s: float | None
    """When it was counted first, in seconds since 1970 (UTC); None where it never was."""
    last_s: float | None
    """After it was counted last."""


@dataclass(frozen=True, slots=True)
class Contents:
    """All of it, by name and by time."""

    owners: tuple[Owner, ...] = ()
    runs: tuple[Counted, ...] = ()
    """The newest first."""

    @property
    def last_s(self) -> float | None:
        """When anything was counted last; None where nothing was."""
        return max((owner.last_s for owner in self.owners if owner.last_s is not None), default=None)


def contents_of(connection: Connection) -> Contents:
    """Returns what a log holds."""
    runs = [Counted(*row) for row in _runs(connection)]
    zones: dict[str, list[str]] = {}
    for camera, zone in connection.execute(_zones()):
        zones.setdefault(camera, []).append(zone)
    known: dict[str, list[Counted]] = {}
    for run in runs:
        if run.end_s is not None:
            known.setdefault(run.owner, []).append(run)
    owners = [
        Owner(name, kind == GROUP, tuple(zones.get(name, ())), *_span(known.get(name, [])))
        for name, kind in connection.execute(select(StoredCamera.name, StoredCamera.kind))
    ]
    owners.sort(key=lambda owner: (owner.name.casefold(), owner.name))  # databases sort names in different ways
    return Contents(tuple(owners), tuple(runs))


def _span(runs: list[Counted]) -> tuple[float | None, float | None]:
    ends = [run.end_s for run in runs if run.end_s is not None]
    return min((run.began_s for run in runs), default=None), max(ends, default=None)


def _zones() -> Select[*tuple[Any, ...]]:
    query = select(StoredCamera.name, StoredZone.name).join(StoredZone, StoredZone.camera_id == StoredCamera.id)
    return query.order_by(StoredCamera.name, StoredZone.name)


def _runs(connection: Connection) -> list[tuple[str, float, float | None, str]]:
    """The last second is that of a sample, or of a minute that outlived its samples."""
    own: Any = RollUp
    second = select(func.max(StoredSample.second)).where(StoredSample.run_id == Run.id).scalar_subquery()
    minute = (
        select(func.max(own.began_s))
        .where(own.run_id == Run.id, own.zone_id == WHOLE, own.span_s == MINUTE_S)
        .scalar_subquery()
    )
    query = (
        select(StoredCamera.name, Run.started_at, second, minute, Run.model_name)
        .join(StoredCamera, StoredCamera.id == Run.camera_id)
        .order_by(Run.started_at.desc(), Run.id.desc())
    )
    found = []
    for name, started_at, last, summed, model in connection.execute(query):
        began_s = started_at.replace(tzinfo=UTC).timestamp()
        ends = [] if last is None else [began_s + last + 1]
        ends += [] if summed is None or last is not None else [float(summed + MINUTE_S)]
        found.append((name, began_s, max(ends, default=None), model))
    return found
