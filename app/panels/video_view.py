"""The video with the heat-map over it, as large as fits, scaled and blended by Qt, without a copy in numpy."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRect, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.snapshot import snapshot
from app.theme import PLATE_ALPHA, colours, em
from engine.monitor.screen import Heat, Picture

INVITATION = "Drop a video here or press Ctrl+O"
DROP_WORDS = "Drop to count this video"


class VideoView(QWidget):
    """Shows the newest picture; without one, an invitation to open a video."""

    def __init__(self, *, on_demo: Callable[[], None]) -> None:
        super().__init__()
        self._picture: QImage | None = None
        self._heatmap: QImage | None = None
        self._pixels: NDArray[np.uint8] | None = None  # of the picture: Qt only borrows them
        self._opacity, self._note = 1.0, ""
        self.dragging = False
        self.heatmap_visible = True
        self.setMinimumSize(em(self, 14), em(self, 9))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Video")
        self._invitation = QLabel(INVITATION)
        self._invitation.setObjectName("invitation")
        self._invitation.setWordWrap(True)
        self._invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._demo = QPushButton("Play the demonstration clip")
        self._demo.clicked.connect(on_demo)
        column = QVBoxLayout(self)
        column.setSpacing(em(self, 1.4))
        column.addStretch()
        column.addWidget(self._invitation)
        column.addWidget(self._demo, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as a small television picture."""
        return QSize(768, 480)

    def show_picture(self, picture: Picture) -> None:
        """Draws a picture and, over it, its heat-map if there is one."""
        height, width = picture.pixels.shape[:2]
        self._picture = QImage(_buffer(picture.pixels), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._pixels = picture.pixels
        self._heatmap = _drawn(picture.heat) if picture.heat else None
        self.update()

    @property
    def room(self) -> tuple[int, int]:
        """Height and width in the screen's own pixels."""
        ratio = self.devicePixelRatioF()
        return max(1, round(self.height() * ratio)), max(1, round(self.width() * ratio))

    def snapshot(self, words: str) -> QImage:
        """Returns the picture that is shown, with its heat-map as it is shown and words beneath; there must be one."""
        assert self._picture is not None, "there is a picture"
        return snapshot(self._picture, self._heatmap if self.heatmap_visible else None, self._opacity, words)

    def invite(self, wanted: bool) -> None:
        """Shows or hides the invitation to open a video, for which there must be no picture."""
        self._invitation.setVisible(wanted)
        self._demo.setVisible(wanted)

    def invite_to(self, words: str, button: str) -> None:
        """Invites with other words, and calls the button something else."""
        self._invitation.setText(words)
        self._demo.setText(button)

    def set_note(self, note: str) -> None:
        """Shows a few words in the corner, such as 'Paused'; '' takes them away."""
        if note != self._note:
            self._note = note
            self.update()

    def set_opacity(self, opacity: float) -> None:
        """Sets how strongly the heat-map covers the video, 0 to 1."""
        self._opacity = opacity
        self.update()

    def set_heatmap_visible(self, visible: bool) -> None:
        """Shows or hides the heat-map."""
        self.heatmap_visible = visible
        self.update()

    def set_dragging(self, dragging: bool) -> None:
        """Shows that a file may be dropped here."""
        self.dragging = dragging
        self._invitation.setText(DROP_WORDS if dragging else INVITATION)
        self.update()

    @property
    def note(self) -> str:
        """The few words in the corner."""
        return self._note

    @property
    def has_picture(self) -> bool:
        """Whether a frame is shown."""
        return self._picture is not None

    @property
    def has_heatmap(self) -> bool:
        """Whether a heat-map is drawn over the frame."""
        return self._heatmap is not None and self.heatmap_visible

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws all of it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours().ground))
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            place = fitted(self._picture.size(), self.rect())
            painter.drawImage(place, self._picture)
            if self._heatmap is not None and self.heatmap_visible:
                painter.setOpacity(self._opacity)
                painter.drawImage(place, self._heatmap)
                painter.setOpacity(1.0)
        if self._note:
            self._draw_words(painter, self._note, QRect(em(self, 1), em(self, 1), 0, 0))
        if self.dragging:
            self._draw_frame(painter)
        painter.end()

    def _draw_frame(self, painter: QPainter) -> None:
        if self._picture is not None:
            painter.fillRect(self.rect(), QColor(0, 0, 0, 150))
            self._draw_words(painter, DROP_WORDS, self.rect())
        painter.setPen(QPen(QColor(colours().accent), 4, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(8, 8, -8, -8), 10, 10)

    def _draw_words(self, painter: QPainter, words: str, around: QRect) -> None:
        """Draws words on a dark plate, at a corner or, where there is room, in the middle."""
        font = QFont(self.font())
        font.setPixelSize(em(self, 1.3))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        beside, above = em(self, 1), em(self, 0.6)
        room = self.rect().adjusted(2 * beside, 0, -2 * beside, 0)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        plate = painter.fontMetrics().boundingRect(room, flags, words).adjusted(-beside, -above, beside, above)
        plate.moveTopLeft(around.topLeft())
        if around.width():
            plate.moveCenter(around.center())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        plate_colour = QColor(colours().plate)
        plate_colour.setAlpha(PLATE_ALPHA)
        painter.setBrush(plate_colour)
        painter.drawRoundedRect(plate, 7, 7)
        painter.setPen(QColor(colours().plate_text))
        painter.drawText(plate.adjusted(beside, above, -beside, -above), flags, words)


def _buffer(pixels: NDArray[np.uint8]) -> bytes:
    return cast(bytes, pixels.data)  # Qt takes any buffer as it is; only the stubs ask for bytes


def _drawn(heat: Heat) -> QImage:
    height, width = heat.colours.shape[:2]
    borrowed = QImage(_buffer(heat.colours), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return borrowed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def fitted(size: QSize, room: QRect) -> QRectF:
    """Returns the largest rectangle of a picture's proportions in the middle of a room."""
    scale = min(room.width() / size.width(), room.height() / size.height())
    width, height = size.width() * scale, size.height() * scale
    return QRectF(room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2, width, height)
