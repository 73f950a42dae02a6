"""Work that takes longer than a window may wait, done in a thread; what comes of it arrives in the GUI thread.

What is on its way there holds its task: else a collection might take apart what listens, and Qt would call that still.
"""

import threading
from collections.abc import Callable, Iterable
from time import monotonic

from PyQt6.QtCore import QObject, pyqtBoundSignal, pyqtSignal, pyqtSlot

from engine.errors import EngineError
from engine.worker import Worker


class Task(QObject):
    """One piece of work, begun at once; let go of (`drop`) it says nothing more."""

    done = pyqtSignal(object)
    """What the work returned."""
    step = pyqtSignal(object)
    """A part of it, on the way."""
    failed = pyqtSignal(str)
    """Why it could not be done, in a sentence."""
    _came = pyqtSignal(object)
    """Itself, which of its signals is to be told, and what, for the GUI thread."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        """Takes a name for the log; connect the signals, then call `start`."""
        super().__init__()
        self._work, self._dropped = work, False
        self._worker = _TaskWorker(name, self._run)
        self._came.connect(self._pass_on)

    @classmethod
    def of_steps(cls, name: str, steps: Callable[[], Iterable[object]]) -> "Task":
        """Returns work whose parts are told one by one."""
        task = cls(name, lambda: None)
        task._work = lambda: task._go_through(steps())
        return task

    def start(self) -> None:
        """Begins."""
        self._worker.start()

    def drop(self) -> None:
        """Nobody wants to know any more; the work goes on to its end."""
        self._dropped = True

    @property
    def is_running(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._worker.running

    def finish(self, timeout_s: float) -> None:
        """Waits for its end, which is near, and no longer than so many seconds."""
        self._worker.finish(timeout_s)

    def _run(self) -> None:
        try:
            result = self._work()
        except EngineError as error:
            self._tell(self.failed, str(error))
        except Exception as error:
            self._tell(self.failed, f"{self._worker.name} failed ({type(error).__name__}), as the log says")
            raise
        else:
            self._tell(self.done, result)

    def _go_through(self, steps: Iterable[object]) -> None:
        for step in steps:
            self._tell(self.step, step)

    def _tell(self, signal: pyqtBoundSignal, what: object) -> None:
        self._came.emit((self, signal, what))

    @pyqtSlot(object)
    def _pass_on(self, came: tuple["Task", pyqtBoundSignal, object]) -> None:
        """Tells it, unless it was let go of while that was on its way."""
        _, signal, what = came
        if not self._dropped:
            signal.emit(what)


class _TaskWorker(Worker):
    """The thread of a task."""


def finish_tasks(timeout_s: float) -> None:
    """Waits for the ends of all tasks that were begun, also of those let go of, and no longer than so many seconds."""
    end_s = monotonic() + timeout_s
    for thread in threading.enumerate():
        if isinstance(thread, _TaskWorker):
            thread.finish(end_s - monotonic())
