"""The time-line of a recording as it is drawn and taken hold of: its curve, its play head, what mouse and wheel want.

It decides nothing: what it is given it draws, and what the hand does it tells.
"""

from enum import Enum, auto
from typing import Any

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QMouseEvent, QWheelEvent

from app.panels.clock_text import MOST_MARKS, clock_text, time_step
from app.panels.timeline_drawing import TimelineDrawing
from app.theme import PLATE_ALPHA, changed, colours, em

LABEL_OVERHANG = 30  # pixels that a label may reach beyond its axis, so that the first one is drawn
GRID_ALPHA = 70
MARK_EM = 6.0  # width that a mark of the time axis takes
NEAR = 6.0  # pixels within which an end or a threshold is taken hold of
DRAGGED = 4.0  # pixels from which on a press is no click
WHEEL_ZOOM, WHEEL_MOVE = 1.25, 0.1  # for each notch; of the view
NOTCH = 120
MARGINS = (0, 6, 22, 0)  # pixels left, top, right and below, for the outermost labels
PLAY_Z, LEVEL_Z = 20, 10
SHORT_S = 10.0  # a view as short as this has marks with fractions of a second


class Hold(Enum):
    """What the hand has taken hold of."""

    NOTHING = auto()
    HEAD = auto()
    SPAN = auto()
    """An end of what is chosen, while the other stays."""
    LEVEL = auto()
    VIEW = auto()


class TimelinePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Tells what the hand wants; times in seconds of the recording."""

    scrub_begun = pyqtSignal()
    scrubbed = pyqtSignal(float)
    """The picture of a time is wanted."""
    scrub_ended = pyqtSignal(bool)
    """Whether it was dragged, and not only clicked."""
    chosen = pyqtSignal(float, float)
    """A part is chosen."""
    level_dragged = pyqtSignal(float)
    """To so many people."""
    zoomed = pyqtSignal(float, float)
    """By a factor, around a time."""
    moved = pyqtSignal(float)
    """By so many seconds."""
    fit_wanted = pyqtSignal()
    resized = pyqtSignal()
    pointed = pyqtSignal(object)
    """The time under the mouse; None without one."""

    def __init__(self) -> None:
        super().__init__()
        self.hold = Hold.NOTHING
        self._anchor_s, self._pressed, self._is_drag = 0.0, QPointF(), False
        self._span: tuple[float | None, float | None] = (None, None)
        self.drawing = TimelineDrawing()
        self.addItem(self.drawing, ignoreBounds=True)
        self.head, self.level, self.clear = pg.InfiniteLine(0), pg.InfiniteLine(angle=0), pg.InfiniteLine(angle=0)
        self.head_words = pg.InfLineLabel(self.head, "", position=0.9, anchors=[(0, 0), (1, 0)])
        for line, z in ((self.head, PLAY_Z), (self.level, LEVEL_Z), (self.clear, LEVEL_Z)):
            line.setZValue(z)
            line.setVisible(False)
            self.addItem(line, ignoreBounds=True)
        self.setAcceptDrops(False)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(em(self, 10), em(self, 6))
        self.setAccessibleName(self.tr("Count over time"))
        self._prepare()
        self._colour()
        changed.connect(self._colour)
        self.getViewBox().sigResized.connect(lambda _: self.resized.emit())

    def show_bounds(self, bounds: tuple[float, float], most: float) -> None:
        """Shows another part of the recording, and the axis of people up to `most`."""
        self.setXRange(*bounds, padding=0)
        self.setYRange(0, most, padding=0)
        self._mark()

    def show_head(self, time_s: float, words: str) -> None:
        """Puts the play head at a time."""
        self.head.setPos(time_s)
        self.head.setVisible(True)
        self.head_words.setFormat(words)

    def hide_head(self) -> None:
        """Takes the play head away."""
        self.head.setVisible(False)

    def show_span(self, begin_s: float | None, end_s: float | None) -> None:
        """Shows what is chosen, as far as it is."""
        self._span = begin_s, end_s
        self.drawing.show_also(begin_s=begin_s, end_s=end_s)

    def show_level(self, level: float | None, clear: float | None = None, severity: str = "warning") -> None:
        """Shows a threshold, and where it is over again; None for none."""
        colour = getattr(colours(), severity)
        for line, at, dash in ((self.level, level, Qt.PenStyle.SolidLine), (self.clear, clear, Qt.PenStyle.DotLine)):
            line.setVisible(at is not None)
            line.setPen(pg.mkPen(colour, width=1, style=dash))
            if at is not None:
                line.setPos(at)

    @property
    def room(self) -> int:
        """Pixels from the left to the right of what is drawn."""
        return max(1, int(self.getViewBox().width()))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zooms around the mouse; sideways, or with Shift, moves."""
        turned, (start, end) = event.angleDelta(), self.viewRange()[0]
        sideways = turned.x() or (turned.y() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        if sideways:
            self.moved.emit(-sideways / NOTCH * WHEEL_MOVE * (end - start))
        elif turned.y():
            self.zoomed.emit(WHEEL_ZOOM ** (-turned.y() / NOTCH), self._time(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Takes hold of what is there."""
        at, at_s = event.position(), self._time(event.position())
        self._pressed, self._is_drag = at, False
        if event.button() == Qt.MouseButton.MiddleButton:
            self.hold = Hold.VIEW
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.hold = self._held(at, shift=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if self.hold is Hold.SPAN:
            self._anchor_s = self._other_end(at)
        elif self.hold is Hold.HEAD:
            self.scrub_begun.emit()
            self.scrubbed.emit(at_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Moves what is held."""
        at, at_s = event.position(), self._time(event.position())
        self._is_drag = self._is_drag or (at - self._pressed).manhattanLength() >= DRAGGED
        match self.hold:
            case Hold.NOTHING:
                self._show_shape(at)
                self.pointed.emit(at_s)
            case Hold.HEAD:
                self.scrubbed.emit(at_s)
            case Hold.SPAN if self._is_drag:
                self.chosen.emit(min(self._anchor_s, at_s), max(self._anchor_s, at_s))
            case Hold.LEVEL:
                self.level_dragged.emit(max(0.0, self._place(at).y()))
            case Hold.VIEW:
                self.moved.emit(self._time(self._pressed) - at_s)
                self._pressed = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Lets go."""
        held, self.hold = self.hold, Hold.NOTHING
        if held is Hold.HEAD:
            self.scrub_ended.emit(self._is_drag)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Shows all of it."""
        self.fit_wanted.emit()

    def leaveEvent(self, event: Any) -> None:  # noqa: N802
        """Nothing is pointed at any more."""
        super().leaveEvent(event)
        self.pointed.emit(None)

    def _other_end(self, at: QPointF) -> float:
        """Returns the end that stays while one is dragged; where none is near, a new part begins."""
        begin_s, end_s = self._span
        if end_s is not None and self._is_near(begin_s, at):
            return end_s
        return begin_s if begin_s is not None and self._is_near(end_s, at) else self._time(at)

    def _held(self, at: QPointF, *, shift: bool) -> Hold:
        if shift or any(self._is_near(end, at) for end in self._span):
            return Hold.SPAN
        return Hold.LEVEL if self._is_at_level(at) else Hold.HEAD

    def _is_near(self, time_s: float | None, at: QPointF) -> bool:
        return time_s is not None and abs(self._pixels(time_s, 0.0).x() - at.x()) <= NEAR

    def _is_at_level(self, at: QPointF) -> bool:
        if not self.level.isVisible():
            return False
        return abs(self._pixels(0.0, float(self.level.value())).y() - at.y()) <= NEAR

    def _show_shape(self, at: QPointF) -> None:
        near_end = any(self._is_near(end, at) for end in self._span)
        shape = Qt.CursorShape.SplitHCursor if near_end else Qt.CursorShape.ArrowCursor
        self.setCursor(Qt.CursorShape.SplitVCursor if not near_end and self._is_at_level(at) else shape)

    def _place(self, at: QPointF) -> QPointF:
        """Returns time and people of a place in pixels."""
        place: QPointF = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(at.toPoint()))
        return place

    def _pixels(self, time_s: float, people: float) -> QPointF:
        scene = self.getPlotItem().getViewBox().mapViewToScene(QPointF(time_s, people))
        return QPointF(self.mapFromScene(scene))

    def _time(self, at: QPointF) -> float:
        return float(self._place(at).x())

    def _colour(self) -> None:
        look, item = colours(), self.getPlotItem()
        self.setBackground(look.panel)
        self.head.setPen(pg.mkPen(look.text, width=1))
        plate = QColor(look.plate)
        plate.setAlpha(PLATE_ALPHA)
        self.head_words.setColor(look.plate_text)
        self.head_words.fill = pg.mkBrush(plate)
        for side in ("bottom", "left"):
            item.getAxis(side).setPen(look.edge)
            item.getAxis(side).setTextPen(look.quiet)
        item.getAxis("right").setPen(look.panel)
        item.getAxis("right").setTickPen(look.quiet)
        self.drawing.update()

    def _prepare(self) -> None:
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        item.hideButtons()
        item.layout.setContentsMargins(*MARGINS)
        for side in ("bottom", "left"):
            axis = item.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickFont=self.font(), hideOverlappingLabels=LABEL_OVERHANG, maxTextLevel=0, tickTextOffset=6)
        item.getAxis("left").setWidth(self.fontMetrics().horizontalAdvance("00000"))
        item.getAxis("bottom").setHeight(self.fontMetrics().height() * 1.4)
        item.getAxis("bottom").tickStrings = _tick_words
        item.showAxis("right")  # it draws the grid, which would take the place of the left axis' first label
        right = item.getAxis("right")
        right.setStyle(showValues=False, tickLength=0, maxTickLevel=0)
        right.setGrid(GRID_ALPHA)
        for side in ("bottom", "left", "right"):  # they cost more than all else, and change seldom
            item.getAxis(side).setCacheMode(right.CacheMode.DeviceCoordinateCache)

    def _mark(self) -> None:
        start, end = self.viewRange()[0]
        most = min(MOST_MARKS, self.width() // em(self, MARK_EM))
        step: float = time_step(end - start, most)
        if end - start < SHORT_S:
            step = next((each for each in (0.1, 0.2, 0.5, 1.0) if each >= (end - start) / max(1, most)), 2.0)
        self.getAxis("bottom").setTickSpacing(step, step)


def _tick_words(values: list[float], scale: float, spacing: float) -> list[str]:
    """Returns the words at marks of the time axis."""
    if spacing >= 1:
        return [clock_text(round(value, 3)) for value in values]
    return [f"{clock_text(value + 1e-6)}.{int(10 * (value + 1e-6)) % 10}" for value in values]
