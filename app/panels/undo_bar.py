"""A strip that says what was just taken away, and takes it back."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

SHOWN_MS = 15_000


class UndoBar(QFrame):
    """Hidden until something was removed; goes by itself, while the undo stays in the menu."""

    def __init__(self, undo: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.words, self.button, self._gone = QLabel(), QPushButton(self.tr("Undo")), QTimer(self)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.button)
        self._undo = undo
        self._gone.setSingleShot(True)
        self._gone.timeout.connect(self.hide)
        self.button.clicked.connect(self._take_back)
        self.hide()

    def offer(self, words: str) -> None:
        """Says what was done."""
        self.words.setText(words)
        self.button.setAccessibleName(f"{self.button.text()}: {words}")
        self.show()
        self._gone.start(SHOWN_MS)

    def _take_back(self) -> None:
        self.hide()
        self._undo()
