"""How long a camera may be waited for, and how another thread ends the wait.

PyAV has no way to interrupt a read. But FFmpeg asks it ten times a second whether to go on waiting, and PyAV then looks
at the clock of its own module: a clock that leaps ahead for the thread that is to return ends the read there and then.
Where a later PyAV asks another clock, the wait ends by its time-out.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import av.container.core

FOR_EVER_S = float("inf")
LEAP_S = 1e6  # beyond every time-out


class Waiting:
    """The waits of one camera, one after another; used by one thread, ended by any."""

    def __init__(self) -> None:
        self._until_s, self._ended = FOR_EVER_S, threading.Event()

    def allow(self, seconds: float) -> None:
        """Begins a wait."""
        self._until_s = time.monotonic() + seconds

    def end(self) -> None:
        """Ends this wait and all to come."""
        self._ended.set()

    @property
    def left_s(self) -> float:
        """What is left of this wait, in seconds; 0 where it is over."""
        return 0.0 if self._ended.is_set() else max(0.0, self._until_s - time.monotonic())

    def check(self) -> None:
        """Raises TimeoutError if it is over."""
        if not self.left_s:
            raise TimeoutError("the wait is over")

    def pause(self, seconds: float) -> None:
        """Does nothing for so long, or until it is ended."""
        self._ended.wait(max(0.0, seconds))

    @contextmanager
    def within_ffmpeg(self) -> Iterator[None]:
        """Makes FFmpeg feel the end of the wait while the block runs in this thread."""
        _felt.waiting = self
        try:
            yield
        finally:
            _felt.waiting = None


class _Felt(threading.local):
    waiting: Waiting | None = None


class _Clock:
    """Stands in for the module `time` in PyAV's module, for which it is that module but for one clock."""

    def __init__(self) -> None:
        self._leapt_s = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def monotonic(self) -> float:
        """The time; each call is later by a leap where the thread's wait is over, since PyAV compares two of them."""
        waiting = _felt.waiting
        if waiting is None or waiting.left_s:
            return time.monotonic()
        self._leapt_s += LEAP_S
        return time.monotonic() + self._leapt_s


_felt = _Felt()
vars(av.container.core)["time"] = _Clock()
