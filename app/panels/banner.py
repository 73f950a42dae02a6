"""A strip that says what went wrong, in the engine's own words, until it is dismissed."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

MOST_PROBLEMS = 3


class Banner(QFrame):
    """Hidden while there is nothing to say; shows the newest problems, one in each line."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._problems: list[str] = []
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        dismiss = QPushButton("Dismiss")
        dismiss.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.addWidget(self._words, stretch=1)
        row.addWidget(dismiss, alignment=Qt.AlignmentFlag.AlignTop)
        self.hide()

    def show_problem(self, sentence: str) -> None:
        """Shows a sentence, beneath those that are still there."""
        self._problems = [*(known for known in self._problems if known != sentence), sentence][-MOST_PROBLEMS:]
        self._words.setText("\n".join(self._problems))
        self.show()

    def dismiss(self) -> None:
        """Hides it and forgets what it said."""
        self._problems.clear()
        self.hide()

    @property
    def text(self) -> str:
        """What it says now."""
        return self._words.text() if self._problems else ""
