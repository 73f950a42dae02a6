"""The log's one writer: readings of any number of runs come in, one thread writes their samples to the database.

A database that fails is tried again for as long as the store is open, and counting goes on meanwhile: samples wait, and
when there is no room for more the oldest are let go, counted and said to be lost. Only a `lossless` store, for
recordings, lets its givers wait for a slow database and stops at the first failure.

A second without readings has no sample: what was not seen is unknown, never zero.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Lock

from sqlalchemy import Connection, Insert, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.counting.reading import Reading, Sample, Sampler
from engine.errors import DatabaseError
from engine.inference.contract import ModelFile
from engine.log.backlog import Backlog
from engine.log.database import Base, Run, StoredCamera, StoredSample, open_database, reported
from engine.stopping import close_in_any_case
from engine.worker import Worker

ROOM = 20_000  # samples that may wait: twenty cameras for a quarter of an hour, about 5 MB
SAMPLES = Base.metadata.tables[StoredSample.__tablename__]
RETRY_S = 2.0  # between two attempts at a database that fails

logger = logging.getLogger(__name__)


class LoggedRun:
    """An outlet for the readings of one run, which become a sample for each second that has any."""

    def __init__(self, camera: str, model: ModelFile, backlog: "Backlog[Entry]") -> None:
        self.camera, self.model = camera, model
        self.started_at = datetime.now(UTC).replace(tzinfo=None)
        self.row: int | None = None
        """The run's number in the log, once it is there; used by the writing thread alone."""
        self._backlog = backlog
        self._sampler, self._sampling = Sampler(), Lock()
        self.closed = False

    def put(self, reading: Reading) -> bool:
        """Takes a reading; False if the run is closed or the log is given up."""
        with self._sampling:
            if self.closed:
                return False
            sample = self._sampler.add(reading.frame.time_s, reading.count)
        return self._backlog.put((self, sample)) if sample else not self._backlog.closed

    def close(self) -> None:
        """Hands on the sample of the last second; may be called twice."""
        with self._sampling:
            self.closed, last = True, self._sampler.finish()
        if last:
            self._backlog.put((self, last))


Entry = tuple[LoggedRun, Sample | None]
"""A sample of a run; none notes that the run began."""


class Store:
    """Writes what the runs of all cameras hand on."""

    def __init__(
        self,
        target: str | Path,
        *,
        on_written: Callable[[str, list[Sample]], None] = lambda camera, samples: None,
        lossless: bool = False,
    ) -> None:
        """Opens the log.

        Args:
            target: a file's path, or a database URL.
            on_written: called in the writing thread with a camera's samples that are now safely in the log.
            lossless: whether runs wait for a slow database, and the first failure ends the writing.

        Raises:
            DatabaseError: it is locked, damaged, read-only or no database.
        """
        self._engine = open_database(target)
        self._on_written, self._lossless = on_written, lossless
        self._backlog: Backlog[Entry] = Backlog(ROOM, lossless=lossless)
        self._runs: list[LoggedRun] = []
        self._ending = Event()
        self._problem: DatabaseError | None = None
        self._told_lost = 0
        self._worker = Worker(f"store of {Path(self._engine.url.database or 'samples').name}", self._write)
        self._worker.start()
        close_in_any_case(self)

    @property
    def problem(self) -> Exception | None:
        """Why samples are not being written now, or None; samples that were written stay."""
        return self._worker.failure or self._problem

    @property
    def lost(self) -> int:
        """Samples that were never written: there was no room for them, or the log was closed before it worked again."""
        return self._backlog.lost

    def run(self, *, camera: str, model: ModelFile) -> LoggedRun:
        """Notes that a run begins now, and returns the outlet for its readings; never waits for the database.

        Args:
            camera: the camera's name; holds no secret.
            model: whose counts these will be.
        """
        run = LoggedRun(camera, model, self._backlog)
        self._runs = [*(known for known in self._runs if not known.closed), run]
        self._backlog.put((run, None))
        return run

    def close(self) -> None:
        """Ends all runs, writes what is left, and lets go of the database; may be called twice."""
        for run in self._runs:
            run.close()
        self._ending.set()
        self._backlog.close()
        self._worker.finish()
        self._engine.dispose()

    def _write(self) -> None:
        try:
            while not self._backlog.finished:
                entries = self._backlog.take()
                if entries and not self._attempt(entries):
                    self._ending.wait(RETRY_S)
        finally:
            self._backlog.give_up()

    def _attempt(self, entries: Sequence[Entry]) -> bool:
        try:
            with reported(self._engine.url):
                self._write_batch(entries)
        except DatabaseError as error:
            self._backlog.put_back(entries)
            if self._lossless:
                raise
            self._note(error)
            if self._ending.is_set():
                lost = self._backlog.give_up()
                logger.error("the log is closed with %d samples that could not be written", lost)
            return False
        self._note(None)
        return True

    def _write_batch(self, entries: Sequence[Entry]) -> None:
        """Writes all or nothing; a second of a run that is in the log already stays as it is."""
        runs = dict.fromkeys(run for run, _ in entries)
        with Session(self._engine) as session, session.begin():
            rows = {run: _noted(session, run) if run.row is None else run.row for run in runs}
            values = [{"run_id": rows[run], **asdict(sample)} for run, sample in entries if sample]
            if values:
                connection = session.connection()
                connection.execute(_insertion(connection), values)
        for run in runs:
            run.row = rows[run]
            written = [sample for owner, sample in entries if owner is run and sample]
            if written:
                self._on_written(run.camera, written)

    def _note(self, problem: DatabaseError | None) -> None:
        """Says once that writing fails, and once that it goes on; and what a slow database made us lose."""
        if problem and not self._problem:
            logger.warning("samples wait, none is being written: %s", problem)
        lost = self.lost - self._told_lost
        if not problem and (self._problem or lost):
            logger.warning("samples are being written again; %d were lost", lost)
            self._told_lost += lost
        self._problem = problem


def _noted(session: Session, run: LoggedRun) -> int:
    """Adds a run, and its camera if that is new."""
    camera = session.scalar(select(StoredCamera).where(StoredCamera.name == run.camera))
    if camera is None:
        camera = StoredCamera(name=run.camera)
        session.add(camera)
        session.flush()
    row = Run(camera_id=camera.id, started_at=run.started_at, model_name=run.model.name, model_sha256=run.model.sha256)
    session.add(row)
    session.flush()
    return row.id


def _insertion(connection: Connection) -> Insert:
    """Returns an insert that may be repeated: a commit whose answer was lost must not stop all that come after it."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(SAMPLES).on_conflict_do_nothing()
    if connection.dialect.name == "postgresql":
        return postgresql.insert(SAMPLES).on_conflict_do_nothing()
    return insert(SAMPLES)
