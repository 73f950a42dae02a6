"""What a broker holds: the topics of cameras, groups and rules, and how Home Assistant finds them; pure.

PREFIX/status                online, or offline where the connection broke (last will)
PREFIX/event                 every message, not retained
PREFIX/cameras/NAME          {"state", "people"}, retained; groups too
PREFIX/rules/OWNER/NAME      {"state": "ON" or "OFF", "severity", "since", "peak", "acknowledged_by",
                             "suspended_until"}, retained
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from engine import __version__
from engine.notify.sink import OwnerStanding, RuleStanding, Standing

ONLINE, OFFLINE = "online", "offline"
HOME_ASSISTANT = "homeassistant"
LONGEST_PART, DIGEST_DIGITS = 40, 8
SHOWN_DIGITS = 1


def status_topic(prefix: str) -> str:
    """Returns where it is told whether there is a connection."""
    return f"{prefix}/status"


def event_topic(prefix: str) -> str:
    """Returns where messages are published."""
    return f"{prefix}/event"


def states_of(standing: Standing, prefix: str) -> dict[str, str]:
    """Returns what is retained of all cameras, groups and rules, by topic."""
    states = {_owner_topic(owner, prefix): _owner_state(owner) for owner in standing.owners}
    return states | {_rule_topic(rule, prefix): _rule_state(rule) for rule in standing.rules}


def discovery_of(standing: Standing, prefix: str) -> dict[str, str]:
    """Returns what Home Assistant is to read, by topic; retained (its documentation, "MQTT discovery")."""
    node = part(prefix)
    found: dict[str, str] = {}
    for owner in standing.owners:
        key, topic = part(owner.name), _owner_topic(owner, prefix)
        common = _common(f"{node}_{key}_people", f"{owner.name} people", prefix)
        values = {"value_template": "{{ value_json.people }}", "unit_of_measurement": "people"}
        found[f"{HOME_ASSISTANT}/sensor/{node}/{key}/config"] = _json(
            {**common, **values, "state_topic": topic, "state_class": "measurement"}
        )
    for rule in standing.rules:
        key = f"{part(rule.owner)}__{part(rule.rule)}"
        common = _common(f"{node}_{key}", f"{rule.owner}: {rule.rule}", prefix)
        values = {"value_template": "{{ value_json.state }}", "device_class": "problem"}
        topic = _rule_topic(rule, prefix)
        found[f"{HOME_ASSISTANT}/binary_sensor/{node}/{key}/config"] = _json(
            {**common, **values, "state_topic": topic, "json_attributes_topic": topic}
        )
    return found


def part(name: str) -> str:
    """Returns a part of a topic for a name: the same, where it may be one, else like it and never another's."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:LONGEST_PART]
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_DIGITS]
    return name if plain == name else f"{plain}_{digest}"


def _owner_topic(owner: OwnerStanding, prefix: str) -> str:
    return f"{prefix}/cameras/{part(owner.name)}"


def _rule_topic(rule: RuleStanding, prefix: str) -> str:
    return f"{prefix}/rules/{part(rule.owner)}/{part(rule.rule)}"


def _owner_state(owner: OwnerStanding) -> str:
    people = None if owner.people is None else round(owner.people, SHOWN_DIGITS)
    return _json({"name": owner.name, "state": owner.state, "people": people})


def _rule_state(rule: RuleStanding) -> str:
    state = "OFF" if rule.severity is None else "ON"
    peak = None if rule.peak is None else round(rule.peak, SHOWN_DIGITS)
    values = {"state": state, "said": rule.said, "severity": rule.severity, "since": rule.since, "peak": peak}
    return _json(values | {"acknowledged_by": rule.acknowledged_by, "suspended_until": rule.suspended_until})


def _common(uid: str, name: str, prefix: str) -> dict[str, Any]:
    device = {"identifiers": [part(prefix)], "name": "DeepCount", "sw_version": __version__}
    return {"unique_id": uid, "name": name, "availability_topic": status_topic(prefix), "device": device}


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, allow_nan=False)
