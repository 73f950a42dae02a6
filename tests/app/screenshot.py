"""Takes the README's picture: the real window in the middle of the demonstration clip (`make screenshot`)."""

import os
import sys
import tempfile
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app import theme
from app.qt_environment import forget_opencv_plugins
from app.running.bridge import Bridge
from app.running.player import Setup
from app.window import Window
from engine.paths import LIGHT_MODEL, default_database

MOMENT_MS = 21_000


def main(target: Path) -> int:
    """Plays the clip for 21 seconds, then saves what the window shows."""
    forget_opencv_plugins(os.environ)
    application = QApplication(sys.argv[:1])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder  # a log that is new, where a user has it
        window = Window(Bridge(Setup(LIGHT_MODEL, default_database())))
        window.show()
        window.open_demo()
        QTimer.singleShot(MOMENT_MS, lambda: (window.grab().save(str(target)), window.close()))
        return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
