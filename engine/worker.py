"""A thread that reports its own death.

It says itself when it has ended: Python takes a thread for ended once a wait for it, `join`, was interrupted by Ctrl-C.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from engine.errors import EngineError

JOIN_TIMEOUT_S = 10.0

logger = logging.getLogger(__name__)


class Worker(Thread):
    """Runs a function to its end; what it raised is in `failure`."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._work: Callable[[], None] | None = work
        self._ended = Event()
        self.failure: Exception | None = None

    def run(self) -> None:
        """Does the work; called by the thread itself."""
        work, self._work = self._work, None  # whoever owns both is then freed at once, with its decoder's threads
        try:
            if work is not None:
                work()
        except EngineError as error:
            logger.warning("%s stopped: %s", self.name, error)
            self.failure = error
        except Exception as error:  # the last stop of a thread
            logger.exception("%s died", self.name)
            self.failure = error
        finally:
            work = None
            self._ended.set()

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self.ident is not None and not self._ended.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Waits for the end of a thread that was started; says whether it came."""
        return self._ended.wait(max(0.0, timeout_s))

    def finish(self, timeout_s: float = JOIN_TIMEOUT_S) -> bool:
        """Waits for the end, which must have been asked for before; says whether it came."""
        if self.ident is None:
            return True
        if self.wait(timeout_s):
            self.join()  # until nothing is left of it, which is at once
        else:
            logger.error("%s is still busy and is left to itself", self.name)
        return not self.running
