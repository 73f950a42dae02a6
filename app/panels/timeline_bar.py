"""What stands above the time-line of a recording: what is said of it, its speed, and what can be done with it."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.panels.elided import ElidedLabel
from app.theme import em
from app.toolbar import fill, shell_toolbar

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class TimelineBar(QWidget):
    """Words at the left, controls at the right."""

    speed_wanted = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self.words = ElidedLabel()
        self.words.setObjectName("title")
        self.speed = _speeds()
        self.speed.activated.connect(lambda place: self.speed_wanted.emit(SPEEDS[place]))
        self.tools = shell_toolbar(self.tr("Time-line"))
        self.tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.tools.setStyleSheet("QToolBar { border: none; padding: 0; }")  # no line beneath: it is on a plate
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.speed)
        row.addWidget(self.tools)

    def offer(self, actions: Sequence[QAction]) -> None:
        """Shows buttons."""
        fill(self.tools, actions)

    def say(self, words: str) -> None:
        """Says something of the recording, or of what is chosen of it."""
        self.words.set_words(words)

    def show_speed(self, speed: float) -> None:
        """Says how fast it plays."""
        self.speed.setCurrentIndex(SPEEDS.index(speed))


def faster(speed: float, steps: int) -> float:
    """Returns the speed so many steps above one, or below it."""
    return SPEEDS[min(max(0, SPEEDS.index(speed) + steps), len(SPEEDS) - 1)]


def _speeds() -> QComboBox:
    box = QComboBox()
    for speed in SPEEDS:
        box.addItem(f"{speed:g}×", speed)
    box.setCurrentIndex(SPEEDS.index(1.0))
    box.setAccessibleName(box.tr("Speed"))
    box.setToolTip(box.tr("How fast it plays ([ and ])"))
    box.setMinimumWidth(em(box, 4))
    return box
