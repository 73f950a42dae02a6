"""Draws a picture with a grid of metres, what is marked, and a person who stands where the pointer is.

Every line lies on a darker one, so that it is seen on any picture; people have a ring at the head, distances two bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

import numpy as np
from PyQt6.QtCore import QLineF, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from app import theme
from app.dialogs.ground.grid import Grid, circle_of
from app.dialogs.ground.marks import Kind, Mark, ends_of, kind_of, made, metres_of
from app.dialogs.sight.sight import Sight
from engine.calibration.fitting import TALL
from engine.calibration.ground import Ground
from engine.picture.polygon import Point

MARK, CHOSEN, PERSON = theme.DARK.plate_text, theme.DARK.accent, "#ffd84d"  # pictures are the same in both looks
HALO, LINE, THIN = 0.26, 0.12, 0.06  # widths in em
WEAK_ALPHA, STRONG_ALPHA = 110, 230  # of 255
HEAD = 0.13  # of a person's height
STANDS = 0.25  # metres around the foot of a person


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is drawn."""

    sight: Sight
    image: QImage | None
    marks: Sequence[Mark]
    chosen: int | None
    kind: Kind
    """Of what is marked next."""
    draft: tuple[Point, Point] | None
    """Where what is being marked begins, and where it would end."""
    aim: Point | None
    """Where the keys are; None while the pointer is used."""
    stand: Point | None
    """Where a person is drawn as a check."""
    ground: Ground | None
    grid: Grid | None
    note: str = ""
    """Why there is no live picture."""


def paint(painter: QPainter, scene: Scene) -> None:
    """Draws a scene into the room of its sight."""
    _Painting(painter, scene).all()


class _Painting:
    def __init__(self, painter: QPainter, scene: Scene) -> None:
        self.painter, self.scene = painter, scene
        self.em = QFontMetricsF(painter.font()).height()

    def all(self) -> None:
        painter, scene = self.painter, self.scene
        sight = scene.sight
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(QRectF(0, 0, *sight.room), QColor(theme.colours().ground))
        whole = QRectF(QPointF(*sight.on_screen((0, 0))), QPointF(*sight.on_screen((1, 1))))
        if scene.image is None:
            painter.fillRect(whole, QColor(theme.colours().line))
        else:
            painter.drawImage(whole, scene.image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setClipRect(whole)
        if scene.grid is not None:
            self._grid(scene.grid)
        painter.setClipping(False)
        for place, mark in enumerate(scene.marks):
            self._mark(mark, CHOSEN if place == scene.chosen else MARK)
        if scene.draft is not None:
            self._mark(made(scene.kind, *scene.draft, 1.0), CHOSEN, is_draft=True)
        elif scene.ground is not None and scene.stand is not None:
            self._person(scene.ground, scene.stand)
        if scene.aim is not None:
            self._cross(scene.aim)
        if scene.note:
            self._plate(scene.note, QPointF(sight.room[0] / 2, 0.0))

    def _grid(self, grid: Grid) -> None:
        """Draws thin lines without what lies beneath, since there are many and the picture is drawn often."""
        ends = [[QPointF(*self.scene.sight.on_screen((x, y))) for x, y in line.tolist()] for line in grid.lines]
        weak = [QLineF(*line) for line, strong in zip(ends, grid.strong, strict=True) if not strong]
        strong = [QLineF(*line) for line, strong in zip(ends, grid.strong, strict=True) if strong]
        for lines, colour, alpha, width in (
            (weak, MARK, WEAK_ALPHA, 0.0),
            (strong, "black", WEAK_ALPHA, HALO / 2 * self.em),
            (strong, MARK, STRONG_ALPHA, THIN * self.em),
        ):
            pen = QPen(QColor(colour), width)  # 0 is as thin as the screen can
            shade = pen.color()
            shade.setAlpha(alpha)
            pen.setColor(shade)
            self.painter.setPen(pen)
            for line in lines:
                self.painter.drawLine(line)

    def _mark(self, mark: Mark, colour: str, *, is_draft: bool = False) -> None:
        start, end = (QPointF(*self.scene.sight.on_screen(point)) for point in ends_of(mark))
        for pen in self._pens(colour):
            self.painter.setPen(pen)
            self.painter.drawLine(start, end)
            self._foot(start)
            if kind_of(mark) == "person":
                self._head(start, end)
            else:
                self._foot(end)
        if not is_draft:
            self._plate(f"{metres_of(mark):.2f} m", (start + end) / 2 + QPointF(2.2 * self.em, 0))

    def _foot(self, at: QPointF) -> None:
        half = 0.35 * self.em
        self.painter.drawLine(at - QPointF(half, 0), at + QPointF(half, 0))

    def _head(self, foot: QPointF, top: QPointF) -> None:
        """Draws a ring that ends at the top of the head."""
        body = foot - top
        radius = max(HEAD / 2 * hypot(body.x(), body.y()), 0.2 * self.em)
        length = max(hypot(body.x(), body.y()), 1.0)
        self.painter.drawEllipse(top + body * (radius / length), radius, radius)

    def _person(self, ground: Ground, stand: Point) -> None:
        head = ground.head_of(stand, TALL)
        if not (np.isfinite(head).all() and ground.is_ground(stand)):
            return
        foot, top = (QPointF(*self.scene.sight.on_screen(point)) for point in (stand, (head[0], head[1])))
        around = circle_of(ground, stand, STANDS)
        for pen in self._pens(PERSON):
            self.painter.setPen(pen)
            self.painter.drawLine(foot, top)
            self._head(foot, top)
            if np.isfinite(around).all():
                self.painter.drawPolygon(self._polygon(around))
        self._plate(f"{TALL} m", top - QPointF(0, 1.1 * self.em))

    def _cross(self, point: Point) -> None:
        at, arm = QPointF(*self.scene.sight.on_screen(point)), 0.8 * self.em
        for pen in self._pens(CHOSEN):
            self.painter.setPen(pen)
            self.painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
            self.painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))

    def _pens(self, colour: str) -> tuple[QPen, QPen]:
        """Returns the darker line beneath, and the line."""
        return QPen(QColor(theme.colours().plate), HALO * self.em), QPen(QColor(colour), LINE * self.em)

    def _plate(self, words: str, middle: QPointF) -> None:
        """Draws words on a plate, moved so that all of it is seen."""
        room = QRectF(0, 0, *self.scene.sight.room).adjusted(self.em / 4, self.em / 4, -self.em / 4, -self.em / 4)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        plate = self.painter.boundingRect(room.adjusted(0, 0, -self.em, 0), flags, words)
        plate = plate.adjusted(-0.3 * self.em, -0.1 * self.em, 0.3 * self.em, 0.1 * self.em)
        plate.moveCenter(middle)
        plate.moveLeft(min(max(plate.left(), room.left()), room.right() - plate.width()))
        plate.moveTop(min(max(plate.top(), room.top()), room.bottom() - plate.height()))
        ground = QColor(theme.colours().plate)
        ground.setAlpha(theme.PLATE_ALPHA)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(ground)
        self.painter.drawRoundedRect(plate, 0.3 * self.em, 0.3 * self.em)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setPen(QColor(theme.colours().plate_text))
        self.painter.drawText(plate, flags, words)

    def _polygon(self, points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> QPolygonF:
        return QPolygonF([QPointF(*self.scene.sight.on_screen((float(x), float(y)))) for x, y in points])
