"""The log in SQL: its tables, and opening a database brought up to them by migrations.

SQLite in WAL mode by default, PostgreSQL by its URL. Samples are written with `synchronous=NORMAL`: a power cut may
cost the last second, never the file. Alerts, and what people did, are written with `FULL`. A transaction that writes
says so at its beginning: two that read first would refuse each other without waiting, and two programs that open a new
log would both make its tables.
"""

from datetime import datetime
from pathlib import Path
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Connection,
    Engine,
    ForeignKey,
    String,
    UniqueConstraint,
    create_engine,
    event,
    func,
    select,
    true,
)
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.errors import MissingLogError
from engine.log.copying import copy_before_migration
from engine.log.place import LOCK_TIMEOUT_S, AlienError, database_url, is_sqlite, named, reported
from engine.log.revision import MIGRATIONS, is_current

if TYPE_CHECKING:
    from alembic.config import Config

TEXT_LENGTH = 200  # characters of a name
MIGRATION_KEY = 0xDEEC0  # of the lock that PostgreSQL gives to one program at a time
LOOK_AGAIN_S = 0.05


class Base(DeclarativeBase):
    """All tables of the log."""


class StoredCamera(Base):
    """A source with a name; for a recording the file's name."""

    __tablename__ = "camera"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(TEXT_LENGTH), unique=True)
    kind: Mapped[str] = mapped_column(String(10), server_default="camera")
    """'camera', which recordings are too, or 'group'."""


class Run(Base):
    """One watch of a camera, or one replay of a recording, from opening to end, by one model."""

    __tablename__ = "run"
    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    started_at: Mapped[datetime]
    """UTC; the second 0 of its samples."""
    model_name: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    model_sha256: Mapped[str] = mapped_column(String(64))
    is_summed: Mapped[bool] = mapped_column(server_default=true())
    """Whether all of its minutes and hours are rolled up; of an older version's runs that is done little by little."""


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
    consistency: Mapped[float | None]
    """None where no density map was made, or a version wrote it that kept none."""
    condition: Mapped[str | None] = mapped_column(String(10))
    """Of the pictures; None where a version wrote it that kept none."""
    low: Mapped[float | None]
    """Of the interval in which the truth lies with 90 % certainty; None where nothing is known of errors."""
    high: Mapped[float | None]
    doubt: Mapped[str | None] = mapped_column(String(20))
    """Why the count is not to be relied on, empty where there is no reason; None where a version wrote it that kept
    none."""


def open_database(target: str | Path, *, durable: bool = False) -> Engine:
    """Opens a log, made or migrated to this version's tables; any number of programs may do so at once.

    Args:
        target: a file's path, or a database URL.
        durable: whether what was written lies on the disk, and is not lost where the power fails.

    Raises:
        DatabaseError: it is locked, damaged, read-only, no database, does not answer, or was made by a newer version.
    """
    url = database_url(target)
    with reported(url):
        if is_sqlite(url):
            _file(url).parent.mkdir(parents=True, exist_ok=True)
        engine = _engine(url)
        if is_sqlite(url):
            event.listen(engine, "connect", _prepare_durable if durable else _prepare_sqlite)
            event.listen(engine, "begin", _begin_writing)
        try:
            with engine.begin() as connection:
                if not is_sqlite(url):
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_KEY})")
                if not is_current(connection):
                    if is_sqlite(url):
                        copy_before_migration(connection, _file(url), _alembic(connection))
                    migrate(connection)
        except BaseException:
            engine.dispose()
            raise
    return engine


def open_for_reading(target: str | Path) -> Engine:
    """Opens a log that is there, without making, migrating or holding up anything.

    Raises:
        DatabaseError: it is not there, or its address cannot be understood.
    """
    url = database_url(target)
    _check_there(url)
    with reported(url):
        engine = _engine(url)
    if is_sqlite(url):
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=ON"))
    return engine


def open_as_reader(target: str | Path) -> Engine:
    """Opens a log that is there for whoever only reads, who neither holds up nor waits for those who write.

    One of an older version is brought up to this one before, which does write.

    Raises:
        DatabaseError: there is none, or as for `open_database`.
    """
    engine = open_for_reading(target)
    try:
        with reported(engine.url), engine.connect() as connection:
            is_known = is_current(connection)
        if not is_known:
            open_existing(target).dispose()
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_existing(target: str | Path) -> Engine:
    """Opens a log that is there, for what people do with it: what is written lies on the disk.

    Raises:
        DatabaseError: there is none, or as for `open_database`.
    """
    _check_there(database_url(target))
    return open_database(target, durable=True)


def _check_there(url: URL) -> None:
    if is_sqlite(url) and not _file(url).exists():
        raise MissingLogError(f"database {named(url)} is not there yet, expected a log; it is made at the first count")


def migrate(connection: Connection, revision: str = "head") -> None:
    """Brings the tables of a connection up to a revision."""
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(_alembic(connection), revision)
    except CommandError as error:
        raise AlienError(str(error)) from error


def _alembic(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _file(url: URL) -> Path:
    return Path(str(url.database))


def database_state(target: str | Path) -> str:
    """Says in one line what a log holds, without making or changing it.

    Raises:
        DatabaseError: it cannot be read.
    """
    url = database_url(target)
    if is_sqlite(url) and not _file(url).exists():
        return f"{named(url)} will be made at the first count"
    with reported(url):
        engine = _engine(url)
        try:
            with engine.connect() as connection:
                samples = connection.scalar(select(func.count()).select_from(StoredSample))
        finally:
            engine.dispose()
    return f"{named(url)} holds {samples} samples"


def _engine(url: URL) -> Engine:
    if is_sqlite(url):
        return create_engine(url, connect_args={"timeout": LOCK_TIMEOUT_S})
    from engine.log.postgresql import connect  # its package is an extra

    engine = create_engine(url)
    event.listen(engine, "do_connect", lambda _dialect, _record, arguments, options: connect(arguments, options))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # or Python would begin transactions on its own, and leave tables out of them
    if connection.execute("PRAGMA page_count").fetchone() == (0,):  # later it does nothing, and writes to the file
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    _choose_wal(connection)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_durable(connection: Any, record: object) -> None:
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous=FULL")


def _choose_wal(connection: Any) -> None:
    """Chooses WAL, which is kept in the file; SQLite does not wait by itself where two programs do so at once."""
    end_s = monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError as error:
            if "locked" not in str(error) or monotonic() > end_s:
                raise
            sleep(LOOK_AGAIN_S)


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
