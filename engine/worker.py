"""A thread that reports its own death."""

import logging
from collections.abc import Callable
from threading import Thread

from engine.errors import EngineError

JOIN_TIMEOUT_S = 10.0

logger = logging.getLogger(__name__)


class Worker(Thread):
    """Runs a function to its end; what it raised is in `failure`."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self.failure: Exception | None = None

    def run(self) -> None:
        """Does the work; called by the thread itself."""
        try:
            self._work()
        except EngineError as error:
            logger.warning("%s stopped: %s", self.name, error)
            self.failure = error
        except Exception as error:  # the last stop of a thread
            logger.exception("%s died", self.name)
            self.failure = error

    def finish(self, timeout_s: float = JOIN_TIMEOUT_S) -> bool:
        """Waits for the end, which must have been asked for before; says whether it came."""
        if self.ident is not None:
            self.join(max(0.0, timeout_s))
            if self.is_alive():
                logger.error("%s is still busy and is left to itself", self.name)
        return not self.is_alive()
