"""Where a log lies, as a person wrote it, and what is said where it cannot be used.

A file is SQLite's. A server is PostgreSQL's, spoken to through psycopg, however its URL names it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import exc
from sqlalchemy.engine import URL, make_url

from engine.errors import DatabaseError
from engine.redaction import host_of, readable, redacted, redacted_address

LOCK_TIMEOUT_S = 5.0
ANOTHER = "give another with --database"
EXAMPLE = "a file such as counts.db, or postgresql://HOST/NAME"
SQLITE = ("sqlite", "sqlite+pysqlite")
POSTGRESQL = ("postgres", "postgresql", "postgresql+psycopg")
NO_ANSWER = "no answer in time"
LACKING = f"lacks tables of the log: it is of something else, or was changed; {ANOTHER}"
SILENT = "does not answer; is its server running, and the network between?"


class AlienError(Exception):
    """A log has tables that this version does not know."""


class HeldError(DatabaseError):
    """A log that cannot be written now, but by and by: another program holds it, or its server does not answer."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a person is told for what a database says."""

    sign: str
    """Part of the database's own words."""
    words: str
    """What follows the database's name."""
    passes: bool = False
    """Whether it may pass without anybody changing the log."""


EXPLANATIONS = (
    Explanation(
        "locked", f"is locked: another program held it for over {LOCK_TIMEOUT_S:.0f} s; close that program", True
    ),
    Explanation("not a database", "is no SQLite database, or a damaged one; move it away, and a new one is made"),
    Explanation("malformed", "is damaged; move it away, and a new one is made"),
    Explanation("readonly", f"is read-only, expected a file that can be written; change its permissions, or {ANOTHER}"),
    Explanation("unable to open", "cannot be opened for writing; is its folder there and writable?"),
    Explanation("disk is full", "cannot grow: the disk is full; make room"),
    Explanation("disk I/O error", "cannot be written: its disk fails, or is full; make room, or replace it"),
    Explanation("No space left", "cannot grow: the server's disk is full; make room"),
    Explanation(  # before what is lacking: PostgreSQL says that a relation exists
        "already exists",
        f"holds tables of something else, expected an empty database or a log of DeepCount; {ANOTHER}",
    ),
    Explanation("authentication failed", "refuses this user or password; correct the URL, or the password"),
    Explanation("no password supplied", "asks for a password, and the URL holds none; add it, or set PGPASSWORD"),
    Explanation(
        "permission denied", "does not let this user make or write its tables; GRANT it that, or give another user"
    ),
    Explanation("read-only transaction", "is read-only, as a standby server is; give the server that can be written"),
    Explanation("no such table", LACKING),
    Explanation('relation "', LACKING),
    Explanation("does not exist", f"does not exist on that server; make it with createdb, or {ANOTHER}"),
    Explanation("refused", "refuses the connection; is PostgreSQL running there?", True),
    Explanation("resolve", "lies on a host that is unknown; correct the URL, or the network", True),
    Explanation("closed the connection", "broke off the connection; is its server being restarted?", True),
    Explanation("due to statement timeout", "is held by another program, or too busy; close that one", True),
    Explanation("timeout expired", SILENT, True),
    Explanation(NO_ANSWER, SILENT, True),
)
"""Looked through in this order."""


def database_url(target: str | Path) -> URL:
    """Returns the URL of a database given as a file's path or as a URL.

    Raises:
        DatabaseError: the URL cannot be understood, or names what could not keep a log.
    """
    text, shown = str(target), redacted_address(str(target))
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    except (exc.ArgumentError, ValueError):
        raise DatabaseError(f"database {shown!r} is no URL, expected {EXAMPLE}") from None
    if url.host and url.host != host_of(text):  # else a piece of a password is taken for it
        raise DatabaseError(
            "the URL of the database leaves open what its host is; in a user or password write /, ?, # and @ as %2F, "
            "%3F, %23 and %40"
        )
    if url.drivername in POSTGRESQL:
        return url.set(drivername=POSTGRESQL[-1])
    if url.drivername not in SQLITE:
        raise DatabaseError(f"database {url.drivername}:// is of no kind that is known here, expected {EXAMPLE}")
    if not url.database or ":memory:" in url.database or url.query.get("mode") == "memory":
        raise DatabaseError(f"database {shown!r} lies in memory, where it would be forgotten, expected {EXAMPLE}")
    return url


def named(url: URL) -> str:
    """Returns what people call a database: of a URL what is never a secret, of a file its path without what may be."""
    if is_sqlite(url):
        return redacted(readable(str(url.database)))
    port = "" if url.port is None else f":{url.port}"
    return readable(f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}")


def briefly_named(url: URL) -> str:
    """Returns what strangers are told of it: of a file its name, and not in which folders it lies."""
    return redacted(readable(Path(str(url.database)).name)) if is_sqlite(url) else named(url)


def proof_of(log: Path) -> Path:
    """Returns where the end of a log's audit log is kept outside of it."""
    return Path(f"{log}.audit")


def is_sqlite(url: URL) -> bool:
    """Whether it is a file."""
    return url.get_backend_name() == "sqlite"


@contextmanager
def reported(url: URL) -> Iterator[None]:
    """Turns what SQLAlchemy, Alembic and the file system raise inside into a DatabaseError with a remedy."""
    name = named(url)
    try:
        yield
    except AlienError as error:
        raise DatabaseError(
            f"database {name} was made by another version of DeepCount ({error}); update DeepCount, or {ANOTHER}"
        ) from None
    except exc.DBAPIError as error:
        raise _explained(url, error) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DatabaseError(f"database {name} cannot be opened: {reason}; {ANOTHER}") from None
    except exc.SQLAlchemyError as error:
        raise DatabaseError(f"database {name} cannot be used: {type(error).__name__}; {ANOTHER}") from None
    except ImportError:
        raise DatabaseError(
            f"database {name} needs the Python package psycopg, which is not installed or not whole; "
            f"pip install 'deepcount[postgresql]', or {ANOTHER}"
        ) from None


def _explained(url: URL, error: exc.DBAPIError) -> DatabaseError:
    reason = str(error.orig)
    known = next((each for each in EXPLANATIONS if each.sign in reason), None)
    if known is not None:
        return (HeldError if known.passes else DatabaseError)(f"database {named(url)} {known.words}")
    first = redacted(reason.partition("\n")[0])
    if isinstance(error, exc.OperationalError | exc.InterfaceError) and not is_sqlite(url):
        return HeldError(f"database {named(url)} cannot be reached now: {first}")
    return DatabaseError(f"database {named(url)} cannot be used: {first}")
