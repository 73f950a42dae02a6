"""Polygons of a camera, given in shares of its picture, on a picture of some size; pure."""

from collections.abc import Sequence

from PyQt6.QtCore import QPoint, QPointF, QSize
from PyQt6.QtGui import QPolygonF

Corners = Sequence[tuple[float, float]]


def outline(polygon: Corners, size: QSize) -> QPolygonF:
    """Returns it in pixels."""
    return QPolygonF([QPointF(x * size.width(), y * size.height()) for x, y in polygon])


def label_place(polygon: Corners, size: QSize, label: QSize) -> QPoint:
    """Returns where its label begins: centred at the middle of its corners, within the picture."""
    x = sum(corner[0] for corner in polygon) / len(polygon) * size.width() - label.width() / 2
    y = sum(corner[1] for corner in polygon) / len(polygon) * size.height() - label.height() / 2
    most_x, most_y = size.width() - label.width(), size.height() - label.height()
    return QPoint(max(0, min(round(x), most_x)), max(0, min(round(y), most_y)))
