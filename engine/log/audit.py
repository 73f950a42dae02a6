"""The audit log: what people and the program did, in rows that are chained by hashes and only ever added.

Each row has the hash of the one before, and all of its columns but the hash are under the hash. Number and hash of the
last row are kept outside of the database too, in a file beside it and in every export: so a tail that was cut off, or a
chain that was made anew, is found as well. That file is there before the first row is, and is moved on only along a
chain that holds what it says: a program that goes on writing does not cover up what was done before. Whoever can write
both could make both anew; an export that lies elsewhere tells of that.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.engine import URL

from engine.errors import DatabaseError, EngineError
from engine.files import written_whole
from engine.log.place import HeldError, is_sqlite, named, proof_of, reported
from engine.log.tables import StoredAudit
from engine.log.writing import storable
from engine.redaction import readable, redacted

FIRST = "0" * 64
"""What stands for the hash before the first row."""
AUDIT_KEY = 0xDEEC1  # of the lock that PostgreSQL gives to one writer of the chain at a time

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was done."""

    number: int
    at: str
    who: str
    action: str
    subject: str
    detail: str
    before: str
    hash: str

    @property
    def true_hash(self) -> str:
        """The hash that its columns have."""
        values = [getattr(self, each.name) for each in fields(self) if each.name != "hash"]
        text = json.dumps(values, ensure_ascii=True, default=repr)  # what is not text was put there by somebody else
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Tip:
    """Number and hash of the last row, as they are kept outside."""

    number: int
    hash: str


EMPTY = Tip(0, FIRST)


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be noted."""

    who: str
    action: str
    subject: str
    detail: Mapping[str, Any]


def system_account() -> str:
    """Returns who uses this computer, as far as it knows."""
    try:
        return getuser()
    except (KeyError, ImportError, OSError):  # an account without a name, as in some containers
        return "unknown account"


def note(engine: Engine, deeds: Iterable[Deed]) -> None:
    """Adds rows to the chain, for good, and keeps its new tip outside.

    Raises:
        DatabaseError: the log cannot be written, and nothing was added.
    """
    with reported(engine.url), engine.begin() as connection:
        tip = add(connection, deeds)
    keep_tip(engine.url, tip)


def add(connection: Connection, deeds: Iterable[Deed]) -> Tip:
    """Adds rows to the chain in a transaction of somebody; returns the tip to be kept once that is committed.

    Where the chain does not hold what was kept before, that is returned, so that it stays: it is the proof.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({AUDIT_KEY})")
    query = select(StoredAudit.number, StoredAudit.hash).order_by(StoredAudit.number.desc()).limit(1)
    last = connection.execute(query).first()
    tip = EMPTY if last is None else Tip(*last)
    kept = _kept_before(connection, tip)
    for deed in deeds:
        row = _row(deed, tip)
        connection.execute(insert(StoredAudit), asdict(row))
        tip = Tip(row.number, row.hash)
    return tip if kept is None else kept


def _kept_before(connection: Connection, tip: Tip) -> Tip | None:
    """Returns what was kept outside if the chain up to its tip does not hold it, else None; keeps the very first."""
    url = connection.engine.url
    if tip_file(url) is None:
        return None
    try:
        kept = kept_tip(url)
        if kept is None and tip == EMPTY:
            write_tip(url, EMPTY)
            return None
    except EngineError as error:
        logger.error("the end of the audit log cannot be proved: %s", error)
        return EMPTY
    kept = kept or Tip(0, "")  # of a file that is gone nothing holds
    query = select(StoredAudit.hash).where(StoredAudit.number == kept.number)
    if kept == EMPTY or connection.scalar(query) == kept.hash:
        return None
    logger.error("the audit log of %s is not what it was: see 'deepcount-engine audit verify'", named(url))
    return kept


def rows_of(engine: Engine) -> list[Row]:
    """Returns all rows in the order of their numbers."""
    columns = [getattr(StoredAudit, each.name) for each in fields(Row)]
    with reported(engine.url), engine.begin() as connection:
        return [Row(*row) for row in connection.execute(select(*columns).order_by(StoredAudit.number))]


def faults(rows: Iterable[Row], tip: Tip | None) -> list[str]:
    """Returns what is wrong with a chain, in sentences; nothing where it is whole.

    Args:
        rows: in the order of their numbers.
        tip: what was kept outside; None where nothing was.
    """
    found, before, number = [], FIRST, 0
    hashes = {}
    for row in rows:
        if not isinstance(row.number, int) or row.number <= number:
            found.append(f"a row {row.number} stands where none belongs")
            continue
        hashes[row.number] = row.hash
        if row.number != number + 1:
            missing = f"{number + 1}" if row.number == number + 2 else f"{number + 1} to {row.number - 1}"
            found.append(f"row {missing} is missing")
        elif row.before != before:
            found.append(f"row {row.number} does not follow row {number}: one of them was put there, moved or changed")
        if row.hash != row.true_hash:
            found.append(f"row {row.number} was changed after it was written")
        before, number = row.hash, row.number
    if tip is not None and tip.number > number:
        lacking = f"row {tip.number} was" if tip.number == number + 1 else f"rows {number + 1} to {tip.number} were"
        found.append(f"{lacking} cut off the end: what was kept outside knows of more")
    elif tip is not None and hashes.get(tip.number, FIRST) != tip.hash:
        found.append(f"the chain was made anew: row {tip.number} had another hash when it was kept outside")
    return found


def proved(engine: Engine) -> tuple[list[Row], list[str]]:
    """Returns all rows, and what is wrong with them.

    Raises:
        DatabaseError: they cannot be read, and nothing says that there were any.
    """
    path = tip_file(engine.url)
    try:
        tip, found = kept_tip(engine.url), list[str]()
    except DatabaseError as error:
        tip, found = None, [str(error)]
    try:
        rows = rows_of(engine)
    except DatabaseError as error:
        if tip is None or isinstance(error, HeldError):
            raise
        return [], [*found, f"its rows cannot be read: {error}"]
    if path is not None and not path.exists() and rows:
        found.append(f"{path.name} is gone, which proves that nothing was cut off its end; take it from a back-up")
    return rows, found + faults(rows, tip)


def tip_file(url: URL) -> Path | None:
    """Returns the file beside a log that keeps the tip of its chain; None for a server, beside which nothing lies."""
    return proof_of(Path(str(url.database))) if is_sqlite(url) else None


def keep_tip(url: URL, tip: Tip) -> None:
    """Keeps what `add` returned outside, unless there is a newer one; where it cannot, the older one stays true."""
    try:
        known = kept_tip(url)
        if known is not None and known.number < tip.number:
            write_tip(url, tip)
    except EngineError as error:
        logger.error("the end of the audit log cannot be proved beyond an older row: %s", error)


def write_tip(url: URL, tip: Tip) -> None:
    """Writes a tip outside, whatever was there; raises OutputError where that cannot be."""
    path = tip_file(url)
    if path is not None:
        with written_whole(path) as partial, partial.open("w", encoding="ascii") as file:
            file.write(f"{tip.number} {tip.hash}\n")
            file.flush()
            os.fsync(file.fileno())  # a file that a power cut left empty would say that the chain is broken


def kept_tip(url: URL) -> Tip | None:
    """Returns the tip that was kept outside of a log; None where there is none.

    Raises:
        DatabaseError: there is a file, and it holds none.
    """
    path = tip_file(url)
    if path is None or not path.exists():
        return None
    try:
        return read_tip(path.read_text("ascii"))
    except (OSError, ValueError):
        raise DatabaseError(
            f"{readable(str(path))} holds no number and hash, expected those of the last row of the audit log of "
            f"{named(url)}; take it from a back-up"
        ) from None


def read_tip(text: str) -> Tip:
    """Returns the tip that a text is; raises ValueError where it is none."""
    number, digest = text.split()
    tip = Tip(int(number), digest)
    if len(digest) != len(FIRST) or tip.number < 0 or (tip.number == 0 and tip != EMPTY):
        raise ValueError("no number and hash of a row")
    return tip


def _row(deed: Deed, tip: Tip) -> Row:
    detail = json.dumps(_clean(deed.detail), ensure_ascii=False, sort_keys=True)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    row = Row(tip.number + 1, at, storable(deed.who), deed.action, storable(deed.subject), detail, tip.hash, "")
    return Row(**{**asdict(row), "hash": row.true_hash})


def _clean(value: Any) -> Any:
    """Returns a value without what no database takes, and without secrets."""
    if isinstance(value, str):
        return redacted(readable(value))
    if isinstance(value, Mapping):
        return {str(key): _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list | tuple) else value
