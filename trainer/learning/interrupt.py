"""Stopping between two steps: an interrupt in the middle of one would leave weights that no other run can reach."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_request() -> Iterator[threading.Event]:
    """Yields an event that is set by the first interrupt (Ctrl-C, or a request to end); the second raises at once.

    For the main thread only, as Python has it for signals. What was ignored when the process began, as Ctrl-C is for a
    shell's background jobs, stays ignored.
    """
    asked = threading.Event()

    def remember(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {
        number: signal.signal(number, remember) for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN
    }
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
