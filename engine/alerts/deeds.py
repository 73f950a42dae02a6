"""What the audit log is told of a watch: its start and end, and what was changed of cameras, groups and rules."""

from collections.abc import Mapping
from typing import Any

from engine import __version__
from engine.log.audit import Deed
from engine.settings.config import Config

_Tables = dict[tuple[str, ...], dict[str, Any]]
"""Settings by the names of what they are of."""


def started(config: Config, who: str) -> list[Deed]:
    """Returns what is noted where a watch begins: what is configured, without secrets."""
    rules = {": ".join(key): values for key, values in _rules(config).items()}
    cameras = [camera.name for camera in config.cameras]
    return [Deed(who, "start", "watch", {"version": __version__, "cameras": cameras, "rules": rules})]


def ended(who: str) -> list[Deed]:
    """Returns what is noted where a watch ends."""
    return [Deed(who, "stop", "watch", {})]


def changed(before: Config, after: Config, who: str) -> list[Deed]:
    """Returns what another configuration changed, each thing with what it was and what it is, without secrets."""
    deeds = []
    for kind, old, new in (
        ("camera", _owners(before), _owners(after)),
        ("rule", _rules(before), _rules(after)),
    ):
        for key in dict.fromkeys([*old, *new]):
            was, now = old.get(key), new.get(key)
            subject = ": ".join(key)
            if was is None or now is None:
                action, values = (f"add {kind}", now) if was is None else (f"remove {kind}", was)
                deeds.append(Deed(who, action, subject, values or {}))
            elif was != now:
                deeds.append(Deed(who, f"change {kind}", subject, _difference(was, now)))
    return deeds


def _owners(config: Config) -> _Tables:
    return {(owner.name,): owner.model_dump(mode="json", exclude={"rules"}, warnings=False) for owner in config.owners}


def _rules(config: Config) -> _Tables:
    return {(owner.name, rule.name): rule.model_dump(mode="json") for owner in config.owners for rule in owner.rules}


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {key: [before.get(key), value] for key, value in after.items() if before.get(key) != value}
