"""The line at the foot of the window: what is open, where it is, whether it keeps up, and where the log is."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QStatusBar

PARTS = ("file", "size", "position", "speed")
GAP = 8  # pixels that Qt leaves between parts, at most
LOG_MARGIN = 40  # pixels around the log's place


class StatusLine(QStatusBar):
    """Named parts from left to right, the log at the right end."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._log = ""
        self._parts = {name: QLabel() for name in PARTS}
        self._log_label = QLabel()
        for label in (self._log_label, *self._parts.values()):
            label.setTextFormat(Qt.TextFormat.PlainText)  # a file's name may look like HTML
        for label in self._parts.values():
            self.addWidget(label)
            label.hide()
        self._log_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._log_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addPermanentWidget(self._log_label, stretch=1)

    def show_part(self, name: str, text: str, tip: str = "") -> None:
        """Sets one of `PARTS`, and what is said of it under the mouse; '' hides it."""
        label = self._parts[name]
        label.setToolTip(tip)
        if label.text() != text:
            label.setText(text)
            label.setVisible(bool(text))
            self._elide()

    def show_log(self, text: str) -> None:
        """Sets where the log is; shortened in the middle if there is no room."""
        self._log = text
        self._log_label.setToolTip(text)
        self._elide()

    def part(self, name: str) -> str:
        """Returns what one of `PARTS` shows."""
        return self._parts[name].text()

    @property
    def log(self) -> str:
        """Where the log is, in full."""
        return self._log

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Makes the log's place fit."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        taken = sum(label.sizeHint().width() + GAP for label in self._parts.values() if not label.isHidden())
        room = self.width() - taken - LOG_MARGIN
        metrics = QFontMetrics(self._log_label.font())
        self._log_label.setText(metrics.elidedText(self._log, Qt.TextElideMode.ElideMiddle, room))
