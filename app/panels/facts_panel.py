"""The count, as large as fits, and what else is known about it."""

from dataclasses import dataclass
from html import escape

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.panels.panel import rule
from app.theme import colours

UNKNOWN = "–"
LARGEST_DIGITS = 180  # pixels
WIDEST_USUAL = "88"  # the number keeps its size until it needs more room than this


@dataclass(frozen=True, slots=True)
class Fact:
    """One line beneath the count."""

    name: str
    meaning: str


FACTS = {
    "average": Fact("Average so far", "Mean of all counts of this recording"),
    "most": Fact("Maximum so far", "Highest count of this recording, and when"),
    "consistency": Fact(
        "Consistency",
        "How well the heat-map's sum agrees with the count: 100 % is perfect.\nKnown while the heat-map is shown.",
    ),
    "rate": Fact("Counted", "Frames counted in a second"),
    "model": Fact("Model", "Which model counts, and what it runs on"),
}


class CountDisplay(QWidget):
    """A number that can be read from across the room."""

    def __init__(self) -> None:
        super().__init__()
        self.text = UNKNOWN
        self.setMinimumSize(180, 130)
        self._show(UNKNOWN)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for three digits."""
        return QSize(270, 220)

    def show_count(self, count: float | None) -> None:
        """Shows a count as a whole number; None is unknown."""
        self._show(UNKNOWN if count is None else f"{count:.0f}")

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws the number and, beneath it, what it counts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        digits = self._digits_font()
        metrics = QFontMetrics(digits)
        height = metrics.capHeight()
        words = QFont(self.font())
        words.setPixelSize(max(20, digits.pixelSize() // 5))
        gap = words.pixelSize() // 2
        top = (self.height() - height - gap - words.pixelSize()) // 2
        painter.setFont(digits)
        painter.setPen(QColor(colours().quiet if self.text == UNKNOWN else colours().text))
        painter.drawText((self.width() - metrics.horizontalAdvance(self.text)) // 2, top + height, self.text)
        painter.setFont(words)
        painter.setPen(QColor(colours().quiet))
        room = QRect(0, top + height + gap, self.width(), words.pixelSize() * 3 // 2)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, "people")
        painter.end()

    def _digits_font(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(LARGEST_DIGITS)
        widest = max(WIDEST_USUAL, self.text, key=len)
        wide = (self.width() - 24) / QFontMetrics(font).horizontalAdvance(widest)
        high = self.height() * 0.75 / LARGEST_DIGITS
        font.setPixelSize(max(24, int(LARGEST_DIGITS * min(1.0, wide, high))))
        return font

    def _show(self, text: str) -> None:
        self.setAccessibleName(f"{text} people")
        if text != self.text:
            self.text = text
            self.update()


class FactsPanel(QWidget):
    """The count with its facts."""

    def __init__(self) -> None:
        super().__init__()
        self.count = CountDisplay()
        self._values: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 18)
        column.setSpacing(14)
        column.addWidget(self.count, stretch=3)
        column.addWidget(rule())
        column.addLayout(self._grid())
        column.addStretch(1)

    def show_fact(self, name: str, value: str) -> None:
        """Sets one of `FACTS`; '' is unknown."""
        self._values[name].setText(value or UNKNOWN)

    def value(self, name: str) -> str:
        """Returns what one of `FACTS` shows."""
        return self._values[name].text()

    def explain(self, name: str, meaning: str) -> None:
        """Sets the tooltip of one of `FACTS`, plain text whatever it looks like."""
        self._values[name].setToolTip(f"<p style='white-space: pre'>{escape(meaning)}</p>")

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(16)
        grid.setColumnStretch(1, 1)
        for row, (name, fact) in enumerate(FACTS.items()):
            label, value = QLabel(fact.name), QLabel(UNKNOWN)
            label.setObjectName("fact")
            value.setObjectName("value")
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for widget in (label, value):
                widget.setToolTip(fact.meaning)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
            self._values[name] = value
        return grid
