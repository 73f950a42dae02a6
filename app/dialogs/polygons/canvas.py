"""A picture with polygons that are drawn and changed by pointer and by keys; what they are is the board's affair.

Tab goes through polygons and corners, and from the last of them on to the next control, as from any list.
"""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)

from app import theme
from app.dialogs.polygons.board import COARSE, FINE, Board
from app.dialogs.polygons.crowd import Crowd
from app.dialogs.polygons.painting import Scene, paint
from app.dialogs.polygons.pointer import Pointer
from app.dialogs.polygons.words import help_words
from app.dialogs.sight.canvas import ARROWS, SightCanvas, place_of
from engine.picture.polygon import Point

REACH = 0.6  # how near the pointer has to be to a corner or an edge, in em
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


class PolygonCanvas(SightCanvas):
    """Shows a board over a picture and lets a person work on it."""

    helped = pyqtSignal(str)
    """What can be done now, in a line."""

    def __init__(self, board: Board) -> None:
        super().__init__(QCoreApplication.translate("PolygonCanvas", "Picture with polygons"))
        self.board = board
        self.note = ""
        """Why there is no live picture; empty where there is one."""
        self.crowd: Crowd | None = None
        self._pointer = Pointer(self.board, lambda: self.sight, self._look, lambda: float(theme.em(self, REACH)))
        board.changed.connect(self._tell)
        self._tell()

    def count(self, corners: Sequence[Point]) -> float | None:
        """Returns the people within corners; None where nobody knows."""
        return self.crowd.within(corners) if self.crowd else None

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws all of it."""
        painter = QPainter(self)
        under, focused = self._pointer.under, self.hasFocus()
        paint(painter, Scene(self.sight, self.board, self._image, self.count, self.note, under, focused))
        painter.end()

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
        at = place_of(event.position())
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pointer.grasp(at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pointer.press(at, free=bool(event.modifiers() & SHIFT))
        self._tell()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Aims, pulls what is held, or says what lies under the pointer."""
        assert event is not None
        self._pointer.move(place_of(event.position()), free=bool(event.modifiers() & SHIFT))
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
            self._pointer.double(place_of(event.position()))

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
            **self._zoom_keys(),
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

    def _tell(self) -> None:
        """Says what can be done now, also to screen readers."""
        words = help_words(self.board, self._pointer.under, pulling=self._pointer.pulling)
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
            self.helped.emit(words)
        self.update()
