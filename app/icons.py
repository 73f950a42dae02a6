"""The pictures on buttons, drawn in the colours of the theme so that they are seen on dark ground at any scale."""

from collections.abc import Callable

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from app.theme import FAINT, TEXT

SIZE = 64  # pixels that an icon is drawn at; Qt scales down from there
PEN_WIDTH = 5.0


def icon(name: str) -> QIcon:
    """Returns one of: open, play, pause, restart, heatmap, fullscreen."""
    drawn = QIcon()
    drawn.addPixmap(_pixmap(name, TEXT), QIcon.Mode.Normal)
    drawn.addPixmap(_pixmap(name, FAINT), QIcon.Mode.Disabled)
    return drawn


def _pixmap(name: str, colour: str) -> QPixmap:
    pixmap = QPixmap(SIZE, SIZE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), PEN_WIDTH, cap=Qt.PenCapStyle.RoundCap, join=Qt.PenJoinStyle.RoundJoin))
    if name in DRAWINGS:
        DRAWINGS[name](painter, QColor(colour))
    painter.end()
    return pixmap


def _open(painter: QPainter, colour: QColor) -> None:
    outline = [(8, 52), (8, 14), (26, 14), (32, 21), (56, 21), (56, 52)]
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in outline]))


def _play(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(18, 12), QPointF(52, 32), QPointF(18, 52)]))


def _pause(painter: QPainter, colour: QColor) -> None:
    painter.setBrush(colour)
    painter.drawRect(QRectF(16, 13, 9, 38))
    painter.drawRect(QRectF(39, 13, 9, 38))


def _restart(painter: QPainter, colour: QColor) -> None:
    painter.drawLine(QPointF(14, 13), QPointF(14, 51))
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(52, 13), QPointF(24, 32), QPointF(52, 51)]))


def _heatmap(painter: QPainter, colour: QColor) -> None:
    for share in (1.0, 0.55):
        painter.drawEllipse(QPointF(32, 32), 25 * share, 25 * share)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(32, 32), 3, 3)


def _fullscreen(painter: QPainter, colour: QColor) -> None:
    for x, y in ((10, 12), (54, 12), (10, 52), (54, 52)):
        towards = QPointF(14 if x < 32 else -14, 14 if y < 32 else -14)
        painter.drawLine(QPointF(x, y), QPointF(x + towards.x(), y))
        painter.drawLine(QPointF(x, y), QPointF(x, y + towards.y()))


DRAWINGS: dict[str, Callable[[QPainter, QColor], None]] = {
    "open": _open,
    "play": _play,
    "pause": _pause,
    "restart": _restart,
    "heatmap": _heatmap,
    "fullscreen": _fullscreen,
}
