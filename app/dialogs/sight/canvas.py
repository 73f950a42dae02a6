"""A picture that is zoomed and moved while a person works on it; what lies over it is drawn by who derives from it."""

from collections.abc import Callable
from typing import cast

from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QResizeEvent, QWheelEvent
from PyQt6.QtWidgets import QWidget

from app import theme
from app.dialogs.sight.sight import STEP, Sight, within
from engine.monitor.screen import Picture
from engine.picture.polygon import Point

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
STEP_EM, FINE_EM = 0.5, 0.1  # that an arrow moves the aim
NOTCH = 120.0  # of a wheel, in Qt's eighths of a degree
ARROWS: dict[int, Point] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class SightCanvas(QWidget):
    """Shows a picture by its sight."""

    looked = pyqtSignal()
    """The picture is wanted at another size: see `wanted`."""
    size_em = 50, 32
    """Width and height that it would like to have, in heights of letters."""

    def __init__(self, name: str) -> None:
        """Takes its name for screen readers."""
        super().__init__()
        self.sight = Sight((1.0, 1.0), (16.0, 9.0))
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as a picture that one can work on."""
        return QSize(*(theme.em(self, length) for length in self.size_em))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As small as what is drawn can still be seen in."""
        return QSize(theme.em(self, 14), theme.em(self, 10))

    @property
    def wanted(self) -> tuple[int, int]:
        """Height and width of the whole picture in pixels of the screen, as it is looked at now."""
        width, height = self.sight.scale
        return round(height * self.devicePixelRatioF()), round(width * self.devicePixelRatioF())

    @property
    def has_picture(self) -> bool:
        """Whether there has been a picture."""
        return self._image is not None

    def show_picture(self, picture: Picture) -> None:
        """Draws a picture under all else."""
        height, width = picture.pixels.shape[:2]
        self._picture = picture  # Qt only borrows its pixels
        self._image = QImage(cast(bytes, picture.pixels.data), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._look(self.sight.fitting(room=self.sight.room, picture=(float(picture.size[1]), float(picture.size[0]))))

    def zoom(self, factor: float, about: Point | None = None) -> None:
        """Shows more or less of the picture."""
        self._look(self.sight.zoomed(factor, about))

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Fits the picture into the new room."""
        self._look(self.sight.fitting(room=(float(self.width()), float(self.height())), picture=self.sight.picture))
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Shows less or more of the picture around the pointer."""
        assert event is not None
        self.zoom(STEP ** (event.angleDelta().y() / NOTCH), place_of(event.position()))
        event.accept()

    def _zoom_keys(self) -> dict[int, Callable[[], object]]:
        return {
            Qt.Key.Key_Plus: lambda: self.zoom(STEP),
            Qt.Key.Key_Equal: lambda: self.zoom(STEP),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / STEP),
            Qt.Key.Key_0: lambda: self.zoom(0.0),
        }

    def _pan(self, way: Point) -> None:
        em = theme.em(self, 2)
        self._look(self.sight.panned((-way[0] * em, -way[1] * em)))

    def _look(self, sight: Sight) -> None:
        before, self.sight = self.sight, sight
        if before.scale != sight.scale:
            self.looked.emit()
        self.update()


class AimCanvas(SightCanvas):
    """A picture on which places are marked: by the keys, which move an aim, and with the middle button it is moved."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._aim: Point | None = None
        """Where the keys are; None while the pointer is used."""
        self._grasped: Point | None = None
        """Where the pointer holds the picture."""
        self.setCursor(Qt.CursorShape.CrossCursor)

    def _aimed(self) -> Point:
        """Returns where the keys are; they begin in the middle of what is seen."""
        if self._aim is None:
            self._aim = within(self.sight.centre)
        return self._aim

    def _arrow(self, way: Point, modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & CONTROL:
            self._pan(way)
            return
        length = theme.em(self, 1) * (FINE_EM if modifiers & SHIFT else STEP_EM)
        at, (width, height) = self._aimed(), self.sight.scale
        self._aim = within((at[0] + way[0] * length / width, at[1] + way[1] * length / height))
        self._look(self.sight.showing(self._aim))

    def _drag(self, place: Point) -> None:
        """Moves the picture with the pointer that holds it."""
        if self._grasped is not None:
            self._look(self.sight.panned((place[0] - self._grasped[0], place[1] - self._grasped[1])))
            self._grasped = place


def place_of(position: QPointF) -> Point:
    """Returns a place on the screen."""
    return position.x(), position.y()
