"""A held picture on which heads are marked, by pointer and by keys."""

from collections.abc import Callable
from typing import cast

from PyQt6.QtCore import QCoreApplication, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
    QTransform,
)

from app import theme
from app.dialogs.heads.marks import Marks, nearest
from app.dialogs.sight.canvas import ARROWS, AimCanvas, place_of
from engine.checks.spot_check import Point
from engine.monitor.screen import Picture
from engine.picture.masks import Mask
from engine.picture.view import View

REACH_EM, RING_EM, AIM_EM = 0.7, 0.42, 0.8
HALO, LINE = 4.0, 2.0  # widths in points: each ring lies on a darker one, so that it is seen on any picture
HEAT = 0.45  # opacity of the map as a help
SHADE = 130  # of 255: how dark it is where nobody is counted
MARK = theme.DARK.accent  # pictures are the same in both looks


class HeadCanvas(AimCanvas):
    """Shows a picture with rings around its marked heads."""

    changed = pyqtSignal()
    """Other heads are marked."""
    refused = pyqtSignal()
    """A head was to be marked where nobody is counted."""
    size_em = 56, 34

    def __init__(self) -> None:
        super().__init__(QCoreApplication.translate("HeadCanvas", "Picture with marked heads"))
        self.marks, self.shows_map = Marks(), False
        self._blind = QPainterPath()
        """Where nobody is counted, in shares of the picture."""
        self._heat: QImage | None = None
        self._held: int | None = None
        """The mark that the pointer pulls."""

    def show_blind(self, view: View) -> None:
        """Darkens what the model does not see, where no head can be marked."""
        whole, included, private = QPainterPath(), _area(view.included), _area(view.private)
        whole.addRect(QRectF(0, 0, 1, 1))
        self._blind = whole.subtracted(included).united(private) if view.included else private
        self.update()

    def show_picture(self, picture: Picture) -> None:
        """Draws a picture under the marks."""
        self._heat = None
        if picture.heat is not None:
            colours = picture.heat.colours
            rows, columns = colours.shape[:2]
            whole = QImage(cast(bytes, colours.data), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
            self._heat = whole.copy()
        super().show_picture(picture)

    def show_map(self, shown: bool) -> None:
        """Lays the map over the picture, as a help, or takes it away."""
        self.shows_map = shown
        self.update()

    def undo(self) -> None:
        """Takes the newest step back."""
        self._change(self.marks.undone())

    def redo(self) -> None:
        """Makes it again."""
        self._change(self.marks.redone())

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws all of it."""
        painter, sight = QPainter(self), self.sight
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(theme.colours().ground))
        whole = QRectF(QPointF(*sight.on_screen((0, 0))), QPointF(*sight.on_screen((1, 1))))
        if self._image is None:
            painter.fillRect(whole, QColor(theme.colours().line))
        else:
            painter.drawImage(whole, self._image)
        if self.shows_map and self._heat is not None:
            painter.setOpacity(HEAT)
            painter.drawImage(whole, self._heat)
            painter.setOpacity(1.0)
        (left, top), (right, bottom) = self.sight.on_screen((0, 0)), self.sight.on_screen((1, 1))
        blind = QTransform(right - left, 0, 0, bottom - top, left, top).map(self._blind)
        painter.fillPath(blind, QColor(0, 0, 0, SHADE))
        self._draw_marks(painter)
        painter.end()

    def focusOutEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Shows that the keys do something else now."""
        self.update()
        super().focusOutEvent(event)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Marks a head, takes hold of a mark, or of the picture."""
        assert event is not None
        place, self._aim = place_of(event.position()), None
        under = self._under(place)
        match event.button():
            case Qt.MouseButton.LeftButton if under is not None:
                self._held = under
                self.marks = self.marks.moved(under, self.marks.points[under])
            case Qt.MouseButton.LeftButton if self._is_inside(place):
                self._add(self.sight.in_picture(place))
            case Qt.MouseButton.RightButton if under is not None:
                self._change(self.marks.removed(under))
            case Qt.MouseButton.MiddleButton:
                self._grasped = place
            case _:
                pass
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Pulls what is held."""
        assert event is not None
        place = place_of(event.position())
        if self._held is not None:
            at = self.sight.in_picture(place)
            if not self._is_blind(at):
                self._change(self.marks.moved(self._held, at, begins=False))
        elif self._grasped is not None:
            self._drag(place)
        else:
            over = self._under(place) is not None
            self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.CrossCursor)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Lets go of what is held."""
        self._held = self._grasped = None

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Does all that the pointer can."""
        assert event is not None
        if event.key() in ARROWS:
            self._arrow(ARROWS[event.key()], event.modifiers())
        elif action := self._keys().get(event.key()):
            action()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _keys(self) -> dict[int, Callable[[], object]]:
        marking = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Insert)
        removing = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
        return {
            **self._zoom_keys(),
            **dict.fromkeys(marking, self._mark),
            **dict.fromkeys(removing, self._remove),
        }

    def _mark(self) -> None:
        self._add(self._aimed())

    def _remove(self) -> None:
        under = self._under(self.sight.on_screen(self._aimed()))
        if under is not None:
            self._change(self.marks.removed(under))

    def _draw_marks(self, painter: QPainter) -> None:
        radius = theme.em(self, 1) * RING_EM
        rings = [QPointF(*self.sight.on_screen(point)) for point in self.marks.points]
        for colour, width in ((QColor(0, 0, 0, 200), HALO), (QColor(MARK), LINE)):
            painter.setPen(QPen(colour, width))
            for middle in rings:
                painter.drawEllipse(middle, radius, radius)
            if self._aim is not None and self.hasFocus():
                self._draw_aim(painter)

    def _draw_aim(self, painter: QPainter) -> None:
        assert self._aim is not None
        x, y = self.sight.on_screen(self._aim)
        length = theme.em(self, 1) * AIM_EM
        painter.drawLine(QPointF(x - length, y), QPointF(x + length, y))
        painter.drawLine(QPointF(x, y - length), QPointF(x, y + length))

    def _under(self, place: Point) -> int | None:
        at = self.sight.in_picture(place)
        return nearest(self.marks.points, at, self.sight.scale, theme.em(self, 1) * REACH_EM)

    def _is_inside(self, place: Point) -> bool:
        return all(0 <= part <= 1 for part in self.sight.in_picture(place))

    def _is_blind(self, at: Point) -> bool:
        return self._blind.contains(QPointF(*at))

    def _add(self, at: Point) -> None:
        if self._is_blind(at):
            self.refused.emit()
        else:
            self._change(self.marks.added(at))

    def _change(self, marks: Marks) -> None:
        self.marks = marks
        self.changed.emit()
        self.update()


def _area(mask: Mask) -> QPainterPath:
    """Returns the union of the polygons of a mask."""
    area = QPainterPath()
    for polygon in mask.polygons:
        outline = QPainterPath()
        outline.addPolygon(QPolygonF([QPointF(*corner) for corner in polygon]))
        outline.closeSubpath()
        area = area.united(outline)
    return area
