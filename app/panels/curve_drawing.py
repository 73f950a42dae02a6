"""The lines of a curve in one item, drawn with what Qt draws fastest: straight lines one pixel wide, many at once.

Qt's own dashes, and its pens of two pixels, cost a hundred times as much: sixteen curves would hold up the window for
a quarter of a second at each drawing. So a dash is a choice of pieces, and a thick line is a thin one drawn some times.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QPointF, QRectF
from PyQt6.QtGui import QColor, QPainter, QPen
from pyqtgraph.Qt.internals import PrimitiveArray

from app.panels.curve_look import Look
from engine.history.series import Grid, Series

BAND_ALPHA, OTHER_BAND_ALPHA, CERTAINTY_ALPHA = 70, 30, 28  # of 255
PIECE = 2.0  # pixels of a line that are drawn or left out together
CAPACITY_DASH = 5.0

Pixels = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """One curve as it is drawn."""

    look: Look
    series: Series
    capacity: int | None = None
    capacity_words: str = ""
    """What stands at its line."""
    certainty: tuple[NDArray[Any], NDArray[Any]] | None = None
    """Between which numbers of people the truth lies in each bucket."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where moments and counts lie in pixels."""

    x: float
    x0: float
    y: float
    y0: float

    def across(self, moments: Pixels) -> Pixels:
        """Returns how far to the right moments lie."""
        return moments * self.x + self.x0

    def down(self, people: NDArray[Any]) -> Pixels:
        """Returns how far down counts lie."""
        return people.astype(np.float64) * self.y + self.y0


class CurveDrawing(pg.GraphicsObject):  # type: ignore[misc]
    """Draws lines over their whole view."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[Line] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Draws these, all of one grid, in place of those before."""
        self._lines = lines
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The whole view."""
        area = self.viewRect()
        return QRectF(area) if area is not None else QRectF()

    def viewTransformChanged(self) -> None:  # noqa: N802
        """The view is another."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draws bands first, so that no line is under one."""
        if not self._lines:
            return
        transform, room = painter.transform(), self.boundingRect()
        scale = Scale(transform.m11(), transform.dx(), transform.m22(), transform.dy())
        left, right = (float(scale.across(np.array(moment))) for moment in (room.left(), room.right()))
        painter.save()
        painter.resetTransform()
        device = painter.device()
        fine = 1 / device.devicePixelRatioF() if device else 1.0
        across = Across.of(self._lines[0].series.grid, scale, fine)
        for line in self._lines:
            if line.certainty is not None:
                low, high = line.certainty
                band = replace(line.series, least=low, most=high)
                draw_lines(painter, thin_pen(line.look.colour, CERTAINTY_ALPHA), bars(band, across))
            if line.series.grid.step_s > 1:
                alpha = OTHER_BAND_ALPHA if line.look.is_other else BAND_ALPHA
                draw_lines(painter, thin_pen(line.look.colour, alpha), bars(line.series, across))
        taken: list[QRectF] = []
        for line in self._lines:
            self._draw_capacity(painter, line, scale, (left, right), taken)
        for line in self._lines:
            pieces = strokes(line.series, across, line.look.dash)
            draw_lines(painter, thin_pen(line.look.colour), thickened(pieces, round(line.look.width / fine), fine))
        painter.restore()

    def _draw_capacity(
        self, painter: QPainter, line: Line, scale: Scale, across: tuple[float, float], taken: list[QRectF]
    ) -> None:
        """Draws the line of a capacity, and its words to the right of those that are `taken` beside it."""
        if line.capacity is None:
            return
        height = float(scale.down(np.array(line.capacity)))
        starts = np.arange(across[0], across[1], 2 * CAPACITY_DASH)
        heights = np.full_like(starts, height)
        draw_lines(
            painter, thin_pen(line.look.colour), np.stack([starts, heights, starts + CAPACITY_DASH, heights], axis=1)
        )
        metrics = painter.fontMetrics()
        is_at_top = height < metrics.height()
        base = height + metrics.ascent() if is_at_top else height - CAPACITY_DASH / 2
        wide = metrics.horizontalAdvance(line.capacity_words)
        place = QRectF(across[0] + CAPACITY_DASH, base - metrics.ascent(), wide, metrics.height())
        for other in sorted(taken, key=QRectF.left):
            if place.intersects(other):
                place.moveLeft(other.right() + 2 * CAPACITY_DASH)
        taken.append(place)
        painter.drawText(QPointF(place.left(), base), line.capacity_words)


@dataclass(frozen=True, slots=True)
class Across:
    """Where the buckets of a grid lie from left to right; the same for all lines."""

    scale: Scale
    middles: Pixels
    spacing: float
    columns: Pixels
    """Of pixels, as fine as the screen has them."""
    buckets: NDArray[np.int64]
    """In which the columns lie."""

    @classmethod
    def of(cls, grid: Grid, scale: Scale, fine: float) -> "Across":
        """Returns it for a screen whose pixels are `fine` wide."""
        edge, spacing = float(scale.across(np.array(float(grid.first_s)))), grid.step_s * scale.x
        columns = np.arange(np.ceil(edge / fine), np.ceil((edge + spacing * grid.number) / fine)) * fine
        buckets = np.clip(((columns - edge) / spacing).astype(np.int64), 0, grid.number - 1)
        return cls(scale, edge + spacing * (np.arange(grid.number) + 0.5), spacing, columns, buckets)


def strokes(series: Series, across: Across, dash: Sequence[float]) -> Pixels:
    """Returns the pieces (x, y, x, y) of a line from the middle of each bucket to the next; none where it is unknown.

    A bucket between two that are unknown is a short line by itself. Dashes keep their places in time.
    """
    x, y = across.middles, across.scale.down(series.mean)
    known = np.isfinite(y)
    alone = known & ~np.append(False, known[:-1]) & ~np.append(known[1:], False)
    half = max(PIECE, across.spacing / 2)
    islands = np.stack([x[alone] - half, y[alone], x[alone] + half, y[alone]], axis=1)
    parts = max(1, round(across.spacing / PIECE)) if dash else 1
    if parts > 1:
        places = np.arange(parts * (len(x) - 1) + 1) / parts
        x, y = x[0] + places * across.spacing, np.interp(places, np.arange(len(y)), y)
        known = np.isfinite(y)
    drawn = known[:-1] & known[1:]
    if dash:
        drawn &= dashed(dash, across.spacing / parts, series.grid.first_s // series.grid.step_s * parts, len(drawn))
    pieces = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)[drawn]
    return np.concatenate([pieces, islands])


def dashed(dash: Sequence[float], length: float, first: int, number: int) -> NDArray[np.bool_]:
    """Returns which of some pieces of one length are drawn; in whole pieces, or the pattern would beat with them."""
    pattern = [max(1, math.ceil(part / length)) for part in dash]
    phases = (first + np.arange(number)) % sum(pattern)
    found: NDArray[np.bool_] = np.searchsorted(np.cumsum(pattern), phases, side="right") % 2 == 0
    return found


def bars(series: Series, across: Across) -> Pixels:
    """Returns the upright lines (x, y, x, y), one a column of pixels, from the least to the most of its bucket."""
    low, high = across.scale.down(series.least)[across.buckets], across.scale.down(series.most)[across.buckets]
    known, columns = np.isfinite(low), across.columns
    upright: Pixels = np.stack([columns[known], low[known], columns[known], high[known]], axis=1)
    return upright


def thickened(pieces: Pixels, width: int, fine: float) -> Pixels:
    """Returns pieces one pixel wide, so often below each other, steep ones beside, as they are to be wide."""
    steep = np.abs(pieces[:, 3] - pieces[:, 1]) > np.abs(pieces[:, 2] - pieces[:, 0])
    aside = np.stack([steep, ~steep, steep, ~steep], axis=1) * fine
    return np.concatenate([pieces + aside * by for by in range(max(1, width))])


def thin_pen(colour: str, alpha: int = 255) -> QPen:
    """Returns a pen of one pixel, which Qt draws fastest."""
    shade = QColor(colour)
    shade.setAlpha(alpha)
    pen = QPen(shade, 0)
    pen.setCosmetic(True)
    return pen


def draw_lines(painter: QPainter, pen: QPen, lines: Pixels) -> None:
    """Draws many lines (x, y, x, y) in pixels at once."""
    if len(lines):
        painter.setPen(pen)
        array = PrimitiveArray(QLineF, 4)
        array.resize(len(lines))
        array.ndarray()[:] = lines
        painter.drawLines(*array.drawargs())
