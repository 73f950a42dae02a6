"""A window without a frame that fills a screen with one widget, and gives it back when it is left."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QCloseEvent, QKeyEvent, QScreen
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.wakefulness import Wakefulness


class FullScreen(QWidget):
    """Holds a widget while it fills a screen, and keeps the screen saver away meanwhile."""

    def __init__(self, content: QWidget, *, title: str, on_leave: Callable[[], None]) -> None:
        """`on_leave` takes the content back, however the window is left."""
        super().__init__()
        self.setWindowTitle(title)
        self._on_leave, self._wakefulness, self._left = on_leave, Wakefulness(), False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(content)

    def fill(self, screen: QScreen | None) -> None:
        """Fills a screen; None is the one where the window would open anyhow."""
        if screen is not None:
            self.setScreen(screen)
            self.setGeometry(screen.geometry())
        self.showFullScreen()
        self.activateWindow()
        self._wakefulness.hold(self.windowTitle())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Leaves at Escape, as people expect everywhere."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Gives the content back."""
        if not self._left:
            self._left = True
            self._wakefulness.release()
            self._on_leave()
            self.deleteLater()
        super().closeEvent(event)
