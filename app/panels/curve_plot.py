"""The drawing of a curve: lines with their bands over the time of day, a cross-hair, and what the hand does to it.

It decides nothing: what it is asked for it draws, and what mouse and keys want it tells.
"""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent

from app.panels.curve_drawing import CurveDrawing, Line
from app.panels.day_marks import DAY_S, mark_step, mark_text, marks
from app.theme import changed, colours
from engine.history.series import Grid

LEAST_PEOPLE = 10.0  # that the axis reaches to, so that noise around an empty square does not look like a crowd
HEADROOM = 1.08
GRID_ALPHA = 70
MARK_EM, DAY_MARK_EM = 5.0, 7.0  # room for the words of a mark: a time, or a day
WHEEL_ZOOM = 1.2  # for each notch
NOTCH = 120
FAR = 10  # buckets that the cross-hair goes with Shift
FARTHEST_CAPACITY = 4.0  # times what is counted: beyond that its line would press the curve to the ground


class _Hand(pg.ViewBox):  # type: ignore[misc]
    """Says what wheel and mouse want, in place of doing it."""

    def __init__(self, plot: "CurvePlot") -> None:
        super().__init__(enableMenu=False)
        self._plot = plot
        self.setMouseEnabled(x=False, y=False)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:  # noqa: N802
        """Zooms around the mouse."""
        at_s = self.mapSceneToView(event.scenePos()).x()
        self._plot.zoomed.emit(WHEEL_ZOOM ** (-event.delta() / NOTCH), at_s)
        event.accept()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:  # noqa: N802
        """Moves through time."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        event.accept()
        before, now = (self.mapSceneToView(point).x() for point in (event.lastScenePos(), event.scenePos()))
        self._plot.moved.emit(before - now)


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Marks that are even on the local clock."""

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        """Returns one level of marks, as many as have room."""
        step_s = mark_step(maxVal - minVal, int(size / (MARK_EM * self.em)))
        if step_s >= DAY_S:
            step_s = mark_step(maxVal - minVal, int(size / (DAY_MARK_EM * self.em)))
        return [(step_s, marks(minVal, maxVal, step_s))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Returns the words at marks."""
        return [mark_text(value, int(spacing)) for value in values]

    em = 14.0


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]
    """Draws lines; a cross-hair stands where the mouse is, or where the arrow keys bring it."""

    zoomed = pyqtSignal(float, float)
    """By a factor, around a moment."""
    moved = pyqtSignal(float)
    """By so many seconds, later above zero."""
    pointed = pyqtSignal(object)
    """The moment at which the cross-hair is now; None without one."""

    def __init__(self) -> None:
        axis = _TimeAxis("bottom")
        super().__init__(viewBox=_Hand(self), axisItems={"bottom": axis})
        self._axis, self._grid = axis, Grid(0, 1, 1)
        self._drawing = CurveDrawing()
        self.addItem(self._drawing, ignoreBounds=True)
        self._laid_over: list[pg.GraphicsObject] = []
        self.cursor_s: float | None = None
        """Where the cross-hair is."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Count over time"))
        self.setToolTip(self.tr("←/→ read values, Page Up/Down move, +/− zoom, Home goes live, Esc puts away the line"))
        self.setMouseTracking(True)
        self._cross = pg.InfiniteLine()
        self._cross.setVisible(False)
        self._cross.setZValue(10)
        self.addItem(self._cross, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._follow_mouse)
        self._prepare_axes()
        self._colour()
        changed.connect(self._colour)

    def draw(self, lines: Sequence[Line], bounds: tuple[float, float]) -> None:
        """Draws lines, all of one grid, between two moments."""
        if lines:
            self._grid = lines[0].series.grid
        self.show_bounds(bounds)
        levels = [item.value() for item in self._laid_over if isinstance(item, pg.InfiniteLine) and item.angle == 0]
        self.setYRange(0, _reach(lines, levels), padding=0)
        self._drawing.show_lines(lines)

    def show_bounds(self, bounds: tuple[float, float]) -> None:
        """Shows another stretch of what is drawn; a cross-hair that is left behind goes away."""
        self.setXRange(*bounds, padding=0)
        if self.cursor_s is not None and not bounds[0] <= self.cursor_s <= bounds[1]:
            self.point_at(None)

    def lay_over(self, items: Sequence[pg.GraphicsObject]) -> None:
        """Lays items over the curve, in place of those before; their axes are seconds since 1970 and people."""
        for item in self._laid_over:
            self.removeItem(item)
        self._laid_over = list(items)
        for item in items:
            self.addItem(item, ignoreBounds=True)

    def point_at(self, moment_s: float | None) -> None:
        """Puts the cross-hair there, or away."""
        if moment_s == self.cursor_s:
            return
        self.cursor_s = moment_s
        self._cross.setVisible(moment_s is not None)
        if moment_s is not None:
            self._cross.setPos(moment_s)
        self.pointed.emit(moment_s)

    @property
    def room(self) -> float:
        """Pixels from the left to the right of what is drawn."""
        return float(self.getViewBox().width())

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Reads values, moves and zooms."""
        if event is None:
            return
        start_s, end_s = self.viewRange()[0]
        step_s = self._grid.step_s * (FAR if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        middle_s = self.cursor_s if self.cursor_s is not None else (start_s + end_s) / 2
        match event.key():
            case Qt.Key.Key_Left:
                self._step(-step_s)
            case Qt.Key.Key_Right:
                self._step(step_s)
            case Qt.Key.Key_PageUp:
                self.moved.emit((start_s - end_s) / 2)
            case Qt.Key.Key_PageDown:
                self.moved.emit((end_s - start_s) / 2)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoomed.emit(1 / WHEEL_ZOOM, middle_s)
            case Qt.Key.Key_Minus:
                self.zoomed.emit(WHEEL_ZOOM, middle_s)
            case Qt.Key.Key_Home:
                self.moved.emit(float("inf"))
            case Qt.Key.Key_Escape if self.cursor_s is not None:
                self.point_at(None)
            case _:
                event.ignore()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        """Puts the cross-hair away with the mouse."""
        super().leaveEvent(event)
        self.point_at(None)

    def _step(self, by_s: float) -> None:
        start_s, end_s = self.viewRange()[0]
        at_s = self.cursor_s if self.cursor_s is not None else end_s - by_s
        self.point_at(min(max(at_s + by_s, start_s), end_s))

    def _follow_mouse(self, position: QPointF) -> None:
        box = self.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.point_at(float(box.mapSceneToView(position).x()) if inside else None)

    def _prepare_axes(self) -> None:
        self.setAcceptDrops(False)
        item = self.getPlotItem()
        item.hideButtons()
        self._axis.em = float(self.fontMetrics().averageCharWidth() * 2)
        for side in ("bottom", "left"):
            axis = item.getAxis(side)
            axis.setStyle(tickFont=self.font(), maxTextLevel=0, maxTickLevel=0, hideOverlappingLabels=side == "left")
            axis.enableAutoSIPrefix(False)
            axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)
        item.getAxis("left").setWidth(self.fontMetrics().horizontalAdvance("00000"))
        item.getAxis("bottom").setHeight(self.fontMetrics().height() * 1.4)
        item.showGrid(x=False, y=True, alpha=GRID_ALPHA / 255)

    def _colour(self) -> None:
        look = colours()
        self.setBackground(look.panel)
        self._cross.setPen(pg.mkPen(look.text, width=1, style=Qt.PenStyle.DashLine))
        for side in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(look.edge)
            axis.setTextPen(look.quiet)


def _reach(lines: Sequence[Line], levels: Sequence[float]) -> float:
    """Returns up to where the axis of people goes, in steps, so that it does not tremble."""
    highest = [np.fmax.reduce(values) for line in lines for values in (line.series.mean, line.series.most)]
    most = max([LEAST_PEOPLE, *(float(value) for value in highest if not np.isnan(value))])
    wanted_levels = [*(line.capacity or 0 for line in lines), *levels]
    near = [level for level in wanted_levels if level <= FARTHEST_CAPACITY * most]
    wanted = max([most, *near]) * HEADROOM
    unit = 10.0 ** np.floor(np.log10(wanted)) / 2
    return cast(float, np.ceil(wanted / unit) * unit)
