"""Whether the alerts of a bundle agree with their rules and with the samples; pure."""

import csv
import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.evidence.tables import alerts_csv
from engine.rules.rule import Measure

WRONG = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""What is raised by values that are none as they should be."""
SLACK_S = 1.5
"""By which moments of whole seconds may differ."""
SLACK = 0.006
"""By which counts may differ that were written with fewer digits."""

AROUND_S = 2
"""Rules see seconds that begin a little earlier or later than those that are stored."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a bundle says of its alerts."""

    alerts: str
    """`alerts.json`."""
    table: str | None
    """`alerts.csv`; None where it is not there."""
    samples: Iterable[str]
    """Lines of `samples.csv`; none where it is not there."""
    facts: Mapping[str, Any]
    """Of the manifest."""
    members: Collection[str]
    """Names of all that is in the bundle."""


def alert_faults(told: Told) -> list[str]:
    """Returns what of the alerts does not agree, in sentences."""
    try:
        alerts: list[dict[str, Any]] = json.loads(told.alerts)
        faults = [fault for alert in alerts for fault in (*_of_rule(alert), *_of_subject(alert, told.facts))]
        is_same = told.table == alerts_csv(alerts)
        missing = [
            f"the {key} of alert {alert['id']} is missing"
            for alert in alerts
            for key in ("snapshot", "clip")
            if alert[key] and alert[key] not in told.members
        ]
    except WRONG:
        return ["alerts.json holds no alerts as this version writes them"]
    faults += missing if is_same else ["alerts.csv and alerts.json do not say the same", *missing]
    try:
        return faults + list(_of_samples(alerts, told))
    except (*WRONG, csv.Error):
        return [*faults, "samples.csv holds no samples as this version writes them"]


def _of_rule(alert: Mapping[str, Any]) -> Iterator[str]:
    """Yields where an alert is none by its own rule."""
    rule, who = alert["rule"], f"alert {alert['id']}"
    began, raised, peak_at = (_at(alert[key]) for key in ("began_at", "raised_at", "peak_at"))
    peak, level = float(alert["peak"]), float(rule["level"])
    if not (peak > level if rule["is_above"] else peak < level):
        yield f"{who} has a peak of {peak:.3g}, which does not breach its rule ({rule['said']})"
    if raised - began < float(rule["for_s"]) - SLACK_S:
        yield f"{who} was raised {raised - began:.0f} s after it began, and its rule asks for {rule['for_s']:g} s"
    end = _at(alert["cleared_at"] or alert["closed_at"]) if alert["cleared_at"] or alert["closed_at"] else math.inf
    if not (began <= raised <= end + SLACK_S and began - SLACK_S <= peak_at <= end + SLACK_S):
        yield f"{who} has moments that are in no order: it began, was raised, had its peak and was cleared"


def _of_subject(alert: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    """Yields where an alert belongs to another bundle."""
    subject = facts["subject"]
    if alert["owner"] != subject["name"]:
        yield f"alert {alert['id']} is of '{alert['owner']}', and the bundle of '{subject['name']}'"
    elif _at(alert["raised_at"]) >= float(subject["to_s"]):
        yield f"alert {alert['id']} was raised after the span of the bundle"


def _of_samples(alerts: Sequence[Mapping[str, Any]], told: Told) -> Iterator[str]:
    """Yields where the peak of an alert is not what was counted about that second."""
    subject = told.facts["subject"]
    peaks = {
        (second, alert["zone"]): alert
        for alert in alerts
        if float(subject["from_s"]) <= (second := math.floor(_at(alert["peak_at"]))) < float(subject["to_s"])
    }
    wanted = {(second + step, zone) for second, zone in peaks for step in range(-AROUND_S, AROUND_S + 1)}
    samples = _samples(told.samples, wanted) if wanted else {}
    for (second, zone), alert in peaks.items():
        near = [samples.get((second + step, zone)) for step in range(-AROUND_S, AROUND_S + 1)]
        known, people, who = [each for each in near if each is not None], _people(alert), f"alert {alert['id']}"
        if people is None or not known:
            continue
        least, most = min(each[0] for each in known), max(each[1] for each in known)
        slack = SLACK * max(1.0, abs(people))
        if not least - slack <= people <= most + slack:
            yield f"{who} has a peak of {people:.3g} people; samples.csv holds {least:.3g} to {most:.3g} at that time"


def _people(alert: Mapping[str, Any]) -> float | None:
    """Returns how many people an alert says there were at its peak; None where it is of something else."""
    rule = alert["rule"]
    if rule["measure"] == Measure.COUNT:
        return float(alert["peak"])
    if rule["measure"] == Measure.SHARE and rule.get("capacity"):
        return float(alert["peak"]) * float(rule["capacity"])
    return None


def _samples(
    lines: Iterable[str], wanted: Collection[tuple[int, str | None]]
) -> dict[tuple[int, str | None], tuple[float, float]]:
    """Returns least and most of the seconds and zones that are wanted."""
    found = {}
    for row in csv.DictReader(lines):
        place = math.floor(_at(row["time"])), row["zone"] or None
        if place in wanted:
            found[place] = float(row["least"]), float(row["most"])
    return found


def _at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
