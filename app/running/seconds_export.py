"""Every second of some cameras as a file, written in a thread of its own; it can be stopped on its way."""

from collections.abc import Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from app.running.errands import Errands, Outcome
from engine.errors import EngineError
from engine.log.database import open_for_reading
from engine.log.export import export, parts_of

INSTALL = "pip install 'deepcount[analysis]'"
"""Brings what Parquet needs."""
WORK = "exporting"


class StoppedError(EngineError):
    """Somebody stopped it."""


class SecondsExport:
    """Writes one file after the other."""

    def __init__(self) -> None:
        self._errands, self._stopped = Errands("export"), Event()
        self._done, self._whole = 0, 0

    def ask(self, database: str, owners: Sequence[str], span: tuple[float, float], path: Path) -> None:
        """Has a file written; its name says whether as CSV or Parquet."""
        self._stopped.clear()
        self._done, self._whole = 0, 0
        self._errands.ask(WORK, partial(self._write, database, owners, span, path))

    @property
    def is_busy(self) -> bool:
        """Whether a file is being written."""
        return self._errands.is_busy(WORK)

    @property
    def share(self) -> float:
        """How much of it is written, 0 to 1."""
        return self._done / self._whole if self._whole else 0.0

    def stop(self) -> None:
        """Gives it up; there will be no file."""
        self._stopped.set()

    def outcomes(self) -> list[Outcome]:
        """Takes out what was written since the last call."""
        return self._errands.outcomes()

    def close(self) -> None:
        """Gives up what is being written, and waits for that."""
        self.stop()
        self._errands.close(WORK)

    def _write(self, database: str, owners: Sequence[str], span: tuple[float, float], path: Path) -> Path:
        engine = open_for_reading(database)
        try:
            parts = [part for owner in owners for part in parts_of(engine, owner, *span)]
            self._whole = len(parts)
            export(engine, parts, path, self._advance)
        finally:
            engine.dispose()
        return path

    def _advance(self) -> None:
        self._done += 1
        if self._stopped.is_set():
            raise StoppedError("the export was stopped; no file was written")


def has_parquet() -> bool:
    """Whether Parquet can be written."""
    return find_spec("pyarrow") is not None
