"""The log's one writer: readings come in, samples are written to the database by a thread of its own."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.contract import ModelFile
from engine.database import Camera, Run, StoredSample, open_database, reported
from engine.handoff import Line
from engine.reading import Reading, Sample, Sampler
from engine.worker import Worker

ROOM = 1000  # samples that may wait while the database is slow: a quarter of an hour


class Store:
    """Takes the readings of one run and logs a sample for each second."""

    def __init__(
        self,
        target: str | Path,
        *,
        camera: str,
        model: ModelFile,
        on_written: Callable[[list[Sample]], None] = lambda samples: None,
    ) -> None:
        """Opens the log and notes the run.

        Args:
            target: a file's path, or a database URL.
            camera: the source's name; holds no secret.
            model: whose counts these are.
            on_written: called in the writing thread with the samples that are now safely in the log.

        Raises:
            DatabaseError: it is locked, damaged, read-only or no database.
        """
        self._engine = open_database(target)
        self._on_written = on_written
        self._sampler, self._sampling = Sampler(), Lock()
        self._samples: Line[Sample] = Line(ROOM)
        with reported(self._engine.url):
            self._run_id = _note_run(self._engine, camera, model)
        self._worker = Worker(f"store of {camera}", self._write)
        self._worker.start()

    @property
    def failure(self) -> Exception | None:
        """Why writing stopped before its time, or None; samples that were written stay."""
        return self._worker.failure

    def put(self, reading: Reading) -> bool:
        """Takes a reading; False if the log has failed."""
        with self._sampling:
            sample = self._sampler.add(reading.frame.time_s, reading.count)
        return self._samples.put(sample) if sample else not self._samples.closed

    def close(self) -> None:
        """Writes what is left, then lets go of the database; may be called twice."""
        with self._sampling:
            last = self._sampler.finish()
        if last:
            self._samples.put(last)
        self._samples.close()
        self._worker.finish()
        self._engine.dispose()

    def _write(self) -> None:
        try:
            while not self._samples.finished:
                first = self._samples.get()
                if first is not None:
                    self._write_batch([first, *self._samples.drain()])
        finally:
            self._samples.close()

    def _write_batch(self, samples: list[Sample]) -> None:
        with reported(self._engine.url), Session(self._engine) as session, session.begin():
            session.add_all(StoredSample(run_id=self._run_id, **asdict(sample)) for sample in samples)
        self._on_written(samples)


def _note_run(engine: Engine, camera: str, model: ModelFile) -> int:
    with Session(engine) as session, session.begin():
        known = session.scalar(select(Camera).where(Camera.name == camera))
        if known is None:
            known = Camera(name=camera)
            session.add(known)
            session.flush()
        run = Run(
            camera_id=known.id,
            started_at=datetime.now(UTC).replace(tzinfo=None),
            model_name=model.name,
            model_sha256=model.sha256,
        )
        session.add(run)
        session.flush()
        return run.id
