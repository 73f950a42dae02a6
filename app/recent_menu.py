"""The menu of recordings and cameras that were opened lately."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

WIDEST_EM = 40  # widths of an 'm'


class RecentMenu(QMenu):
    """Tells a callback the path or address that was chosen."""

    def __init__(self, title: str, on_open: Callable[[str], object], parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._on_open = on_open
        self.setToolTipsVisible(True)
        self.set_recent((), ())

    def set_recent(self, files: Sequence[str], cameras: Sequence[str]) -> None:
        """Shows other entries."""
        self.clear()
        for group in (files, cameras):
            if group and not self.isEmpty():
                self.addSeparator()
            for entry in group:
                self.addAction(self._action(entry))
        self.setEnabled(not self.isEmpty())

    def _action(self, entry: str) -> QAction:
        metrics = self.fontMetrics()
        words = metrics.elidedText(entry, Qt.TextElideMode.ElideMiddle, WIDEST_EM * metrics.horizontalAdvance("m"))
        action = QAction(words.replace("&", "&&"), self)
        action.triggered.connect(lambda: self._on_open(entry))
        return action
