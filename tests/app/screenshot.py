"""Takes the README's picture: the real window in the middle of the demonstration clip (`make screenshot`)."""

import os
import sys
import tempfile
from pathlib import Path

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from app import theme
from app.assembly import Assembly
from app.order import Order
from app.qt_environment import forget_opencv_plugins
from engine.paths import default_config, default_database
from engine.settings.first_config import made_config

MOMENT_MS = 21_000


def main(target: Path) -> int:
    """Plays the clip for 21 seconds, then saves what the window shows."""
    forget_opencv_plugins(os.environ)
    application = QApplication(sys.argv[:1])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder  # a log that is new, where a user has it
        made_config(default_config(), default_database())
        assembly = Assembly(Order(default_config()))
        assembly.window.show()
        assembly.start()
        assembly.open_demo()
        QTimer.singleShot(MOMENT_MS, lambda: (assembly.window.grab().save(str(target)), assembly.window.close()))
        return application.exec()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
