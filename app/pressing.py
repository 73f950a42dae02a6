"""Lets Enter press the button that has the keyboard, as Space does; in dialogs Enter is Qt's own affair."""

from PyQt6 import sip
from PyQt6.QtCore import QEvent, QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QAbstractButton, QApplication, QWidget

KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""All may be shortcuts for something else on the page."""


class Pressing(QObject):
    """Follows the keyboard within one window, and watches only the button that has it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._button: QAbstractButton | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Takes the key before a shortcut does, and presses."""
        if not isinstance(event, QKeyEvent) or event.key() not in KEYS or watched is not self._button:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and self._button is not None:
            self._button.animateClick()
            return True
        return False

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._button is not None and not sip.isdeleted(self._button):
            self._button.removeEventFilter(self)
        self._button = now if isinstance(now, QAbstractButton) and now.window() is self._window else None
        if self._button is not None:
            self._button.installEventFilter(self)
