"""The switch that lets closing the window leave the program in the system's tray."""

from PyQt6.QtCore import QObject

from app.notices import Level
from app.panels.tray import Tray
from app.window import Window


class Staying(QObject):
    """Keeps the switch of a window and its tray in step."""

    def __init__(self, window: Window, tray: Tray) -> None:
        super().__init__(window)
        self._window, self._tray = window, tray

    def switch(self) -> None:
        """Stays from now on where there is a tray, or no longer."""
        wanted = not self._tray.keeps_running
        if wanted and not self._tray.is_there:
            words = self.tr("this desktop has no tray in which DeepCount could go on")
            remedy = self.tr("minimise the window in place of closing it")
            self._window.notices.post(Level.WARNING, "window", words, remedy=remedy)
        self.keep(wanted and self._tray.is_there)

    def keep(self, kept: bool) -> None:  # a switch
        """Stays from now on, or no longer."""
        self._tray.keeps_running = kept
        self._window.commands["tray"].setChecked(kept)
