"""Two or more widgets beside each other whose borders can be dragged, by handles that are seen."""

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSplitter, QSplitterHandle, QWidget

from app.theme import colours, em

GRIP_EM = (0.28, 2.4)  # thickness and length of what is drawn on a handle
HANDLE_EM = 0.6


class _Handle(QSplitterHandle):
    """Draws a short bar in its middle, brighter under the mouse."""

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        thick, long = (em(self, length) for length in GRIP_EM)
        size = (thick, long) if self.orientation() is Qt.Orientation.Horizontal else (long, thick)
        grip = QRectF(0, 0, *size)
        grip.moveCenter(QPointF(self.rect().center()))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours().accent if self.underMouse() else colours().edge))
        painter.drawRoundedRect(grip, thick / 2, thick / 2)
        painter.end()


class Splitter(QSplitter):
    """A splitter of Qt with such handles."""

    def createHandle(self) -> QSplitterHandle:  # noqa: N802
        """Makes one of ours."""
        handle = _Handle(self.orientation(), self)
        handle.setAttribute(Qt.WidgetAttribute.WA_Hover)
        return handle


def splitter(orientation: Qt.Orientation, *shares: tuple[QWidget, int]) -> Splitter:
    """Returns widgets beside or beneath each other, with their shares of the room in percent."""
    made = Splitter(orientation)
    made.setHandleWidth(em(made, HANDLE_EM))
    made.setChildrenCollapsible(False)
    for place, (widget, share) in enumerate(shares):
        made.addWidget(widget)
        made.setStretchFactor(place, share)
    made.setSizes([share * 10 for _, share in shares])
    return made
