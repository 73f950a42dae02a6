"""Prints what was found of this machine: the work of `deepcount-engine doctor`."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.commands.doctor import Finding, examine

WINDOW_ONLY = ("system libraries", "display")


def print_report(model: Path | None = None, config: Path | None = None) -> int:
    """Prints the report; returns 0 if all that counting without a window needs is well, else 2.

    Args:
        model: see `load_model`; None takes that of the configuration.
        config: whose model, log and cameras are looked at as well.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    table = Table(show_header=False, box=None, padding=(0, 1))
    faults = []
    for finding in examine(model) if config is None else _configured(config, model):
        sign = "[green]ok[/]" if finding.well else "[red]!![/]"
        table.add_row(sign, f"[bold]{finding.subject}[/]", escape(finding.found))
        if not finding.well:
            faults.append(finding)
    Console().print(table)
    for finding in faults:
        print(f"\n{finding.subject}: {finding.remedy}")
    return 2 if any(finding.subject not in WINDOW_ONLY for finding in faults) else 0


def _configured(path: Path, model: Path | None) -> Iterator[Finding]:
    from engine.commands.doctor_cameras import examine_cameras
    from engine.settings.config_file import load_config

    config = load_config(path)
    own, log = config.model.path if config.model else None, config.database.full if config.database else None
    yield from examine(model or own, log)
    yield from examine_cameras(config.cameras)
