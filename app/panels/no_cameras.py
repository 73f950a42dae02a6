"""What stands where cameras will be: what belongs there, and the way to the first."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class NoCameras(QWidget):
    """An invitation."""

    def __init__(self, add: Callable[[], object], tip: str) -> None:
        """Takes what the button does, and its tool-tip."""
        super().__init__()
        title = QLabel(self.tr("No cameras yet"))
        title.setObjectName("invitation")
        words = QLabel(
            self.tr(
                "The cameras that are watched stand here: network cameras, webcams, recordings.\n"
                "Add the first one: its address is enough, or its maker and its number in the network."
            )
        )
        words.setObjectName("fact")
        words.setWordWrap(True)
        self.button = QPushButton(self.tr("Add a camera…"))
        self.button.setToolTip(tip)
        self.button.clicked.connect(add)
        self.setFocusProxy(self.button)
        column = QVBoxLayout(self)
        column.addStretch(1)
        for label in (title, words):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
