"""Being asked to stop by a signal: the first asks, the second interrupts at once, and in the end nothing holds it up.

Python calls a handler between two of its own steps, so not while its main thread is inside a library. Hence two things:
what may take long there is `heard` in a thread of its own, and `run_program` gives a process a watchman, a thread that
the system tells of each signal, and that ends the process where nothing else does. The limits contain each other:
`PATIENCE_S` is longer than a pipeline, a log and a window may take to close.

SIGINT that was ignored when the process began, as by `nohup` and for a shell's background jobs, stays ignored.
"""

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from time import monotonic
from types import FrameType
from typing import NoReturn, Protocol, TypeVar
from weakref import WeakSet

T = TypeVar("T")

TERMINALS = tuple(number for number in (1, 2) if os.isatty(number))
"""Which of stdout and stderr are one."""
HANG_UP = (signal.SIGHUP,) if sys.platform != "win32" else ()
SIGNALS = (signal.SIGINT, signal.SIGTERM, *HANG_UP)
"""What asks a process to end: Ctrl-C, the system, and a terminal that is closed."""
PATIENCE_S = 27.0
"""From the first signal until a watch or a window that has not ended by itself is ended."""
UNWINDING_S = 3.0  # from the second signal on
LAST_ACTS_S = 6.0  # for closing the logs before an end by force: longer than a locked SQLite file is waited for
LOOK_S = 0.1
KILLED = 128  # to which shells add the number of the signal
INTERRUPTED = KILLED + signal.SIGINT
"""The exit status after Ctrl-C."""


class Stop:
    """Whether somebody asked to stop.

    A plain value, looked at again and again: an event that is set inside a signal handler can lock up the very thread
    that waits for it.
    """

    def __init__(self) -> None:
        self.asked = False
        self.interrupted = False
        """Whether it was by Ctrl-C."""


class StoppedError(Exception):
    """Somebody asked to stop before there was anything to finish; leaves the block of `stopped_by_signals`."""


class Closing(Protocol):
    """What must be closed even if the process is ended by force."""

    def close(self) -> None:
        """Closes it; may be called twice, and by any thread."""


_patience_s = float("inf")
_unclosed: "WeakSet[Closing]" = WeakSet()
_reserved: set[int] = set()


def close_in_any_case(thing: Closing) -> None:
    """Has it closed before an end by force, for as long as anybody holds it."""
    _unclosed.add(thing)


def reserve(*numbers: signal.Signals) -> None:
    """Has signals that ask other programs to end mean something else, until they are freed or this process ends."""
    _reserved.update(numbers)


def free(*numbers: signal.Signals) -> None:
    """Has signals that were reserved ask to end again."""
    _reserved.difference_update(numbers)


def heeded_signals() -> list[signal.Signals]:
    """Returns which of `SIGNALS` whoever started this process wants heeded."""
    asking = (number for number in SIGNALS if number not in _reserved)
    return [number for number in asking if signal.getsignal(number) is not signal.SIG_IGN]


def interrupt(number: int, _frame: FrameType | None) -> None:
    """A handler that interrupts the main thread, for signals after which something has to be finished."""
    _let_go_of_terminals(number)
    raise KeyboardInterrupt


def interrupt_on_signals() -> None:
    """Has every signal that asks for the end do what Ctrl-C does, once all is imported; see `end_on_signals`."""
    for number in heeded_signals():
        if number != signal.SIGINT:
            signal.signal(number, interrupt)


def _let_go_of_terminals(number: int) -> None:
    """Sends to nowhere what would be written to a terminal that is closed: it would be an error there."""
    if number in HANG_UP:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for terminal in TERMINALS:
            os.dup2(nowhere, terminal)
        os.close(nowhere)


def end_on_signals(status: int = 0) -> None:
    """Has SIGTERM and its like end the process with a status from now on, while there is nothing yet to finish.

    What takes a second to import is imported after that; `stopped_by_signals` or `interrupt_on_signals` takes over when
    there is work.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        _let_go_of_terminals(number)
        _flush()
        os._exit(status)  # an exception would be taken for a failed import by libraries that are being loaded

    for number in heeded_signals():
        if number != signal.SIGINT:
            signal.signal(number, end)


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Yields what `SIGNALS` set while the block runs; the second of them raises KeyboardInterrupt.

    Must be entered in the main thread. In a program the block has to end within `PATIENCE_S` of the first.
    """
    global _patience_s  # noqa: PLW0603  # a plain value, as in `Stop`
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        _let_go_of_terminals(number)
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked, stop.interrupted = True, number == signal.SIGINT

    before = {number: signal.signal(number, ask) for number in heeded_signals()}
    _patience_s = PATIENCE_S
    try:
        with suppress(StoppedError):
            yield stop
    finally:
        _patience_s = float("inf")
        for number, handler in before.items():
            signal.signal(number, handler)


def heard(work: Callable[[], T], stop: Stop | None = None) -> T:
    """Does in a thread what may take long inside a library, so that signals are heard meanwhile; returns its result.

    Raises:
        StoppedError: somebody asked to stop first; the work is left to itself.
    """
    future: Future[T] = Future()

    def attempt() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=attempt, name="preparation", daemon=True).start()
    while not future.done():
        if stop is not None and stop.asked:
            raise StoppedError
        wait([future], LOOK_S)
    return future.result()


def run_program(main: Callable[[], int]) -> NoReturn:
    """Runs the whole of a process, with a watchman, and ends it with the status that comes back."""
    watchman = _Watchman()
    watchman.start()
    try:
        status = main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    if any(thread.daemon for thread in threading.enumerate() if thread is not watchman):
        # It is stuck in a library. Python's own ending would break it off there, at which C++ aborts the process.
        _flush()
        os._exit(status)
    gc.freeze()  # or Python's own ending looks through all that was ever made for cycles, for seconds on a busy machine
    sys.exit(status)


class _Watchman(threading.Thread):
    """Counts the signals that the process handles, and ends it by force when it has not ended in time."""

    def __init__(self) -> None:
        super().__init__(name="watchman", daemon=True)
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)

    def run(self) -> None:
        """Watches to the end of the process; called by the thread itself."""
        asked_s: list[float] = []
        while True:
            self._told.settimeout(LOOK_S if asked_s else None)
            with suppress(TimeoutError):
                for number in self._told.recv(1):
                    if number in SIGNALS and number not in _reserved:
                        asked_s.append(monotonic())
                        last = number
            if asked_s and monotonic() >= _end_s(asked_s):
                _end_by_force(KILLED + last)


def _end_s(asked_s: list[float]) -> float:
    """When the process is ended by force, on the monotonic clock, by when it was asked to end."""
    first, *more = asked_s
    if len(more) > 1:
        return more[1]
    return min(first + _patience_s, more[0] + UNWINDING_S if more else float("inf"))


def _end_by_force(status: int) -> NoReturn:
    last_acts = threading.Thread(target=_close_all, daemon=True)
    last_acts.start()
    last_acts.join(LAST_ACTS_S)
    os._exit(status)


def _close_all() -> None:
    while _unclosed:
        with suppress(Exception):  # also where another thread adds to it at that moment
            _unclosed.pop().close()
    _flush()
    with suppress(OSError):
        os.write(2, b"ended by force, since something did not end when it was asked to\n")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, RuntimeError):  # the last in the middle of a print
            stream.flush()
