"""Copies of a log in a file, made whole or not at all while programs write to it; a server has its own ways."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from engine.errors import DatabaseError, OutputError
from engine.files import written_whole
from engine.log.place import proof_of
from engine.redaction import readable

if TYPE_CHECKING:
    from alembic.config import Config

PAGES = 4096  # that are copied between two looks at how far it is

logger = logging.getLogger(__name__)


def copy_log(log: Path, copy: Path, advance: Callable[[float], None] = lambda share: None) -> None:
    """Copies a log in SQLite as it is at one moment, with the proof of its audit log; whoever writes to it goes on.

    Args:
        log: the file.
        copy: the file to be made.
        advance: is given the share that is done, now and then.

    Raises:
        DatabaseError: the copy cannot be written, and there is none.
    """
    proof = proof_of(log).read_bytes() if proof_of(log).exists() else None  # first: an older one is true of more rows
    try:
        with (
            written_whole(copy) as partial,
            closing(sqlite3.connect(f"{log.absolute().as_uri()}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(partial)) as target,
        ):
            source.execute("BEGIN")
            source.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()  # from here on it stays as it is now
            source.backup(target, pages=PAGES, progress=lambda _, left, all_: advance(1 - left / max(1, all_)))
            target.execute("PRAGMA journal_mode=DELETE")  # a copy is one file
        if proof is not None:
            with written_whole(proof_of(copy)) as partial:
                partial.write_bytes(proof)
    except (OutputError, sqlite3.Error) as error:
        raise DatabaseError(
            f"log {readable(str(log))} cannot be copied to {readable(str(copy))} ({_reason(error)}); make room, or "
            "choose another place"
        ) from None


def copy_before_migration(connection: Connection, log: Path, config: "Config") -> None:
    """Copies a log of an older version beside itself; does nothing where there is nothing to migrate.

    Raises:
        DatabaseError: it cannot be copied.
    """
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(config)
    head = script.get_current_head()
    older = {revision.revision for revision in script.walk_revisions()} - {head}
    if current not in older:
        return
    copy = next(path for path in _places(log, f"before-{head}") if not path.exists())
    copy_log(log, copy)
    logger.warning("log %s is of an older version, and is brought up to this one; as it was it is in %s", log, copy)


def _places(log: Path, word: str) -> Iterator[Path]:
    yield log.with_name(f"{log.stem}.{word}{log.suffix}")
    yield from (log.with_name(f"{log.stem}.{word}-{number}{log.suffix}") for number in count(2))


def _reason(error: Exception) -> str:
    cause = error.__cause__
    return (cause.strerror or str(cause)).lower() if isinstance(cause, OSError) else str(error).partition("\n")[0]
