"""Backs a log up and writes it out as a table: the work of `deepcount-engine log`."""

from dataclasses import dataclass
from pathlib import Path

from engine.commands.progress import progress
from engine.errors import ConfigError
from engine.log.copying import copy_log
from engine.log.database import open_as_reader, open_for_reading
from engine.log.export import FORMATS, export, parts_of
from engine.log.place import database_url, is_sqlite, named
from engine.settings.address import Address


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is written, and where; moments are in seconds since 1970."""

    database: Address
    out: Path
    camera: str | None = None
    from_s: float = float("-inf")
    to_s: float = float("inf")


def back_up(database: Address, out: Path) -> int:
    """Copies a log in a file as it is at one moment, while others write to it; returns the exit status.

    Raises:
        EngineError: there is no log, it lies on a server, or the copy cannot be written.
    """
    url = database_url(database.full)
    if not is_sqlite(url):
        raise ConfigError(f"log {named(url)} lies on a server, which has its own way: pg_dump")
    log = Path(str(url.database))
    if out.exists() and log.exists() and out.samefile(log):
        raise ConfigError(f"{out} is the log itself, expected another file for its copy; give another --out")
    open_for_reading(database.full).dispose()  # says so where there is none
    with progress("copying") as advance:
        copy_log(log, out, advance)
    print(f"{named(url)} was copied to {out}; snapshots and clips of alerts lie beside it in {log.name}.alerts")
    return 0


def export_log(order: ExportOrder) -> int:
    """Writes the seconds of cameras, zones and groups to a file; returns the exit status.

    Raises:
        EngineError: the log cannot be read, or the file not be written.
    """
    if order.out.suffix.lower() not in FORMATS:
        raise ConfigError(f"{order.out} has no suffix that is known, expected one of {', '.join(FORMATS)}")
    if order.from_s >= order.to_s:
        raise ConfigError("--to lies before --from, expected a later moment; exchange them")
    engine = open_as_reader(order.database.full)
    try:
        parts = parts_of(engine, order.camera, order.from_s, order.to_s)
        done = 0
        with progress("writing") as advance:

            def count() -> None:
                nonlocal done
                done += 1
                advance(done / len(parts))

            rows = export(engine, parts, order.out, count)
    finally:
        engine.dispose()
    print(f"{order.out} holds {rows} rows")
    return 0
