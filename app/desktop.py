"""Starts Qt, opens the window and runs until it is closed."""

import logging
import os
import sys
from pathlib import Path
from types import TracebackType

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app import theme
from app.qt_environment import forget_opencv_plugins
from app.running.bridge import Bridge
from app.running.player import Setup
from app.window import Window
from engine.stopping import INTERRUPTED, stopped_by_signals

LOOK_MS = 100  # how soon a signal closes the window

logger = logging.getLogger(__name__)


def run(setup: Setup, source: Path | None) -> int:
    """Shows the window, with a recording if one is given; returns the exit status."""
    forget_opencv_plugins(os.environ)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(application, QApplication)
    application.setApplicationName("DeepCount")
    theme.apply(application)
    sys.excepthook = log_exception
    with stopped_by_signals() as stop:
        window = Window(Bridge(setup))
        look = QTimer(window)  # its ticks also let Python hear of signals, which it does between two of its own steps
        look.timeout.connect(lambda: application.closeAllWindows() if stop.asked else None)
        look.start(LOOK_MS)
        window.show()
        if source:
            window.open(source)
        return application.exec()


def log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Logs what a slot raised; PyQt would end the process otherwise. The second signal ends the window's loop."""
    if issubclass(kind, KeyboardInterrupt):
        QApplication.exit(INTERRUPTED)
        return
    logger.error("unexpected error in the window", exc_info=(kind, error, trace))
