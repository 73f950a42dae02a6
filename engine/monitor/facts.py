"""How each watched camera is doing at one moment, as it is shown; what is not known is None, never zero."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from engine.alerts.guard import Firing
from engine.alerts.suspension import Suspension
from engine.capture.health import HealthReport, State
from engine.counting.schedule import Load
from engine.monitor.monitor import Monitor
from engine.monitor.tally import Newest, Tally, Total
from engine.recording.plan import RecordingFacts
from engine.rules.series import total

SHOWN_DIGITS = 3


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """One camera at one moment."""

    name: str
    health: HealthReport
    load: Load
    newest: Newest
    total: Total
    alerts: tuple[Firing, ...] = ()
    """Of the camera and its zones, those that are open."""
    suspended: tuple[Suspension, ...] = ()
    """Its rules that raise nothing now."""
    recording: RecordingFacts | None = None
    """None where it is not to be recorded."""
    change_p95: float | None = None
    """By how many people its count moves from reading to reading, in 95 % of them at most."""

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON; times in seconds."""
        health, load = self.health, self.load
        return {
            "camera": self.name,
            "state": health.state.value,
            "count": _rounded(self.newest.people),
            "change_p95": _rounded(self.change_p95),
            **self._trust,
            "zones": {name: _rounded(people) for name, people in (self.newest.zones or {}).items()},
            **self._crowding,
            "offered_fps": _rounded(load.offered_fps),
            "counted_fps": _rounded(load.counted_fps),
            "dropped_share": _rounded(load.dropped_share),
            "latency_p50_s": _rounded(load.latency_p50_s),
            "latency_p95_s": _rounded(load.latency_p95_s),
            "drops": health.drops,
            "stalls": health.stalls,
            "reconnects": health.reconnects,
            "decode_errors": health.decode_errors,
            "age_s": _rounded(health.age_s),
            "condition": health.condition.value,
            "tls": (health.link and health.link.security) or None,
            "problem": health.problem,
            "remark": health.remark,
            "alerts": [shown(alert) for alert in self.alerts],
            "suspended": [each.as_dict for each in self.suspended],
            "recording": self.recording and self.recording.as_dict,
        }

    @property
    def _trust(self) -> dict[str, Any]:
        newest = self.newest
        low, high = newest.interval or (None, None)
        is_known = newest.people is not None
        reliable = not newest.doubt if is_known else None
        return {"low": _rounded(low), "high": _rounded(high), "reliable": reliable, "doubt": newest.doubt.words}

    @property
    def _crowding(self) -> dict[str, Any]:
        crowding = self.newest.crowding
        return {
            "per_m2": {name: _rounded(each) for name, each in (crowding.zones if crowding else {}).items()},
            "areas_m2": {name: _rounded(each) for name, each in (crowding.areas if crowding else {}).items()},
            "densest_per_m2": _rounded(crowding.densest) if crowding else None,
            "calibration_problem": crowding.stale if crowding else "",
        }


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One group at one moment."""

    name: str
    people: float | None
    alerts: tuple[Firing, ...] = ()
    suspended: tuple[Suspension, ...] = ()

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        return {
            "group": self.name,
            "count": _rounded(self.people),
            "alerts": [shown(alert) for alert in self.alerts],
            "suspended": [each.as_dict for each in self.suspended],
        }


def facts_of(monitor: Monitor) -> list[CameraFacts]:
    """Returns how all cameras of a monitor are doing, in their order."""
    firing, suspended = monitor.alarms.firing, monitor.alarms.suspended
    return [
        replace(
            camera_facts(
                session.name,
                session.health,
                monitor.load(session),
                session.tally,
                is_counted=session.is_counted,
            ),
            alerts=_of(session.name, firing),
            suspended=_suspended(session.name, suspended),
            recording=session.recorder.facts,
        )
        for session in monitor.sessions
    ]


def groups_of(monitor: Monitor, cameras: Sequence[CameraFacts] | None = None) -> list[GroupFacts]:
    """Returns what is known of all groups of a monitor, in their order; rules go by whole seconds instead.

    Args:
        monitor: with the groups.
        cameras: beside which they are shown, so that each group is the sum of its members there; None is now.
    """
    firing, suspended = monitor.alarms.firing, monitor.alarms.suspended
    known = {each.name: each.newest for each in (facts_of(monitor) if cameras is None else cameras)}
    return [
        GroupFacts(
            group.name,
            total(_people(known.get(member.owner, Newest()), member.zone) for member in group.members),
            _of(group.name, firing),
            _suspended(group.name, suspended),
        )
        for group in monitor.alarms.groups
    ]


def _people(newest: Newest, zone: str | None) -> float | None:
    return newest.people if zone is None else (newest.zones or {}).get(zone)


def shown(alert: Firing) -> dict[str, Any]:
    """Returns an open alert as plain values with stable names, for JSON."""
    return {
        "rule": alert.placed.rule.name,
        "zone": alert.placed.subject.zone,
        "severity": alert.severity.value,
        "since": datetime.fromtimestamp(alert.raised, UTC).isoformat(),
        "peak": _rounded(alert.peak),
        "acknowledged_by": alert.acknowledged_by,
    }


def _of(owner: str, firing: Sequence[Firing]) -> tuple[Firing, ...]:
    return tuple(alert for alert in firing if alert.placed.subject.owner == owner)


def _suspended(owner: str, suspended: Sequence[Suspension]) -> tuple[Suspension, ...]:
    return tuple(each for each in suspended if each.owner == owner)


def camera_facts(name: str, health: HealthReport, load: Load, tally: Tally, *, is_counted: bool = True) -> CameraFacts:
    """Puts together how a camera is doing; a camera that is not live, or only shown, has no count."""
    newest = tally.newest(monotonic()) if is_counted and health.state is State.LIVE else Newest()
    return CameraFacts(name, health, load, newest, tally.total, change_p95=tally.change_p95)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, SHOWN_DIGITS)
