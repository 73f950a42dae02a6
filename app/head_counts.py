"""Frames that are counted by hand, from anywhere in the window: a dialog over a held frame, and what came of it."""

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QWidget

from app.dialogs.heads.dialog import HeadsDialog
from app.notices import Level, Notices
from app.running.alerts import Alerts
from app.running.checks import Configured, Kept, hand_count
from app.running.engine import Engine
from engine.errors import EngineError

CHECKS = "checks"
"""Source of its notices."""


class HeadCounts:
    """Opens the dialog, and tells how far off the count is by then."""

    def __init__(
        self, engine: Engine, configured: Configured, alerts: Alerts, notices: Notices, window: QWidget
    ) -> None:
        """`alerts` knows who works here; dialogs stand before the window."""
        self._engine, self._configured, self._alerts = engine, configured, alerts
        self._notices, self._window = notices, window

    def count(self, key: str) -> None:
        """Holds the newest frame of a camera, or that which is shown of the recording, and asks for its heads."""
        try:
            held = hand_count(self._engine, self._configured, key)
        except EngineError as error:
            self._notices.post(Level.NEWS, CHECKS, str(error))
            return
        dialog = HeadsDialog(held, held.name, self._alerts.who, on_kept=self._tell, parent=self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tell(self, kept: Kept, who: str) -> None:
        self._alerts.who = who or self._alerts.who
        words = QCoreApplication.translate("HeadCounts", "the spot check of “{name}” is kept")
        known = f"; {kept.errors.sentence}" if kept.errors else ""
        self._notices.post(Level.NEWS, CHECKS, words.format(name=kept.check.camera) + known)
