"""The log of a command on stderr, or kept for a window, with secrets taken out of every line, whoever wrote it."""

import logging
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from engine.redaction import readable, redacted

FORMAT = "%(levelname)s %(name)s: %(message)s"
"""Of what other packages have to say."""
MOST_MESSAGES = 2000


class RedactedHandler(logging.Handler):
    """Prints to whatever stderr is at that moment, so that a live table is moved out of the way."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints one record."""
        try:
            sys.stderr.write(_shown(self.format(record)) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


@dataclass(frozen=True, slots=True)
class Message:
    """One record of the log, as people may see it."""

    number: int
    """Counted from 1 since the log is kept."""
    time_s: float
    """In seconds since 1970."""
    level: int
    """As `logging` has them."""
    source: str
    """Name of the logger."""
    words: str


class KeptLog(logging.Handler):
    """Keeps the newest records, without secrets; any thread may log, any may look."""

    def __init__(self, most: int = MOST_MESSAGES) -> None:
        """Keeps so many at most, the oldest go first."""
        super().__init__()
        self._messages: deque[Message] = deque(maxlen=most)
        self._number = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps one record; the handler's lock is held."""
        try:
            words = _shown(self.format(record))
        except Exception as error:  # of a record whose parts do not fit its words
            words = f"a message that cannot be shown ({type(error).__name__})"
        self._number += 1
        self._messages.append(Message(self._number, record.created, record.levelno, record.name, words))

    def since(self, number: int) -> tuple[Message, ...]:
        """Returns the messages behind one, oldest first; 0 for all that are kept."""
        self.acquire()
        try:
            new = self._number - number
            return tuple(self._messages)[-new:] if new > 0 else ()
        finally:
            self.release()


def _shown(text: str) -> str:
    return redacted("\n".join(map(readable, text.split("\n"))))


@contextmanager
def logged(level: int = logging.WARNING) -> Iterator[None]:
    """Shows the engine's log from a level on while the block runs."""
    handler, logger = RedactedHandler(), logging.getLogger("engine")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]
