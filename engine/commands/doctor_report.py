"""Prints what was found of this machine: the work of `deepcount-engine doctor`."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from engine.commands.doctor import examine

WINDOW_ONLY = ("system libraries", "display")


def print_report(model: Path | None = None) -> int:
    """Prints the report; returns 0 if all that counting without a window needs is well, else 2."""
    table = Table(show_header=False, box=None, padding=(0, 1))
    faults = []
    for finding in examine(model):
        sign = "[green]ok[/]" if finding.well else "[red]!![/]"
        table.add_row(sign, f"[bold]{finding.subject}[/]", escape(finding.found))
        if not finding.well:
            faults.append(finding)
    Console().print(table)
    for finding in faults:
        print(f"\n{finding.subject}: {finding.remedy}")
    return 2 if any(finding.subject not in WINDOW_ONLY for finding in faults) else 0
