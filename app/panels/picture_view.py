"""A camera's picture with its overlay, drawn as it comes from the engine.

The engine makes pictures at the size of the view in pixels of the screen, so they are drawn pixel by pixel, without a
copy. Heat-map, heads and what subclasses add change once a second or never; they are drawn into a layer of their own,
which is laid over each picture.
"""

from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent
from PyQt6.QtWidgets import QWidget

from app.panels.video_view import fitted
from app.theme import colours, em
from engine.monitor.screen import Picture, Size

Overlay = Literal["none", "heat", "heads", "bands"]
SAME_SIZE = (
    4  # pixels by which a picture may miss its room and still be drawn pixel by pixel: the engine's sizes are even
)
GREYED = QColor(0, 0, 0, 110)
HEAD_EM, HEAD_OUTLINE_EM = 0.28, 0.14


class PictureView(QWidget):
    """Shows one camera's newest picture; subclasses draw more into the layer and over it."""

    def __init__(self) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.picture: Picture | None = None
        self.overlay: Overlay = "none"
        self.opacity = 0.7
        self._image: QImage | None = None  # borrows the picture's pixels
        self._grey: QImage | None = None
        self._layer: QPixmap | None = None
        self._layer_is_old = True

    def show_picture(self, picture: Picture) -> None:
        """Shows a camera's newest picture."""
        before = self.picture
        if before is None or before.size != picture.size or before.heat is not picture.heat:
            self._layer_is_old = True
        self._layer_is_old |= before is None or before.heads is not picture.heads
        height, width = picture.pixels.shape[:2]
        self.picture = picture
        self._image = QImage(_buffer(picture.pixels), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._grey = _grey(self._image) if self._grey is not None else None
        self.update()

    def set_overlay(self, overlay: Overlay, opacity: float) -> None:
        """Says what is laid over the picture, and how strongly (0 to 1)."""
        if (overlay, opacity) != (self.overlay, self.opacity):
            self.overlay, self.opacity = overlay, opacity
            self.refresh_layer()

    def set_greyed(self, greyed: bool) -> None:
        """Shows the picture without colours, since it is not of now."""
        if greyed != (self._grey is not None) and self._image is not None:
            self._grey = _grey(self._image) if greyed else None
            self.refresh_layer()

    @property
    def is_greyed(self) -> bool:
        """Whether the picture is shown without colours."""
        return self._grey is not None

    @property
    def room(self) -> Size:
        """Height and width of the view in pixels of the screen, which the engine is asked to fit the picture into."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.height() * ratio)), max(1, round(self.width() * ratio))

    def place(self) -> QRect:
        """Returns where in the view the picture is drawn, in pixels of the screen; all of the view without one."""
        room = QRect(0, 0, *reversed(self.room))
        if self.picture is None:
            return room
        height, width = self.picture.pixels.shape[:2]
        whole = fitted(QSize(self.picture.size[1], self.picture.size[0]), room)
        if abs(whole.width() - width) <= SAME_SIZE and abs(whole.height() - height) <= SAME_SIZE:
            return QRect((room.width() - width) // 2, (room.height() - height) // 2, width, height)
        return whole.toRect()

    def refresh_layer(self) -> None:
        """Has everything that lies over the picture drawn anew."""
        self._layer_is_old = True
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Has the layer drawn in its new size."""
        self._layer_is_old = True
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws the picture, what lies over it, and what a subclass adds."""
        painter, place, ratio = QPainter(self), self.place(), self.devicePixelRatioF()
        painter.scale(1 / ratio, 1 / ratio)
        if self._image is None or place.size() != QSize(*reversed(self.room)):
            painter.fillRect(0, 0, self.room[1] + 1, self.room[0] + 1, QColor(colours().ground))
        if self._image is not None:
            self._paint_picture(painter, place)
        if self._layer_is_old:
            self._layer, self._layer_is_old = self._drawn_layer(place.size()), False
        if self._layer is not None:
            painter.drawPixmap(place.topLeft(), self._layer)
        self.paint_over(painter, place)
        painter.end()

    def has_layer(self) -> bool:
        """Whether anything of `paint_layer` is to be seen; subclasses add to it."""
        picture = self.picture
        if picture is None or self.is_greyed:
            return False
        return (self.overlay in ("heat", "bands") and picture.heat is not None) or (
            self.overlay == "heads" and picture.heads is not None
        )

    def paint_layer(self, painter: QPainter, size: QSize) -> None:
        """Draws what lies over a picture of this size in pixels, and changes seldom; subclasses add to it."""
        picture = self.picture
        if picture is None or self.is_greyed:
            return
        if self.overlay in ("heat", "bands") and picture.heat is not None:
            painter.setOpacity(self.opacity)
            painter.drawImage(QRect(QPoint(), size), _heat_image(picture.heat.colours))
            painter.setOpacity(1.0)
        if self.overlay == "heads" and picture.heads is not None:
            self._paint_heads(painter, size, picture.heads)

    def paint_over(self, painter: QPainter, place: QRect) -> None:
        """Draws what a subclass has on top, at each picture, in pixels of the screen: must be quick."""

    def _paint_picture(self, painter: QPainter, place: QRect) -> None:
        image = self._grey if self._grey is not None else self._image
        assert image is not None
        if place.size() == image.size():
            painter.drawImage(place.topLeft(), image)
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        if self._grey is not None:
            painter.fillRect(place, GREYED)

    def _drawn_layer(self, size: QSize) -> QPixmap | None:
        if not self.has_layer():
            return None
        layer = QPixmap(size)
        layer.fill(Qt.GlobalColor.transparent)
        painter = QPainter(layer)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self.paint_layer(painter, size)
        painter.end()
        return layer

    def _paint_heads(self, painter: QPainter, size: QSize, heads: NDArray[np.float32]) -> None:
        """Draws dots that are seen on light and on dark ground: a light one on a dark one."""
        points = QPolygonF([QPointF(x * size.width(), y * size.height()) for x, y in heads.tolist()])
        unit = em(self, 1.0) * self.devicePixelRatioF()
        for colour, width in ((colours().plate, HEAD_EM + HEAD_OUTLINE_EM), (colours().plate_warning, HEAD_EM)):
            pen = QPen(QColor(colour), max(2.0, unit * width))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoints(points)


def _grey(image: QImage) -> QImage:
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


def _heat_image(heat: NDArray[np.uint8]) -> QImage:
    height, width = heat.shape[:2]
    borrowed = QImage(_buffer(heat), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return borrowed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _buffer(pixels: NDArray[np.uint8]) -> bytes:
    return cast(bytes, pixels.data)  # Qt takes any buffer as it is; only the stubs ask for bytes
