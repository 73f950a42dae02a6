"""What is said of alerts; pure: alerts and moments in, words out. Times are those of the clock on the wall here."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from PyQt6.QtCore import QCoreApplication

from engine.alerts.guard import Firing
from engine.alerts.listing import Alert, State
from engine.rules.rule import STATES

translate = QCoreApplication.translate
UNKNOWN = "–"
SEVERITIES = {"info": ("●", "accent"), "warning": ("▲", "warning"), "critical": ("◆", "problem")}
"""A symbol and a colour, beside the word."""
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
WHOLE_MODEL = 12  # letters of a model's hash that tell it apart


class Standing(StrEnum):
    """Where an alert stands, for people."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    """Somebody takes care of it, and it still holds."""
    CLEARED = "cleared"
    """It is over, and nobody has acknowledged it."""
    CLOSED = "closed"


STANDINGS = {
    Standing.OPEN: ("!", "problem"),
    Standing.ACKNOWLEDGED: ("✓", "warning"),
    Standing.CLEARED: ("○", "text"),
    Standing.CLOSED: ("✓", "quiet"),
}


def standing_of(alert: Alert) -> Standing:
    """Returns where an alert stands."""
    if alert.state is State.CLOSED:
        return Standing.CLOSED
    if alert.state is State.CLEARED:
        return Standing.CLEARED
    return Standing.OPEN if alert.acknowledged_at is None else Standing.ACKNOWLEDGED


def severity_words(severity: str) -> str:
    """Returns 'warning' with its symbol."""
    symbol, _ = SEVERITIES.get(severity, ("●", ""))
    return f"{symbol} {severity_word(severity)}"


def severity_word(severity: str) -> str:
    """Returns the word alone."""
    words = {
        "info": translate("Alerts", "info"),
        "warning": translate("Alerts", "warning"),
        "critical": translate("Alerts", "critical"),
    }
    return words.get(severity, severity)


def standing_words(standing: Standing) -> str:
    """Returns 'open' with its symbol."""
    return f"{STANDINGS[standing][0]} {standing_word(standing)}"


def standing_word(standing: Standing) -> str:
    """Returns the word alone."""
    return {
        Standing.OPEN: translate("Alerts", "open"),
        Standing.ACKNOWLEDGED: translate("Alerts", "acknowledged"),
        Standing.CLEARED: translate("Alerts", "cleared"),
        Standing.CLOSED: translate("Alerts", "closed"),
    }[standing]


def seconds_of(moment: datetime) -> float:
    """Returns a moment of the log in seconds since 1970."""
    return moment.replace(tzinfo=UTC).timestamp()


def local_words(moment: datetime | float | None) -> str:
    """Returns date and time here."""
    if moment is None:
        return UNKNOWN
    at_s = seconds_of(moment) if isinstance(moment, datetime) else moment
    return f"{datetime.fromtimestamp(at_s):%Y-%m-%d %H:%M:%S}"


def recent_words(moment: datetime, now_s: float) -> str:
    """Returns the time here, with its date where that is not today's."""
    at_s = seconds_of(moment)
    is_today = datetime.fromtimestamp(at_s).date() == datetime.fromtimestamp(now_s).date()
    return clock_words(at_s) if is_today else f"{datetime.fromtimestamp(at_s):%d %b %H:%M}"


def clock_words(at_s: float) -> str:
    """Returns the time of the day here."""
    return f"{datetime.fromtimestamp(at_s):%H:%M:%S}"


def duration_s(alert: Alert, now_s: float) -> float:
    """Returns how long it has held, or did."""
    end = alert.cleared_at or alert.closed_at
    return max(0.0, (now_s if end is None else seconds_of(end)) - seconds_of(alert.raised_at))


def duration_words(seconds: float) -> str:
    """Returns '40 s', '2 min 05 s', '1 h 02 min', '3 d 04 h'."""
    whole = int(seconds)
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min {whole % MINUTE_S:02} s"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S:02} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S:02} h"


def peak_words(peak: float, measure: str) -> str:
    """Returns the value furthest beyond the level."""
    match measure:
        case "share":
            return f"{peak:.0%}"
        case "lost" | "doubt":
            return UNKNOWN
        case "change":
            return f"{peak:+.3g} /min"
        case "density":
            return f"{peak:.2g} /m²"
    return f"{peak:.3g}"


def rule_of(alert: Alert) -> dict[str, Any]:
    """Returns the rule as it stood."""
    values = json.loads(alert.rule)
    return values if isinstance(values, dict) else {}


def firing_words(firing: Firing) -> str:
    """Returns what a banner says: where, what, which rule, since when."""
    placed = firing.placed
    words = translate("Alerts", "{where}: {said} (rule “{rule}”), {severity}, since {since}")
    return words.format(
        where=placed.subject,
        said=placed.rule.said,
        rule=placed.rule.name,
        severity=severity_word(firing.severity.value),
        since=clock_words(firing.raised),
    )


def heading(alert: Alert) -> str:
    """Returns what it is called: 'gate: above 25 people for 3 s'."""
    return f"{alert.subject}: {alert.said}"


def detail_lines(alert: Alert, now_s: float) -> dict[str, str]:
    """Returns all that is known of an alert, by names; what is not is left out."""
    rule = rule_of(alert)
    measure = str(rule.get("measure", "count"))
    worse = f" {translate('Alerts', 'from')} {local_words(alert.worsened_at)}" if alert.worsened_at else ""
    peak_at = "" if measure in STATES else f" {translate('Alerts', 'at')} {local_words(alert.peak_at)}"
    by = ", ".join(filter(None, [alert.acknowledged_by, local_words(alert.acknowledged_at)]))
    lines = {
        translate("Alerts", "State"): standing_words(standing_of(alert)),
        translate("Alerts", "Severity"): severity_words(alert.severity) + worse,
        translate("Alerts", "Where"): alert.subject,
        translate("Alerts", "Raised"): local_words(alert.raised_at),
        translate("Alerts", "Seen from"): local_words(alert.began_at),
        translate("Alerts", "Cleared"): local_words(alert.cleared_at) if alert.cleared_at else "",
        translate("Alerts", "Duration"): duration_words(duration_s(alert, now_s)),
        translate("Alerts", "Peak"): peak_words(alert.peak, measure) + peak_at,
        translate("Alerts", "Rule"): f"{alert.rule_name}: {rule_words(rule)}",
        translate("Alerts", "Acknowledged"): by if alert.acknowledged_at else translate("Alerts", "by nobody yet"),
        translate("Alerts", "Note"): alert.note or "",
        translate("Alerts", "Model"): f"{alert.model_name} ({alert.model_sha256[:WHOLE_MODEL]}…)",
    }
    return {name: words for name, words in lines.items() if words}


def rule_words(rule: Mapping[str, Any]) -> str:
    """Returns a rule as it stood, in a sentence."""
    said = [str(rule.get("said", ""))]
    if rule.get("measure") not in STATES:
        words = translate("Alerts", "clears at {level} after {time}")
        said.append(words.format(level=f"{rule['clear']:g}", time=duration_words(rule["clear_for_s"])))
    if rule.get("cooldown_s"):
        said.append(translate("Alerts", "cooldown {time}").format(time=duration_words(rule["cooldown_s"])))
    if rule.get("worse"):
        words = translate("Alerts", "{severity} after {time}")
        said.append(
            words.format(severity=severity_word(str(rule["worse"])), time=duration_words(rule["worse_after_s"]))
        )
    if rule.get("capacity"):
        said.append(translate("Alerts", "capacity {people}").format(people=rule["capacity"]))
    if rule.get("schedule"):
        said.append(translate("Alerts", "on a schedule"))
    return "; ".join(filter(None, said))
