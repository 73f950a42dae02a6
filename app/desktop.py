"""Starts Qt, opens the window and runs until it is closed."""

import logging
import os
import signal
import sys
from pathlib import Path
from types import TracebackType

from PyQt6.QtWidgets import QApplication

from app import theme
from app.bridge import Bridge
from app.player import Setup
from app.qt_environment import forget_opencv_plugins
from app.window import Window

logger = logging.getLogger(__name__)


def run(setup: Setup, source: Path | None) -> int:
    """Shows the window, with a recording if one is given; returns the exit status."""
    forget_opencv_plugins(os.environ)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    assert isinstance(application, QApplication)
    application.setApplicationName("DeepCount")
    theme.apply(application)
    sys.excepthook = log_exception
    window = Window(Bridge(setup))
    for number in (signal.SIGINT, signal.SIGTERM):
        # Python runs this between two of its own steps; the window's timers see to it that there are some.
        signal.signal(number, lambda signum, frame: window.close())
    window.show()
    if source:
        window.open(source)
    return application.exec()


def log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Logs what a slot raised; PyQt would end the process otherwise."""
    logger.error("unexpected error in the window", exc_info=(kind, error, trace))
