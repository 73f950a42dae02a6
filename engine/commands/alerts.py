"""Lists the alerts of a log, and acknowledges them: the work of `deepcount-engine alerts`."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import time

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from engine.alerts.closing import StandingError, close
from engine.alerts.listing import Alert, State, acknowledge, alerts_of
from engine.alerts.suspension import Suspension, holding
from engine.commands.watch_table import when
from engine.errors import ConfigError, MissingLogError
from engine.log.database import open_as_reader, open_existing
from engine.log.place import reported
from engine.paths import default_database
from engine.rules.rule import Severity
from engine.settings.address import Address
from engine.settings.config_file import load_config

COLUMNS = ("id", "raised", "state", "severity", "subject", "rule", "peak", "acknowledged")
COLOURS = {Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.CRITICAL: "bold red"}
UNKNOWN = "–"
FOLDED = ("subject", "rule", "acknowledged")
"""Columns that take several lines where the terminal is narrow; the others are always whole."""
WIDE = 1000  # characters of a line that goes into a file or another program


def place_of(database: Address | None, config: Path | None) -> str:
    """Returns where the log lies that was given, or that a configuration names; else the user's own.

    Raises:
        ConfigError: the configuration cannot be read, or names none.
    """
    if database is not None:
        return database.full
    if config is None:
        return str(default_database())
    configured = load_config(config).database
    if configured is None:
        raise ConfigError(f"{config.name} names no database, expected one; add it, or give --database")
    return configured.full


def print_alerts(place: str, *, as_json: bool) -> int:
    """Prints all alerts, open and past, the newest first; returns the exit status.

    As JSON there is always a list: a log that is not there yet holds none, which is said beside it.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    try:
        alerts, suspended = _read(place)
    except MissingLogError as error:
        if not as_json:
            raise
        print("[]")
        print(f"deepcount-engine: {error}", file=sys.stderr)
        return 0
    if as_json:
        print(json.dumps([alert.as_dict for alert in alerts], ensure_ascii=False, allow_nan=False))
        return 0
    if alerts:
        console = Console()
        if not console.is_terminal:
            console.width = WIDE
        console.print(_table(alerts))
    else:
        print("no alerts")
    for each in suspended:
        print(suspended_line(each))
    return 0


def suspended_line(suspension: Suspension) -> str:
    """Returns in words that a rule raises nothing for a while."""
    note = f": {suspension.note}" if suspension.note else ""
    until = when(suspension.until)
    return f"{suspension.owner}: rule '{suspension.rule}' is suspended until {until} by {suspension.who}{note}"


def _read(place: str) -> tuple[list[Alert], list[Suspension]]:
    engine = open_as_reader(place)
    try:
        with reported(engine.url):
            return alerts_of(engine), holding(engine, time())
    finally:
        engine.dispose()


def acknowledge_alert(place: str, alert: int, *, who: str, note: str) -> int:
    """Acknowledges an alert; returns the exit status.

    Raises:
        DatabaseError: there is no such alert, it was acknowledged before, or the log cannot be written.
    """
    engine = open_existing(place)
    try:
        done = acknowledge(engine, alert, who=who, note=note)
    finally:
        engine.dispose()
    print(f"alert {done.id} ({done.subject}: {done.rule_name}) was acknowledged by {done.acknowledged_by}")
    return 0


def close_alert(place: str, alert: int, *, who: str, note: str, anyway: bool) -> int:
    """Closes an alert that nothing will clear any more, or `anyway`; returns the exit status.

    Raises:
        DatabaseError: it still stands, there is no such alert, it was closed before, or the log cannot be written.
    """
    engine = open_existing(place)
    try:
        done = close(engine, alert, who=who, note=note, anyway=anyway)
    except StandingError as error:
        raise StandingError(f"{error} (--anyway)") from None
    finally:
        engine.dispose()
    print(f"alert {done.id} ({done.subject}: {done.rule_name}) was closed by {who}")
    return 0


def _table(alerts: Sequence[Alert]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in COLUMNS:
        is_folded = name in FOLDED
        justify: JustifyMethod = "right" if name in ("id", "peak") else "left"
        table.add_column(name, justify=justify, no_wrap=not is_folded, overflow="fold" if is_folded else "ellipsis")
    for alert in alerts:
        table.add_row(
            str(alert.id),
            _local(alert.raised_at),
            Text(alert.state.value, style="bold" if alert.state is State.OPEN else "dim"),
            Text(alert.severity, style=COLOURS[Severity(alert.severity)]),
            Text(alert.subject),
            Text(f"{alert.rule_name} ({alert.said})"),
            f"{alert.peak:.3g}",
            Text(_acknowledged(alert)),
        )
    return table


def _acknowledged(alert: Alert) -> str:
    if alert.acknowledged_at is None:
        return UNKNOWN
    return f"{alert.acknowledged_by}, {_local(alert.acknowledged_at)}" + (f": {alert.note}" if alert.note else "")


def _local(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
