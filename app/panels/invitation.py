"""What stands where there is nothing yet: what belongs here, and what to do."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class Invitation(QWidget):
    """A heading, a sentence, and a button where something can be done."""

    def __init__(self, button: str, on_press: Callable[[], object]) -> None:
        super().__init__()
        self._heading, self._sentence = QLabel(), QLabel()
        self._heading.setObjectName("invitation")
        self.button = QPushButton(button)
        self.button.clicked.connect(lambda checked: on_press())
        column = QVBoxLayout(self)
        column.addStretch()
        for label in (self._heading, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addSpacing(self.fontMetrics().height())
        column.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch()

    def say(self, heading: str, sentence: str) -> None:
        """Shows other words."""
        self._heading.setText(heading)
        self._sentence.setText(sentence)

    @property
    def heading(self) -> str:
        """What it says first."""
        return self._heading.text()
