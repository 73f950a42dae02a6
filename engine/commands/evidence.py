"""Writes reports, makes bundles and verifies them: the work of `deepcount-engine report` and `bundle`."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import time

from engine.commands.progress import StepBar, progress
from engine.errors import ConfigError
from engine.evidence.bundle import logged_faults, make
from engine.evidence.order import Order, RecordingSubject
from engine.evidence.report import write_report
from engine.evidence.span import Span
from engine.evidence.verify import verify
from engine.evidence.watched import LONGEST_S, LogPlace, watched
from engine.paths import default_config, default_database
from engine.picture.masks import Mask
from engine.picture.view import PLAIN, View
from engine.redacted_log import logged
from engine.redaction import readable
from engine.settings.address import Address
from engine.settings.config_file import load_config

PDF, ZIP = ".pdf", ".zip"
BROKEN = 1
LONGEST_FINDING = 500  # characters; names in a file that is no friend's may be of any length
OF_READING = 0.3
"""Share of the time that the log takes."""


@dataclass(frozen=True, slots=True)
class MakeOrder:
    """What bundle is made, as a command line says it."""

    subject: Path | str
    """A recording, or the name of a camera."""
    out: Path
    from_s: float | None = None
    to_s: float | None = None
    config: Path | None = None
    database: Address | None = None
    pictures: bool = True
    seen_as: str | None = None
    """The camera of the configuration as which a recording is seen."""
    model: Path | None = None
    provider: str = "auto"

    def order(self) -> Order:
        """Returns it as it is made; raises ConfigError."""
        if isinstance(self.subject, str):
            place = replace(log_of(self.config, self.database), model=self.model)
            to_s = time() if self.to_s is None else self.to_s
            return Order(self.subject, self.out, self.from_s, to_s, place, self.pictures)
        place = log_of(self.config, self.database)
        has_log = self.database is not None or self.config is not None or is_there(place.target)
        recording = RecordingSubject(self.subject, self.model, self.provider, self._view(place))
        return Order(recording, self.out, self.from_s, self.to_s, place if has_log else None, self.pictures)

    def _view(self, place: LogPlace) -> View:
        if self.seen_as is None:
            return PLAIN
        cameras = place.config.cameras if place.config else ()
        found = next((camera for camera in cameras if camera.name == self.seen_as), None)
        if found is None:
            there = ", ".join(camera.name for camera in cameras) or "none"
            raise ConfigError(f"the configuration holds no camera '{self.seen_as}', expected one of: {there}")
        return View(found.tiles, Mask(found.include), Mask(found.privacy), found.shape)


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


def is_there(target: str) -> bool:
    """Whether there is a log at a place that nobody named."""
    return "://" in target or Path(target).is_file()


def print_report(place: LogPlace, names: Sequence[str], span: Span, out: Path) -> int:
    """Writes a report on cameras or groups; returns the exit status.

    Raises:
        EngineError: the log cannot be read, holds nothing of them, or the file cannot be written.
    """
    if out.suffix.lower() != PDF:
        raise ConfigError(f"{out} does not end in {PDF}, expected a PDF; give another --out")
    check_span(span)
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


def make_bundle(order: MakeOrder) -> int:
    """Makes a bundle and says by what it is known again; returns the exit status.

    Raises:
        EngineError: it cannot be made.
    """
    if order.out.suffix.lower() != ZIP:
        raise ConfigError(f"{order.out} does not end in {ZIP}, expected a bundle; give another --out")
    wanted = order.order()
    if wanted.from_s is not None and wanted.to_s is not None:
        check_span(Span(wanted.from_s, wanted.to_s))
    with logged(), StepBar() as bar:
        made = make(wanted, bar.show)
    for remark in made.remarks:
        print(f"note: {remark}")
    print(f"{made.path} holds {made.members} members and their manifest, {made.bytes:,} bytes")
    print(f"SHA-256 of the manifest: {made.sha256}")
    print(f"keep that elsewhere; it proves the bundle: deepcount-engine bundle verify {made.path.name} --sha256 …")
    return 0


def verify_bundle(path: Path, sha256: str | None, database: Address | None) -> int:
    """Says what is wrong with a bundle, a line each; returns the exit status: 1 where anything is.

    Raises:
        EngineError: there is no such file, or the log cannot be read.
    """
    with progress("verifying") as advance:
        found = verify(path, sha256=sha256, progress=advance)
    findings = list(found.findings)
    if database is not None and found.sha256:
        findings += logged_faults(database.full, found)
    for finding in findings:
        print(f"{path.name}: {readable(finding)[:LONGEST_FINDING]}", file=sys.stderr)
    if findings:
        return BROKEN
    print(f"{path.name}: whole, {found.members} members are as its manifest says")
    print(f"SHA-256 of the manifest: {found.sha256}")
    if sha256 is None and database is None:
        print(
            "this proves that nothing was changed after the manifest; whoever can make bundles could make all of it "
            "anew, so compare the hash with the one that was told then (--sha256), or with the audit log (--database)"
        )
    return 0


def check_span(span: Span) -> None:
    """Raises ConfigError where a span cannot be told of."""
    if span.from_s == span.to_s:
        raise ConfigError("--from and --to are equal, expected some time between them; give a later --to")
    if span.from_s > span.to_s:
        raise ConfigError("--to lies before --from, expected a later moment; exchange them")
    if span.length_s > LONGEST_S:
        raise ConfigError(f"the span is longer than {LONGEST_S // 86_400} days, expected a shorter one; divide it")
