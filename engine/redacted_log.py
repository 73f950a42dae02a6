"""The log of a command on stderr, with secrets taken out of every line, whoever wrote it."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from engine.redaction import readable, redacted

FORMAT = "%(levelname)s %(name)s: %(message)s"
"""Of what other packages have to say."""


class RedactedHandler(logging.Handler):
    """Prints to whatever stderr is at that moment, so that a live table is moved out of the way."""

    def emit(self, record: logging.LogRecord) -> None:
        """Prints one record."""
        try:
            lines = map(readable, self.format(record).split("\n"))
            sys.stderr.write(redacted("\n".join(lines)) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            self.handleError(record)


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
