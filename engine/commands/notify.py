"""Tries sinks, and lists what they have not been told: the work of `deepcount-engine notify`."""

import json
from datetime import UTC
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.errors import ConfigError
from engine.notify.outbox import Notification, read_outbox
from engine.notify.sinks import tried_sink
from engine.settings.config_file import load_config

COLUMNS = ("id", "since", "sink", "state", "attempts", "what", "problem")
NOT_TOLD = 1


def try_sinks(path: Path, name: str | None) -> int:
    """Sends a test to the enabled sinks of a configuration, or to one, and says of each what happened.

    Returns:
        The exit status: 0 where all were told.

    Raises:
        ConfigError: the configuration cannot be read, or has no such sink.
    """
    config = load_config(path)
    sinks = [sink for sink in config.sinks if (sink.enabled if name is None else sink.name == name)]
    if not sinks:
        there = ", ".join(sink.name for sink in config.sinks) or "none"
        what = "has no sink that is enabled" if name is None else f"has no sink '{name}'"
        raise ConfigError(f"{path.name} {what}; there are: {there}")
    status = 0
    for sink in sinks:
        outcome = tried_sink(sink)
        print(outcome.sentence, flush=True)
        status = status if outcome.is_good else NOT_TOLD
    return status


def print_outbox(place: str, *, as_json: bool) -> int:
    """Prints what waits and what was given up, the oldest first; returns the exit status.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    found = read_outbox(place)
    if as_json:
        print(json.dumps([each.as_dict for each in found], ensure_ascii=False))
    elif not found:
        print("nothing waits, and nothing was given up")
    else:
        Console().print(_table(found))
    return 0


def _table(found: list[Notification]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        table.add_column(name, justify="right" if name in ("id", "attempts") else "left")
    for each in found:
        since = each.created_at.replace(tzinfo=UTC).astimezone()
        table.add_row(
            str(each.id),
            f"{since:%Y-%m-%d %H:%M:%S}",
            Text(each.sink),
            Text(each.state, "bold" if each.state == "failed" else ""),
            str(each.attempts),
            Text(str(each.as_dict["sentence"])),
            Text(each.problem or "–"),
        )
    return table
