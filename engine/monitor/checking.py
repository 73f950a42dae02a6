"""Notices spot checks that another process kept or took back, in a thread, so that a slow log holds up nothing else."""

import logging
from collections.abc import Callable
from threading import Event

from sqlalchemy import Engine

from engine.checks.kept import Mark, mark_of
from engine.errors import DatabaseError
from engine.worker import Worker

EVERY_S, CLOSE_S = 5.0, 2.0

logger = logging.getLogger(__name__)


class CheckWatch:
    """Has checks read again where there are others; `begin` and `close` belong to one thread at a time."""

    def __init__(self, engine: Callable[[], Engine | None], read: Callable[[], None]) -> None:
        """Takes what returns the log, None where none is kept, and what reads the checks."""
        self._engine, self._read = engine, read
        self._known: Mark | None = None
        self._ending = Event()
        self._worker: Worker | None = None

    def begin(self) -> None:
        """Starts to look, unless it does so already."""
        if self._worker is None:
            self._ending.clear()
            self._worker = Worker("upkeep of spot checks", self._look_again_and_again)
            self._worker.start()

    def close(self) -> None:
        """Looks no more, until it begins again; may be called twice."""
        self._ending.set()
        if self._worker is not None:
            self._worker.finish(CLOSE_S)
        self._worker = None

    def look(self) -> None:
        """Looks once."""
        engine = self._engine()
        if engine is None:
            return
        try:
            mark = mark_of(engine)
        except DatabaseError as error:
            logger.info("whether there are other spot checks cannot be seen: %s", error)
            return
        if mark != self._known:
            self._known = mark
            self._read()

    def _look_again_and_again(self) -> None:
        while not self._ending.wait(EVERY_S):
            self.look()
