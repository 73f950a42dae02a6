"""Being asked to stop by a signal: the first asks, the second interrupts at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether somebody asked to stop.

    A plain value, looked at again and again: an event that is set inside a signal handler can lock up the very thread
    that waits for it.
    """

    def __init__(self) -> None:
        self.asked = False
        self.interrupted = False
        """Whether it was by Ctrl-C."""


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Yields what SIGINT and SIGTERM set while the block runs; the second of them raises KeyboardInterrupt.

    Must be entered in the main thread.
    """
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked, stop.interrupted = True, number == signal.SIGINT

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
