"""The parts of the history: all beside and beneath each other where there is room, else one at a time."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QScrollArea, QTabBar, QVBoxLayout, QWidget

from app.panels.splitter import splitter
from app.theme import em

NARROW_EM, LOW_EM = 62, 36
CALENDAR, CHOICE, CURVE, RESULTS = range(4)


class HistoryParts(QWidget):
    """Calendar, choice of counts, curve and results."""

    def __init__(self, calendar: QWidget, choice: QWidget, curve: QWidget, results: QWidget) -> None:
        super().__init__()
        self.tabs = QTabBar()
        self.tabs.setAccessibleName(self.tr("Part of the history"))
        self.tabs.setExpanding(False)
        for words in (self.tr("Days"), self.tr("Counts"), self.tr("Curve"), self.tr("Results")):
            self.tabs.addTab(words)
        self._parts = [_scrolled(calendar), choice, curve, results]
        self._left = splitter(Qt.Orientation.Vertical, (self._parts[CALENDAR], 62), (choice, 38))
        self._right = splitter(Qt.Orientation.Vertical, (curve, 66), (results, 34))
        self._whole = splitter(Qt.Orientation.Horizontal, (self._left, 32), (self._right, 68))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        column.addWidget(self._whole, stretch=1)
        self.tabs.currentChanged.connect(lambda _: self._arrange())
        self._arrange()

    def show_part(self, part: int) -> None:
        """Brings a part into sight, if it is not."""
        self.tabs.setCurrentIndex(part)

    @property
    def is_small(self) -> bool:
        """Whether there is room for one part alone."""
        return self.width() < em(self, NARROW_EM) or self.height() < em(self, LOW_EM)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for the largest part alone, however many are seen now."""
        largest = QSize(0, 0)
        for part in self._parts:
            largest = largest.expandedTo(part.minimumSizeHint().expandedTo(part.minimumSize()))
        return largest + QSize(0, self.tabs.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Shows as much as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        small, chosen = self.is_small, self.tabs.currentIndex()
        self.tabs.setVisible(small)
        for place, part in enumerate(self._parts):
            part.setVisible(not small or place == chosen)
        self._left.setVisible(not small or chosen in (CALENDAR, CHOICE))
        self._right.setVisible(not small or chosen in (CURVE, RESULTS))


def _scrolled(widget: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
