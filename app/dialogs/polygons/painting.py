"""Draws a picture with polygons over it, each kind in a way that needs no colour to be told apart.

Zones have a full line, include areas a dashed one and a shade on all that is outside of them; privacy masks are black.
Every line lies on a darker one, so that it is seen on any picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QPolygonF

from app import theme
from app.dialogs.polygons.board import Board, called, kind_word
from app.dialogs.polygons.edits import Kind, Shape, problems
from app.dialogs.polygons.hits import Hit
from app.dialogs.sight.sight import Sight
from engine.picture.polygon import LEAST_POINTS, Point

SHADE, CHOSEN_FILL = 120, 60  # of 255: over what does not count, and in a chosen shape
CHOICE = theme.DARK.accent  # pictures are the same in both looks
HALO, LINE = 0.28, 0.12  # widths in heights of an "x"-wide em
HANDLE = 0.32  # half the width of a corner's square, in em


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is drawn."""

    sight: Sight
    board: Board
    image: QImage | None
    count: Callable[[Sequence[Point]], float | None]
    note: str = ""
    """Why there is no live picture."""
    under: Hit | None = None
    """What lies under the pointer."""
    focused: bool = False


def paint(painter: QPainter, scene: Scene) -> None:
    """Draws a scene into the room of its sight."""
    _Painting(painter, scene).all()


class _Painting:
    def __init__(self, painter: QPainter, scene: Scene) -> None:
        self.painter, self.scene, self.board = painter, scene, scene.board
        self.look = theme.colours()
        self.em = QFontMetricsF(painter.font()).height()
        self.problems = problems(self.board.shapes)

    def all(self) -> None:
        painter, sight = self.painter, self.scene.sight
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(QRectF(0, 0, *sight.room), QColor(theme.colours().ground))
        whole = QRectF(QPointF(*sight.on_screen((0, 0))), QPointF(*sight.on_screen((1, 1))))
        if self.scene.image is None:
            painter.fillRect(whole, QColor(theme.colours().line))
        else:
            painter.drawImage(whole, self.scene.image)
        self._shade(whole)
        places = sorted(range(len(self.board.shapes)), key=lambda place: place == self.board.chosen)
        for place in places:
            self._outline(place)
        for place in places:
            self._label(place)
        if self.scene.note:
            self._plate([self.scene.note], QPointF(sight.room[0] / 2, 0.0), wrong=False)
        self._corners()
        if self.board.drawing is not None:
            self._draft(self.board.drawing)

    def _shade(self, whole: QRectF) -> None:
        """Darkens what does not count."""
        areas = [shape for shape in self.board.shapes if shape.kind == "include"]
        if not areas:
            return
        outside, inside = QPainterPath(), QPainterPath()
        outside.addRect(whole)
        inside.setFillRule(Qt.FillRule.WindingFill)
        for shape in areas:
            inside.addPolygon(self._polygon(shape.corners))
        self.painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, SHADE))

    def _outline(self, place: int) -> None:
        shape, chosen = self.board.shapes[place], place == self.board.chosen
        polygon = self._polygon(shape.corners)
        fill = QColor(CHOICE)
        fill.setAlpha(CHOSEN_FILL if chosen and shape.kind != "privacy" else 0)
        self.painter.setBrush(QColor("black") if shape.kind == "privacy" else fill)
        for pen in self._pens(shape.kind, wrong=place in self.problems or (chosen and bool(self.board.refused))):
            self.painter.setPen(pen)
            self.painter.drawPolygon(polygon)
            self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def _label(self, place: int) -> None:
        shape = self.board.shapes[place]
        box = self._polygon(shape.corners).boundingRect()
        is_drawing = self.board.drawing is not None
        words = [_label_words(shape, called(self.board.shapes, place), self._people(shape.kind, shape.corners))]
        refused = self.board.refused if place == self.board.chosen else ""
        wrong = "" if is_drawing else refused or self.problems.get(place, "")
        at = QPointF(box.left(), box.top() + self.em) if shape.kind == "include" else box.center()
        self._plate(words + ([f"⚠ {wrong}"] if wrong else []), at, wrong=bool(wrong))

    def _people(self, kind: Kind, corners: Sequence[Point]) -> float | None:
        return self.scene.count(corners) if kind == "zone" else None

    def _corners(self) -> None:
        shape = self.board.shape
        if shape is None:
            return
        under = self.scene.under
        for number, corner in enumerate(shape.corners):
            is_chosen = number == self.board.corner
            near = under is not None and under.place == self.board.chosen and under.corner == number
            self._handle(corner, filled=is_chosen, large=is_chosen or near)

    def _draft(self, kind: Kind) -> None:
        corners = [*self.board.draft, self.board.aim]
        line = self._polygon(corners)
        if len(corners) > LEAST_POINTS - 1:
            fill = QColor("black") if kind == "privacy" else QColor(CHOICE)
            fill.setAlpha(255 if kind == "privacy" else CHOSEN_FILL)
            path = QPainterPath()
            path.addPolygon(line)
            self.painter.fillPath(path, fill)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in self._pens(kind, wrong=bool(self.board.refused)):
            self.painter.setPen(pen)
            self.painter.drawPolyline(line)
        for number, corner in enumerate(self.board.draft):
            self._handle(corner, filled=False, large=number == 0 and len(self.board.draft) >= LEAST_POINTS)
        self._cross(self.board.aim)
        words = [_label_words(Shape(kind, ()), kind_word(kind), self._people(kind, corners))]
        wrong = [f"⚠ {self.board.refused}"] if self.board.refused else []
        at = self._at(self.board.aim) + QPointF(0, 2.2 * self.em)
        self._plate(words + wrong, at, wrong=bool(wrong))

    def _handle(self, corner: Point, *, filled: bool, large: bool) -> None:
        half = HANDLE * self.em * (1.3 if large else 1.0)
        at = self._at(corner)
        square = QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half)
        self.painter.setPen(QPen(QColor(self.look.plate), LINE * self.em))
        self.painter.setBrush(QColor(CHOICE if filled else self.look.plate_text))
        self.painter.drawRect(square)
        if filled and self.scene.focused:
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.setPen(QPen(QColor(self.look.plate_text), LINE * self.em))
            self.painter.drawRect(square.adjusted(-half / 2, -half / 2, half / 2, half / 2))

    def _cross(self, point: Point) -> None:
        at, arm = self._at(point), 0.8 * self.em
        for colour, width in ((self.look.plate, HALO), (self.look.plate_text, LINE)):
            self.painter.setPen(QPen(QColor(colour), width * self.em))
            self.painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
            self.painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))

    def _pens(self, kind: Kind, *, wrong: bool) -> tuple[QPen, QPen]:
        """Returns the darker line beneath, and the line."""
        beneath = QPen(QColor(self.look.plate), HALO * self.em)
        line = QPen(QColor(self.look.plate_problem if wrong else self.look.plate_text if kind == "privacy" else CHOICE))
        line.setWidthF(LINE * self.em)
        styles = {"zone": Qt.PenStyle.SolidLine, "include": Qt.PenStyle.DashLine, "privacy": Qt.PenStyle.DotLine}
        line.setStyle(styles[kind])
        beneath.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return beneath, line

    def _plate(self, lines: list[str], middle: QPointF, *, wrong: bool) -> None:
        """Draws words on a plate, moved so that all of it is seen."""
        room = QRectF(0, 0, *self.scene.sight.room).adjusted(self.em / 4, self.em / 4, -self.em / 4, -self.em / 4)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        most = QRectF(0, 0, min(room.width() - self.em, 22 * self.em), room.height())
        words = self.painter.boundingRect(most, flags, "\n".join(lines))
        plate = words.adjusted(-0.4 * self.em, -0.2 * self.em, 0.4 * self.em, 0.2 * self.em)
        plate.moveCenter(middle)
        plate.moveLeft(min(max(plate.left(), room.left()), room.right() - plate.width()))
        plate.moveTop(min(max(plate.top(), room.top()), room.bottom() - plate.height()))
        ground = QColor(self.look.plate)
        ground.setAlpha(theme.PLATE_ALPHA)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(ground)
        self.painter.drawRoundedRect(plate, 0.3 * self.em, 0.3 * self.em)
        self.painter.setPen(QColor(self.look.plate_problem if wrong else self.look.plate_text))
        self.painter.drawText(plate, flags, "\n".join(lines))

    def _at(self, point: Point) -> QPointF:
        return QPointF(*self.scene.sight.on_screen(point))

    def _polygon(self, corners: Sequence[Point]) -> QPolygonF:
        return QPolygonF([self._at(corner) for corner in corners])


def _label_words(shape: Shape, name: str, people: float | None) -> str:
    if shape.kind != "zone":
        return name
    words = shape.name or name
    full = f" / {shape.capacity}" if shape.capacity else ""
    return f"{words}: {'–' if people is None else f'{people:.1f}'}{full}"
