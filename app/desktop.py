"""Starts Qt, opens the window and runs until it is closed."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication

from app import theme
from app.door import Door
from app.garbage import collected_in_this_thread
from app.notices import Level, Notice, Notices
from app.qt_environment import forget_opencv_plugins
from app.running.task import finish_tasks
from engine.paths import ICON
from engine.redacted_log import KeptLog
from engine.stopping import INTERRUPTED, Stop, stopped_by_signals

if TYPE_CHECKING:
    from app.window import Window

LEVELS = {Level.NEWS: logging.INFO, Level.WARNING: logging.WARNING, Level.PROBLEM: logging.ERROR}
LOOK_MS = 100  # how soon a signal closes the window
SWITCH_S = (
    0.001  # after which a thread of the engine has to let the window's run; each of its events may wait that long
)
TASKS_S = 2.0  # for what dialogs began, such as the keeping of a password, which would end half done with the process

logger = logging.getLogger(__name__)


class Whole(Protocol):
    """Everything of one window."""

    window: "Window"
    notices: Notices
    log: KeptLog

    def start(self) -> None:
        """Starts what runs."""
        ...

    def come_forward(self, text: str) -> None:
        """Does what a second start asks for."""
        ...

    def quit(self) -> None:
        """Ends the program, whatever closing the window does."""
        ...

    def let_end(self) -> None:
        """Has closing the window end the program from now on."""
        ...

    def dispose(self) -> None:
        """Takes the window apart."""
        ...


def run(make: Callable[[], Whole], door: Door) -> int:
    """Shows a window, which comes forward when somebody knocks at its door; returns the exit status."""
    forget_opencv_plugins(os.environ)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(application, QApplication)
    application.setApplicationName("DeepCount")
    application.setDesktopFileName("deepcount")
    application.setWindowIcon(QIcon(str(ICON)))
    theme.apply(application)
    sys.setswitchinterval(SWITCH_S)
    with stopped_by_signals() as stop:
        assembly = make()
        with collected_in_this_thread(application):
            return _run(application, assembly, door, stop)


def _run(application: QApplication, assembly: Whole, door: Door, stop: Stop) -> int:
    """Shows the window until it is closed; nothing of it is left then, before Qt itself goes."""
    look = QTimer(application)  # its ticks also let Python hear of signals, which it does between two of its own steps
    look.timeout.connect(lambda: assembly.quit() if stop.asked else None)
    look.start(LOOK_MS)
    door.knocked.connect(assembly.come_forward)
    assembly.window.closing.connect(application.quit)  # it may be closed while it is hidden
    application.commitDataRequest.connect(assembly.let_end)  # or it would hold up the end of a session
    if not door.listen():
        logger.warning("a second start cannot hand over to this window")
    with faults_told(assembly.notices, assembly.log):
        assembly.window.show()
        assembly.start()
        status = application.exec()
    look.stop()
    finish_tasks(TASKS_S)
    assembly.dispose()
    return status


@contextmanager
def faults_told(notices: Notices, log: KeptLog) -> Iterator[None]:
    """Has a notice of what a slot raises, and keeps all notices and all that is logged."""

    def take(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """PyQt would end the process otherwise. The second signal ends the window's loop."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(INTERRUPTED)
            return
        logger.error("unexpected error in the window", exc_info=(kind, error, trace))
        words = f"unexpected error in the window ({kind.__name__}: {error})"
        notices.post(Level.PROBLEM, "window", words, remedy="everything else goes on")

    def keep(notice: Notice) -> None:
        log.handle(logging.makeLogRecord({"name": notice.source, "levelno": LEVELS[notice.level], "msg": notice.text}))

    before, root = sys.excepthook, logging.getLogger()
    sys.excepthook = take
    root.addHandler(log)
    notices.told.connect(keep)
    try:
        yield
    finally:
        notices.told.disconnect(keep)
        root.removeHandler(log)
        sys.excepthook = before
