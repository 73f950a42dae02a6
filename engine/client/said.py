"""What a service says, in the values that the engine itself has for it; pure. What it does not say is not known."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from engine.alerts.guard import Firing
from engine.alerts.listing import Alert
from engine.alerts.suspension import LIFTED, Suspension
from engine.capture.health import HealthReport, State
from engine.counting.doubt import Doubt
from engine.counting.reading import Sample
from engine.counting.schedule import Load
from engine.history.series import Grid, Series
from engine.inference.error_table import Interval
from engine.monitor.crowding import Crowding
from engine.monitor.facts import CameraFacts, GroupFacts
from engine.monitor.tally import Newest, Total
from engine.picture.condition import Condition
from engine.recording.plan import RecordingFacts
from engine.rules.rule import Rule, Severity
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.problems import checked

Said = Mapping[str, Any]
PROOFS = {"snapshot": "snapshot.jpg", "clip": "clip.mp4"}
"""What an alert is proved with, and what it is called at the service, after the alert's number."""
MOMENTS = ("began_at", "raised_at", "worsened_at", "cleared_at", "closed_at", "peak_at", "acknowledged_at")


def config_of(layout: Said, url: str) -> Config:
    """Returns what a service watches as a configuration; the cameras' addresses are those at the service."""
    cameras = [{**camera, "address": f"{url}/api/cameras/preview.mjpeg"} for camera in layout["cameras"]]
    return checked(Config, {"cameras": cameras, "groups": layout["groups"]}, "what the service watches")


def facts_of(said: Said, now_s: float, alerts: tuple[Firing, ...] = ()) -> CameraFacts:
    """Returns how a camera is doing, as an event or an answer says; `now_s` is on the monotonic clock."""
    age_s = said["age_s"]
    health = HealthReport(
        state=State(said["state"]),
        since_s=now_s,
        problem=said["problem"],
        frames=0,
        rate=said["offered_fps"] or 0.0,
        age_s=age_s,
        drops=said["drops"],
        stalls=said["stalls"],
        reconnects=said["reconnects"],
        decode_errors=said["decode_errors"],
        condition=Condition(said["condition"]),
        size=None,
        link=None,
        remark=said["remark"],
    )
    load = Load(
        said["offered_fps"] or 0.0,
        said["counted_fps"] or 0.0,
        said["dropped_share"] or 0.0,
        said["latency_p50_s"],
        said["latency_p95_s"],
    )
    newest = Newest(said["count"], said["zones"] or None, None if age_s is None else now_s - age_s, _crowding(said))
    newest = replace(newest, interval=_interval(said), doubt=_doubt(said))
    suspended = tuple(map(suspension_of, said["suspended"]))
    recording = said["recording"] and _recording(said["recording"])
    change = said.get("change_p95")
    return CameraFacts(said["camera"], health, load, newest, Total(), alerts, suspended, recording, change)


def group_of(said: Said, alerts: tuple[Firing, ...] = ()) -> GroupFacts:
    """Returns how a group is doing."""
    return GroupFacts(said["group"], said["count"], alerts, tuple(map(suspension_of, said["suspended"])))


def sample_of(second: int, said: Said, zone: str | None = None) -> Sample | None:
    """Returns what a second came to in a camera, group or zone; None where it is not known."""
    people = said["count"] if zone is None else said["zones"].get(zone)
    return None if people is None else Sample(second, people, people, people, 1)


def firing_of(said: Said) -> Firing:
    """Returns an alert that is open."""
    rule = Rule(said["rule"], 0.0)
    raised = round(datetime.fromisoformat(said["since"]).timestamp())
    return Firing(
        said["uid"],
        Placed(rule, Subject(said["owner"], said["zone"])),
        Severity(said["severity"]),
        raised,
        said["peak"] or 0.0,
        said["acknowledged_by"],
    )


def alert_of(said: Said) -> Alert:
    """Returns an alert of the log."""
    values = {each.name: said[each.name] for each in fields(Alert)}
    values |= {name: None if said[name] is None else _utc(said[name]) for name in MOMENTS}
    proofs = {kind: said[kind] and f"{said['id']}/{file}" for kind, file in PROOFS.items()}
    return Alert(**values | {"rule": json.dumps(said["rule"]), **proofs})


def series_of(history: Said, grid: Grid) -> Series:
    """Returns what a history says, on a grid of the same steps; unknown where it has others."""
    first_s, number = round(datetime.fromisoformat(history["begin"]).timestamp()), len(history["readings"])
    if history["step_s"] != grid.step_s or (first_s - grid.first_s) % grid.step_s:
        return Series.unknown(grid)
    mean, least, most = (np.array(history[name], np.float32) for name in ("mean", "least", "most"))
    told = Series(Grid(first_s, grid.step_s, number), mean, least, most, np.array(history["readings"], np.int64))
    return told.to(grid)


def suspension_of(said: Said) -> Suspension:
    """Returns how a rule is suspended."""
    until = round(datetime.fromisoformat(said["until"]).timestamp())
    return Suspension(said["owner"], said["rule"], until, said["by"], said["note"])


def order_of(suspension: Suspension) -> Said:
    """Returns what a service is told that is to suspend a rule, or to let it raise alerts again."""
    until = None if suspension.until == LIFTED else datetime.fromtimestamp(suspension.until, UTC).isoformat()
    return {
        "owner": suspension.owner,
        "rule": suspension.rule,
        "until": until,
        "who": suspension.who,
        "note": suspension.note,
    }


def _interval(said: Said) -> Interval | None:
    low, high = said.get("low"), said.get("high")
    return None if low is None or high is None else Interval(low, high)


def _doubt(said: Said) -> Doubt:
    return next((doubt for doubt in Doubt if doubt.words == said.get("doubt", "")), Doubt.NONE)


def _crowding(said: Said) -> Crowding | None:
    has_any = said["per_m2"] or said["densest_per_m2"] is not None or said["calibration_problem"]
    areas = said.get("areas_m2", {})
    densities = said["per_m2"], said["densest_per_m2"], said["calibration_problem"]
    return Crowding(*densities, areas=areas) if has_any else None


def _recording(said: Said) -> RecordingFacts:
    since_s = None if said["since"] is None else datetime.fromisoformat(said["since"]).timestamp()
    return RecordingFacts(
        said["keep"], said["recording"], said["bytes"], since_s, said["problem"], said["lost_packets"]
    )


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
