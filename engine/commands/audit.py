"""Proves the audit log of a database, and writes it out: the work of `deepcount-engine audit`."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.files import written_whole
from engine.log.audit import EMPTY, Row, Tip, faults, proved
from engine.log.database import open_as_reader
from engine.log.place import named
from engine.settings.address import Address

BROKEN = 1


def verify(database: Address, against: Path | None = None) -> int:
    """Says whether the chain of a log is whole; returns the exit status.

    Args:
        database: the log.
        against: an export that was made before, whose last row has to be in the chain too.

    Raises:
        EngineError: the log or the export cannot be read.
    """
    engine = open_as_reader(database.full)
    try:
        rows, found = proved(engine)
        if against is not None:
            found += [f"{against.name}: {fault}" for fault in faults(rows, _exported_tip(against))]
        name = named(engine.url)
    finally:
        engine.dispose()
    for fault in dict.fromkeys(found):
        print(f"audit log of {name}: {fault}", file=sys.stderr)
    if found:
        return BROKEN
    tip = _tip(rows)
    print(f"audit log of {name}: whole, {len(rows)} rows; the last has the hash {tip.hash}")
    return 0


def export(database: Address, out: Path | None = None) -> int:
    """Writes the rows of a log's chain with the number and hash of its last row, as JSON; returns the exit status.

    Raises:
        EngineError: the log cannot be read, or the file not be written.
    """
    engine = open_as_reader(database.full)
    try:
        rows, found = proved(engine)
    finally:
        engine.dispose()
    tip = _tip(rows)
    text = json.dumps(
        {"rows": [asdict(row) for row in rows], "last": {"number": tip.number, "hash": tip.hash}, "faults": found},
        indent=1,
        ensure_ascii=False,
    )
    if out is None:
        print(text)
    else:
        with written_whole(out) as partial:
            partial.write_text(text + "\n", "utf-8")
    return BROKEN if found else 0


def _tip(rows: list[Row]) -> Tip:
    return Tip(rows[-1].number, rows[-1].hash) if rows else EMPTY


def _exported_tip(path: Path) -> Tip:
    try:
        last: Any = json.loads(path.read_text("utf-8"))["last"]
        return Tip(int(last["number"]), str(last["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigError(
            f"{path} is no export of an audit log, expected one of 'audit export'; give another"
        ) from None
