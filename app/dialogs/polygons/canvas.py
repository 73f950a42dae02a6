"""A picture with polygons that are drawn and changed by pointer and by keys; what they are is the board's affair.

Tab goes through polygons and corners, and from the last of them on to the next control, as from any list.
"""

from collections.abc import Callable, Sequence
from typing import cast

from PyQt6.QtCore import QPointF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PyQt6.QtWidgets import QWidget

from app import theme
from app.dialogs.polygons.board import COARSE, FINE, Board
from app.dialogs.polygons.crowd import Crowd
from app.dialogs.polygons.painting import Scene, paint
from app.dialogs.polygons.pointer import Pointer
from app.dialogs.polygons.sight import STEP, Sight
from app.dialogs.polygons.words import help_words
from engine.monitor.screen import Picture
from engine.picture.polygon import Point

REACH = 0.6  # how near the pointer has to be to a corner or an edge, in em
NOTCH = 120.0  # of a wheel, in Qt's eighths of a degree
ARROWS: dict[int, Point] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class PolygonCanvas(QWidget):
    """Shows a board over a picture and lets a person work on it."""

    helped = pyqtSignal(str)
    """What can be done now, in a line."""
    looked = pyqtSignal()
    """The picture is wanted at another size: see `wanted`."""

    def __init__(self, board: Board) -> None:
        super().__init__()
        self.board, self.sight = board, Sight((1.0, 1.0), (16.0, 9.0))
        self.note = ""
        """Why there is no live picture; empty where there is one."""
        self.crowd: Crowd | None = None
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._pointer = Pointer(self.board, lambda: self.sight, self._look, lambda: float(theme.em(self, REACH)))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.tr("Picture with polygons"))
        board.changed.connect(self._tell)
        self._tell()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as a picture that one can work on."""
        return QSize(theme.em(self, 50), theme.em(self, 32))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As small as a polygon can still be seen in."""
        return QSize(theme.em(self, 14), theme.em(self, 10))

    @property
    def wanted(self) -> tuple[int, int]:
        """Height and width of the whole picture in pixels of the screen, as it is looked at now."""
        width, height = self.sight.scale
        return round(height * self.devicePixelRatioF()), round(width * self.devicePixelRatioF())

    def show_picture(self, picture: Picture) -> None:
        """Draws a picture under the polygons."""
        height, width = picture.pixels.shape[:2]
        self._picture = picture  # Qt only borrows its pixels
        self._image = QImage(cast(bytes, picture.pixels.data), width, height, 3 * width, QImage.Format.Format_RGB888)
        self._look(self.sight.fitting(room=self.sight.room, picture=(float(picture.size[1]), float(picture.size[0]))))

    @property
    def has_picture(self) -> bool:
        """Whether there has been a picture."""
        return self._image is not None

    def zoom(self, factor: float, about: Point | None = None) -> None:
        """Shows more or less of the picture."""
        self._look(self.sight.zoomed(factor, about))

    def count(self, corners: Sequence[Point]) -> float | None:
        """Returns the people within corners; None where nobody knows."""
        return self.crowd.within(corners) if self.crowd else None

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws all of it."""
        painter = QPainter(self)
        under, focused = self._pointer.under, self.hasFocus()
        paint(painter, Scene(self.sight, self.board, self._image, self.count, self.note, under, focused))
        painter.end()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Fits the picture into the new room."""
        self._look(self.sight.fitting(room=(float(self.width()), float(self.height())), picture=self.sight.picture))
        super().resizeEvent(event)

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Shows which corner the keys move."""
        self.update()
        super().focusInEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, N802
        """Goes on with the next polygon or corner before the focus leaves."""
        if self.board.step(1 if next else -1):
            self._follow()
            return True
        return super().focusNextPrevChild(next)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Puts a corner, or takes hold of what is there."""
        assert event is not None
        at = _place(event.position())
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pointer.grasp(at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pointer.press(at, free=bool(event.modifiers() & SHIFT))
        self._tell()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Aims, pulls what is held, or says what lies under the pointer."""
        assert event is not None
        self._pointer.move(_place(event.position()), free=bool(event.modifiers() & SHIFT))
        self.setCursor(self._pointer.shape)
        self._tell()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Lets go of what is held."""
        self._pointer.release()
        self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Closes what is drawn, or puts a corner on an edge."""
        assert event is not None
        if event.button() == Qt.MouseButton.LeftButton:
            self._pointer.double(_place(event.position()))

    def wheelEvent(self, event: QWheelEvent | None) -> None:  # noqa: N802
        """Shows less or more of the picture around the pointer."""
        assert event is not None
        self.zoom(STEP ** (event.angleDelta().y() / NOTCH), _place(event.position()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Does all that the pointer can."""
        assert event is not None
        if event.key() in ARROWS:
            self._arrow(ARROWS[event.key()], event.modifiers())
        elif action := self._keys().get(event.key()):
            action()
        elif event.key() == Qt.Key.Key_Escape and self._drop():
            pass
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # which would press a button of the dialog
            super().keyPressEvent(event)
            return
        event.accept()

    def _keys(self) -> dict[int, Callable[[], object]]:
        board, drawing = self.board, self.board.drawing is not None
        remove = board.take_back if drawing else board.remove
        keys: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Plus: lambda: self.zoom(STEP),
            Qt.Key.Key_Equal: lambda: self.zoom(STEP),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / STEP),
            Qt.Key.Key_0: lambda: self.zoom(0.0),
            Qt.Key.Key_Insert: self._insert,
            Qt.Key.Key_Delete: remove,
            Qt.Key.Key_Backspace: remove,
        }
        return keys | (dict.fromkeys((Qt.Key.Key_Return, Qt.Key.Key_Enter), board.close) if drawing else {})

    def _insert(self) -> None:
        if self.board.drawing is not None:
            self.board.add()
        elif self.board.chosen is None:
            self.board.begin("zone")
        else:
            self.board.insert(self.board.corner or 0)
            self._follow()

    def _drop(self) -> bool:
        self._pointer.forget()
        return self.board.drop()

    def _arrow(self, way: Point, modifiers: Qt.KeyboardModifier) -> None:
        em = theme.em(self, 2)
        if modifiers & CONTROL:
            self._look(self.sight.panned((-way[0] * em, -way[1] * em)))
            return
        length = (FINE if modifiers & SHIFT else COARSE) / self.sight.zoom
        ratio = self.sight.picture[1] / self.sight.picture[0]  # the same way on the screen along both sides
        self.board.nudge((way[0] * length * min(ratio, 1.0), way[1] * length / max(ratio, 1.0)))
        self._follow()

    def _follow(self) -> None:
        """Moves the picture so that what the keys move is seen."""
        board = self.board
        if board.drawing is not None:
            self._look(self.sight.showing(board.aim))
        elif board.shape is not None:
            self._look(self.sight.showing(board.shape.corners[board.corner or 0]))

    def _look(self, sight: Sight) -> None:
        before, self.sight = self.sight, sight
        if before.scale != sight.scale:
            self.looked.emit()
        self.update()

    def _tell(self) -> None:
        """Says what can be done now, also to screen readers."""
        words = help_words(self.board, self._pointer.under, pulling=self._pointer.pulling)
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            self.helped.emit(words)
        self.update()


def _place(position: QPointF) -> Point:
    return position.x(), position.y()
