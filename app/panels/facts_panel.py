"""The count, as large as fits, and what else is known about it."""

from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.panels.elided import plain_tip
from app.panels.panel import rule
from app.theme import colours, em

UNKNOWN = "–"
LARGEST_EM, LEAST_EM = 13.0, 2.0  # of the digits
COUNT_EM, LEAST_COUNT_EM = (19.0, 15.0), (7.0, 5.5)  # width and height that the count likes to have, and must have
LEAST_WIDTH_EM, MARGIN_EM = 13.0, 1.2
WIDEST_USUAL = "88"  # the number keeps its size until it needs more room than this


@dataclass(frozen=True, slots=True)
class Fact:
    """One line beneath the count."""

    name: str
    meaning: str


RELIABLE = "Whether the count is to be relied on, as far as the picture tells, and if not, why"
FACTS = {
    "interval": Fact(
        "With 90 % certainty",
        "Between which numbers of people the truth lies, by the model's errors on pictures that it never saw.",
    ),
    "reliable": Fact("Reliable", RELIABLE),
    "average": Fact("Average so far", "Mean of all counts of this recording"),
    "most": Fact("Maximum so far", "Highest count of this recording, and when"),
    "consistency": Fact(
        "Consistency",
        "How well the heat-map's sum agrees with the count: 100 % is perfect.\nKnown while the heat-map is shown.",
    ),
    "rate": Fact("Counted", "Frames counted in a second"),
    "model": Fact("Model", "Which model counts, and what it runs on"),
}


class CountDisplay(QLabel):
    """A number that can be read from across the room."""

    def __init__(self) -> None:
        super().__init__()
        self.show_count(None)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for three digits."""
        return QSize(*(em(self, length) for length in COUNT_EM))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for small digits."""
        return QSize(*(em(self, length) for length in LEAST_COUNT_EM))

    def show_count(self, count: float | None) -> None:
        """Shows a count as a whole number; None is unknown."""
        text = UNKNOWN if count is None else f"{count:.0f}"
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(self.tr("Count unknown") if count is None else self.tr("{} people").format(text))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws the number and, beneath it, what it counts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        digits = self._digits_font()
        metrics = QFontMetrics(digits)
        height = metrics.capHeight()
        words = QFont(self.font())
        words.setPixelSize(max(em(self, 1), digits.pixelSize() // 5))
        gap = words.pixelSize() // 2
        top = (self.height() - height - gap - words.pixelSize()) // 2
        painter.setFont(digits)
        painter.setPen(QColor(colours().quiet if self.text() == UNKNOWN else colours().text))
        painter.drawText((self.width() - metrics.horizontalAdvance(self.text())) // 2, top + height, self.text())
        painter.setFont(words)
        painter.setPen(QColor(colours().quiet))
        room = QRect(0, top + height + gap, self.width(), words.pixelSize() * 3 // 2)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self.tr("people"))
        painter.end()

    def _digits_font(self) -> QFont:
        font, largest = QFont(self.font()), em(self, LARGEST_EM)
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(largest)
        widest = max(WIDEST_USUAL, self.text(), key=len)
        wide = 0.92 * self.width() / QFontMetrics(font).horizontalAdvance(widest)
        high = self.height() * 0.75 / largest
        font.setPixelSize(max(em(self, LEAST_EM), int(largest * min(1.0, wide, high))))
        return font


class FactsPanel(QWidget):
    """The count with its facts; where it is narrow, each value stands beneath its name."""

    def __init__(self) -> None:
        super().__init__()
        self.count = CountDisplay()
        self._names = {name: QLabel(_translated(fact.name)) for name, fact in FACTS.items()}
        self._values = {name: QLabel() for name in FACTS}
        self._grid, self._stacked = QGridLayout(), False
        self._grid.setColumnStretch(1, 1)
        margin, gap = em(self, MARGIN_EM), em(self, 0.9)
        column = QVBoxLayout(self)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(gap)
        column.addWidget(self.count, stretch=3)
        column.addWidget(rule())
        column.addLayout(self._grid)
        column.addStretch(1)
        for name, fact in FACTS.items():
            label, value = self._names[name], self._values[name]
            label.setObjectName("fact")
            label.setBuddy(value)
            value.setObjectName("value")
            value.setTextFormat(Qt.TextFormat.PlainText)
            for widget in (label, value):
                widget.setToolTip(plain_tip(_translated(fact.meaning)))
            self.show_fact(name, "")
        self._arrange(stacked=False)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Narrower than the names beside their values, since they can go beneath each other, but as wide as a word."""
        words = [
            label.fontMetrics().horizontalAdvance(word) for label in self._labels() for word in label.text().split()
        ]
        margins = 2 * em(self, MARGIN_EM) + 1
        layout = self.layout()
        assert layout is not None
        width = max(em(self, LEAST_WIDTH_EM), max(words) + margins)
        return QSize(width, layout.minimumHeightForWidth(max(width, self.width())))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Stands names and values beneath each other where they have to."""
        super().resizeEvent(event)
        self._fit()
        self.updateGeometry()  # its least height follows from its width

    def show_fact(self, name: str, value: str) -> None:
        """Sets one of `FACTS`; '' is unknown."""
        label, words = self._values[name], value or UNKNOWN
        if words != label.text():
            label.setText(words)
            label.setAccessibleName(f"{self._names[name].text()}: {value or self.tr('unknown')}")
            self._fit()

    def value(self, name: str) -> str:
        """Returns what one of `FACTS` shows."""
        return self._values[name].text()

    def explain(self, name: str, meaning: str) -> None:
        """Sets the tooltip of one of `FACTS`, plain text whatever it looks like."""
        label, tip = self._values[name], plain_tip(meaning)
        if tip != label.toolTip():
            label.setToolTip(tip)

    def _labels(self) -> list[QLabel]:
        return [*self._names.values(), *self._values.values()]

    def _fit(self) -> None:
        """Stands them beside each other if the widest of them fit so."""
        names = max(label.fontMetrics().horizontalAdvance(label.text()) for label in self._names.values())
        values = max(label.fontMetrics().horizontalAdvance(label.text()) for label in self._values.values())
        stacked = names + values + em(self, 0.6) > self.width() - 2 * em(self, MARGIN_EM)
        if stacked != self._stacked:
            self._arrange(stacked=stacked)

    def _arrange(self, *, stacked: bool) -> None:
        self._stacked = stacked
        side = Qt.AlignmentFlag.AlignLeft if stacked else Qt.AlignmentFlag.AlignRight
        self._grid.setVerticalSpacing(em(self, 0.1 if stacked else 0.5))
        for row, (label, value) in enumerate(zip(self._names.values(), self._values.values(), strict=True)):
            self._grid.addWidget(label, 3 * row, 0)
            self._grid.setRowMinimumHeight(3 * row + 2, em(self, 0.5))
            self._grid.addWidget(value, *((3 * row + 1, 0, 1, 2) if stacked else (3 * row, 1)))
            value.setWordWrap(stacked)
            value.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)


def _translated(words: str) -> str:
    return QCoreApplication.translate("facts", words)
