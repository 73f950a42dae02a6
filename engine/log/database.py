"""The log in SQL: its tables, and opening a database brought up to them by migrations.

SQLite in WAL mode by default, any other database by its URL. Samples are written with `synchronous=NORMAL`: a power cut
may cost the last second, never the file.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, ForeignKey, String, UniqueConstraint, create_engine, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.errors import DatabaseError
from engine.redaction import redacted_address

LOCK_TIMEOUT_S = 5.0
ANOTHER = "give another with --database"
EXPLANATIONS = {
    "locked": f"is locked: another program held it for over {LOCK_TIMEOUT_S:.0f} s; close that program, or {ANOTHER}",
    "not a database": "is no SQLite database, or a damaged one; move it away, and a new one is made",
    "malformed": "is damaged; move it away, and a new one is made",
    "readonly": f"is read-only, expected a file that can be written; change its permissions, or {ANOTHER}",
    "unable to open": "cannot be opened for writing; is its folder there and writable?",
    "disk is full": "cannot grow: the disk is full; make room",
    "already exists": f"holds tables of something else, expected an empty file or a log of DeepCount; {ANOTHER}",
}
"""What SQLite says, and what a person should be told."""
MIGRATIONS = Path(__file__).parent / "migrations"


class Base(DeclarativeBase):
    """All tables of the log."""


class StoredCamera(Base):
    """A source with a name; for a recording the file's name."""

    __tablename__ = "camera"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)


class Run(Base):
    """One watch of a camera, or one replay of a recording, from opening to end, by one model."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    started_at: Mapped[datetime]
    """UTC; the second 0 of its samples."""
    model_name: Mapped[str] = mapped_column(String(200))
    model_sha256: Mapped[str] = mapped_column(String(64))


class StoredSample(Base):
    """The readings of one second of a run."""

    __tablename__ = "sample"
    __table_args__ = (UniqueConstraint("run_id", "second"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"))
    second: Mapped[int]
    mean: Mapped[float]
    least: Mapped[float]
    most: Mapped[float]
    readings: Mapped[int]


def database_url(target: str | Path) -> URL:
    """Returns the URL of a database given as a file's path or as a URL.

    Raises:
        DatabaseError: the URL cannot be understood.
    """
    if "://" not in str(target):
        return URL.create("sqlite", database=str(target))
    try:
        return make_url(str(target))
    except ArgumentError:
        address = redacted_address(str(target))
        raise DatabaseError(f"database {address!r} is no URL, expected one such as sqlite:///log.db") from None


def open_database(target: str | Path) -> Engine:
    """Opens a log, made or migrated to this version's tables.

    Raises:
        DatabaseError: it is locked, damaged, read-only, no database, or made by a newer version.
    """
    url = database_url(target)
    with reported(url):
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args=_connect_arguments(url))
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        try:
            with engine.begin() as connection:
                migrate(connection)
        except BaseException:
            engine.dispose()
            raise
    return engine


def migrate(connection: Connection, revision: str = "head") -> None:
    """Brings the tables of a connection up to a revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def reported(url: URL) -> Iterator[None]:
    """Turns what SQLAlchemy, Alembic and the file system raise inside into a DatabaseError with a remedy."""
    name = _named(url)
    try:
        yield
    except CommandError as error:
        raise DatabaseError(
            f"database {name} was made by another version of DeepCount ({error}); update DeepCount, or {ANOTHER}"
        ) from error
    except (DBAPIError, OSError) as error:
        raise DatabaseError(f"database {name} {_explained(error)}") from None
    except SQLAlchemyError as error:
        raise DatabaseError(f"database {name} cannot be used: {type(error).__name__}; {ANOTHER}") from None
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"database {name} needs the Python package {error.name!r}, which is not installed"
        ) from None


def _named(url: URL) -> str:
    """Returns what people call a database."""
    return str(url.database) if url.get_backend_name() == "sqlite" else redacted_address(url.render_as_string())


def _explained(error: DBAPIError | OSError) -> str:
    if isinstance(error, OSError):
        return f"cannot be opened: {(error.strerror or str(error)).lower()}; {ANOTHER}"
    reason = str(error.orig)
    return next((words for sign, words in EXPLANATIONS.items() if sign in reason), f"cannot be used: {reason}")


def _connect_arguments(url: URL) -> dict[str, Any]:
    return {"timeout": LOCK_TIMEOUT_S} if url.get_backend_name() == "sqlite" else {}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def database_state(target: str | Path) -> str:
    """Says in one line what a log holds, without making or changing it.

    Raises:
        DatabaseError: it cannot be read.
    """
    url = database_url(target)
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
        return f"{url.database} will be made at the first count"
    with reported(url):
        engine = create_engine(url, connect_args=_connect_arguments(url))
        try:
            with engine.connect() as connection:
                samples = connection.scalar(select(func.count()).select_from(StoredSample))
        finally:
            engine.dispose()
    return f"{_named(url)} holds {samples} samples"
