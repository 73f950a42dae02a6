"""Runs a rule over what is stored and says when it would have fired: the work of `deepcount-engine rules try`."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Any

from engine.alerts.orders import placed_of
from engine.alerts.past import past_seconds
from engine.errors import ConfigError
from engine.log.database import open_as_reader
from engine.rules.rulebook import Placed
from engine.rules.trial import Trial, tried
from engine.settings.config import Config
from engine.settings.config_file import load_config

TIMES = ("began", "raised", "peak_second", "worsened", "cleared")


@dataclass(frozen=True, slots=True)
class TrialOrder:
    """Which rule is tried, and over what."""

    config: Path
    rule: str
    since_s: float
    database: str | None = None
    as_json: bool = False


def try_rule(order: TrialOrder) -> int:
    """Prints when a rule would have raised alerts; returns the exit status.

    Raises:
        EngineError: the configuration holds no such rule, or the log cannot be read.
    """
    config = load_config(order.config)
    placed = _placed(config, order)
    place = order.database or (config.database.full if config.database else None)
    if place is None:
        raise ConfigError(f"{order.config.name} names no database, expected one; add it, or give --database")
    until = int(time())
    engine = open_as_reader(place)
    try:
        seconds = past_seconds(engine, placed, until - int(order.since_s), until, hold_s=hold_s(config, placed))
        known = list(seconds)
    finally:
        engine.dispose()
    trials = tried(placed, known)
    if order.as_json:
        print(json.dumps([_as_dict(trial) for trial in trials]))
    else:
        print(f"{placed.subject}: rule '{placed.rule.name}' ({placed.rule.said}) over {len(known)} known seconds:")
        _print(trials)
    return 0


def _print(trials: Sequence[Trial]) -> None:
    print(f"it would have raised {len(trials)} alerts" if len(trials) != 1 else "it would have raised 1 alert")
    for trial in trials:
        end = "still open" if trial.cleared is None else f"cleared {_local(trial.cleared)}"
        worse = "" if trial.worsened is None else f", {trial.severity} from {_local(trial.worsened)}"
        print(f"  raised {_local(trial.raised)}{worse}, {end}, peak {trial.peak:.3g} at {_local(trial.peak_second)}")


def _placed(config: Config, order: TrialOrder) -> Placed:
    """Returns the rule that is named by itself, or by owner/rule."""
    every = placed_of(config)
    found = [each for each in every if order.rule in (each.rule.name, f"{each.subject.owner}/{each.rule.name}")]
    if len(found) == 1:
        return found[0]
    there = ", ".join(f"{each.subject.owner}/{each.rule.name}" for each in every) or "none"
    lacks = "holds no rule" if not found else "holds several rules called"
    raise ConfigError(f"{order.config.name} {lacks} '{order.rule}', expected one of: {there}")


def hold_s(config: Config, placed: Placed) -> float:
    """Returns the time between two counts of what a rule is on, where it is a second or more."""
    camera = next((camera for camera in config.cameras if camera.name == placed.subject.owner), None)
    if camera is None:
        return 0.0
    interval_s = 1 / camera.max_fps if camera.max_fps else 0.0
    if placed.subject.zone is not None:
        interval_s = max(interval_s, 1.0 if camera.density_interval_s is None else camera.density_interval_s)
    return interval_s if interval_s >= 1 else 0.0


def _as_dict(trial: Trial) -> dict[str, Any]:
    values = asdict(trial)
    return {
        key: datetime.fromtimestamp(value, UTC).isoformat() if key in TIMES and value is not None else value
        for key, value in values.items()
    }


def _local(second: int) -> str:
    return datetime.fromtimestamp(second).strftime("%Y-%m-%d %H:%M:%S")
