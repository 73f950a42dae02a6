"""Writes reports, makes bundles and verifies them: the work of `deepcount-engine report` and `bundle`."""

from collections.abc import Sequence
from pathlib import Path

from engine.commands.progress import progress
from engine.errors import ConfigError
from engine.evidence.report import write_report
from engine.evidence.span import Span
from engine.evidence.watched import LONGEST_S, LogPlace, watched
from engine.log.database import open_existing
from engine.paths import default_config, default_database
from engine.settings.address import Address
from engine.settings.config_file import load_config

PDF = ".pdf"
OF_READING = 0.3
"""Share of the time that the log takes."""


def log_of(config: Path | None, database: Address | None) -> LogPlace:
    """Returns the log that was given, that a configuration names, or the user's own, with the configuration.

    Raises:
        ConfigError: the configuration cannot be read, or names none.
    """
    own = default_config()
    path = config or (own if database is None and own.is_file() else None)
    configured = None if path is None else load_config(path)
    if database is not None:
        return LogPlace(database.full, configured)
    if configured is not None and configured.database is not None:
        return LogPlace(configured.database.full, configured)
    if config is not None:
        raise ConfigError(f"{config.name} names no database, expected one; add it, or give --database")
    return LogPlace(str(default_database()), configured)


def print_report(place: LogPlace, names: Sequence[str], span: Span, out: Path) -> int:
    """Writes a report on cameras or groups; returns the exit status.

    Raises:
        EngineError: the log cannot be read, holds nothing of them, or the file cannot be written.
    """
    if out.suffix.lower() != PDF:
        raise ConfigError(f"{out} does not end in {PDF}, expected a PDF; give another --out")
    check_span(span)
    open_existing(place.target).dispose()  # so that one of an earlier version is brought up to date
    with progress("reading the log") as advance:
        accounts = []
        for name in names:
            accounts.append(watched(place, name, span))
            advance(OF_READING * len(accounts) / len(names))
        write_report(out, accounts, progress=lambda share: advance(OF_READING + (1 - OF_READING) * share))
    for account in accounts:
        if account.is_empty:
            print(f"note: nothing was counted of '{account.name}' in this span")
    print(f"{out} tells of {', '.join(names)}: {accounts[0].span.title}")
    return 0


def check_span(span: Span) -> None:
    """Raises ConfigError where a span cannot be told of."""
    if span.from_s >= span.to_s:
        raise ConfigError("--to lies before --from, expected a later moment; exchange them")
    if span.length_s > LONGEST_S:
        raise ConfigError(f"the span is longer than {LONGEST_S // 86_400} days, expected a shorter one; divide it")
