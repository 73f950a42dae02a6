"""A connection to PostgreSQL on which nothing waits for ever.

A server that is frozen, or lies behind a network that is gone, keeps its end of the socket open for minutes or hours;
only a clock on this side ends that.
"""

from collections.abc import Generator, Sequence
from time import monotonic
from typing import Any, TypeVar

import psycopg

from engine.log.place import NO_ANSWER

CONNECT_TIMEOUT_S = 3  # for each address of the host
STATEMENT_TIMEOUT_S = 4.0  # after which the server gives up a statement: sooner than we do, and the connection is kept
ANSWER_TIMEOUT_S = 5.0

T = TypeVar("T")


class TimedConnection(psycopg.Connection[Any]):
    """Breaks itself off where an answer takes too long."""

    def wait(self, gen: Generator[Any, Any, T], *arguments: Any, **options: Any) -> T:
        """Waits for the end of an exchange with the server; all of them come through here."""
        try:
            return super().wait(_timed(gen), *arguments, **options)
        except TimeoutError:
            self.close()
            raise psycopg.OperationalError(NO_ANSWER) from None


def _timed(exchange: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
    """Passes an exchange on, which is resumed some times a second; raises TimeoutError after too long a silence."""
    try:
        wanted, heard_s = next(exchange), monotonic()
        while True:
            ready = yield wanted
            if ready:
                heard_s = monotonic()
            elif monotonic() - heard_s > ANSWER_TIMEOUT_S:
                raise TimeoutError
            wanted = exchange.send(ready)
    except StopIteration as end:
        value: T = end.value
        return value


def connect(arguments: Sequence[Any], options: dict[str, Any]) -> TimedConnection:
    """Connects as `psycopg.connect` does, for so long at most; so does everything on the connection."""
    options.setdefault("connect_timeout", CONNECT_TIMEOUT_S)
    connection = TimedConnection.connect(*arguments, **options)
    connection.execute(f"SET statement_timeout = {round(1000 * STATEMENT_TIMEOUT_S)}")
    connection.commit()
    return connection
