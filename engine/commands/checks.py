"""Lists spot checks and writes them as training pictures: the work of `deepcount-engine checks`."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.checks.kept import UnknownCheckError, cameras_of, checks_of, picture_folder, take_back
from engine.checks.proposing import proposal_of
from engine.checks.spot_check import SpotCheck, errors_of
from engine.checks.training import export
from engine.commands.watch_table import when
from engine.errors import EngineError
from engine.evidence.span import clock
from engine.log.database import open_as_reader, open_existing

UNKNOWN = "–"
COLUMNS = ("id", "of", "frame", "people", "counted", "off by", "by", "note")


def print_checks(place: str, camera: str | None, *, as_json: bool) -> int:
    """Prints the spot checks of a log, and how far off the count is for each camera; returns the exit status.

    Raises:
        DatabaseError: there is no log, or it cannot be read.
    """
    checks = _read(place, camera)
    if as_json:
        print(json.dumps([check.as_dict for check in checks], ensure_ascii=False))
        return 0
    if not checks:
        print("no frame was checked; pause a recording in the window and mark heads (M)")
        return 0
    table = Table(box=None, header_style="dim")
    for column in COLUMNS:
        table.add_column(column, justify="right" if column in ("people", "counted", "off by") else "left")
    for check in checks:
        table.add_row(*map(Text, _cells(check)))
    Console(highlight=False).print(table)
    for name, of_camera in cameras_of(checks).items():
        errors = errors_of(of_camera)
        print(f"{name}: {errors.sentence if errors else 'nothing was counted on its checked frames'}")
        if found := proposal_of(of_camera):
            print(f"  {found.proposal.sentence}; 'checks correct' takes it over")
    return 0


def export_checks(place: str, camera: str | None, out: Path) -> int:
    """Writes checks as pictures with head points; returns the exit status.

    Raises:
        EngineError: the log cannot be read, has no such check, or the folder cannot be written.
    """
    checks = _read(place, camera)
    if not checks:
        raise EngineError(f"no frame{f' of {camera!r}' if camera else ''} was checked, expected some to write")
    engine = open_as_reader(place)
    try:
        written = export(checks, picture_folder(engine.url), out)
    finally:
        engine.dispose()
    left = f"; {written.without} checks have no picture and were left out" if written.without else ""
    print(f"{written.pictures} pictures with {written.people} people written to {out}{left}")
    if written.pictures:
        print(f"next: deepcount-trainer prepare {out}")
    return 0


def take_back_check(place: str, beginning: str, who: str) -> int:
    """Takes a check back; returns the exit status.

    Raises:
        EngineError: none or several have that beginning, or the log cannot be written.
    """
    engine = open_existing(place)
    try:
        found = [check for check in checks_of(engine) if check.uid.startswith(beginning)]
        if len(found) != 1:
            have = f"{len(found)} spot checks have" if found else "no spot check has"
            raise UnknownCheckError(f"{have} an id that begins with '{beginning}', expected one; see 'checks'")
        take_back(engine, found[0].uid, who)
    finally:
        engine.dispose()
    print(f"spot check {found[0].uid[:8]} of '{found[0].camera}' counts no more, as {who} asked")
    return 0


def _read(place: str, camera: str | None) -> list[SpotCheck]:
    engine = open_as_reader(place)
    try:
        return checks_of(engine, camera)
    finally:
        engine.dispose()


def _cells(check: SpotCheck) -> tuple[str, ...]:
    error = check.error
    return (
        check.uid[:8],
        check.camera,
        clock(check.time_s) if check.source_sha256 else when(round(check.time_s)),
        str(check.people),
        UNKNOWN if check.counted is None else f"{check.counted:.1f}",
        UNKNOWN if error is None else f"{error:+.1f}",
        check.who,
        check.note,
    )
