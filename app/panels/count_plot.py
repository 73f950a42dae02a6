"""The curve of counts over the time of the recording, with a line where the recording is now; a click leads there.

What is not counted yet is hatched.
"""

import pyqtgraph as pg
from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QBrush, QColor, QMouseEvent, QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.clock_text import MOST_MARKS, axis_end, clock_text, time_step
from app.panels.curve import ROOM, Curve
from app.panels.panel import title
from app.running.feed import Point
from app.theme import changed, colours, em

LEAST_PEOPLE = 10.0  # that the axis reaches to, so that noise around an empty square does not look like a crowd
HEADROOM = 1.12
LABEL_OVERHANG = 30  # pixels that a label may reach beyond its axis, so that the first one is drawn
GRID_ALPHA = 70
UNCOUNTED_S = 0.25
MARK_EM = 6.0  # width that a mark of the time axis takes
AXES = {"bottom": "time (m:ss)", "left": "people"}
PART = 64  # buckets that are drawn together: only what changed is drawn anew
MARGINS = (0, 10, 22, 0)  # pixels left, top, right and below, for the outermost labels


class _Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Tells at which time the mouse is while it is pressed."""

    pressed_at = pyqtSignal(float)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Leads to a time."""
        self._tell(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Leads on, while it is pressed."""
        self._tell(event)

    def _tell(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            place = self.getPlotItem().getViewBox().mapSceneToView(self.mapToScene(event.pos()))
            self.pressed_at.emit(float(place.x()))


class CountPlot(QWidget):
    """Takes points as they come and draws the whole curve."""

    sought = pyqtSignal(float)
    """Somebody wants to see the picture of a time, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._data, self._duration_s, self._end_s = Curve(), 0.0, 0.0
        self._counted_s = 0.0
        self._looked_s: float | None = None
        """The time that is looked at, if that is not what is counted."""
        self._plot = _Plot()
        self._plot.pressed_at.connect(self._seek)
        self._plot.setToolTip(self.tr("Click or drag to see the picture of a time; hatched: not counted yet"))
        self._plot.setAcceptDrops(False)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMinimumSize(em(self, 10), em(self, 7.5))
        item = self._plot.getPlotItem()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        item.hideButtons()
        item.layout.setContentsMargins(*MARGINS)
        self._parts = [pg.PlotCurveItem(antialias=True, connect="finite") for _ in range(0, ROOM, PART)]
        for part in self._parts:
            item.addItem(part)
        self._uncounted = pg.LinearRegionItem((0, 0), movable=False, pen=pg.mkPen(None))
        item.addItem(self._uncounted)
        self._now = pg.InfiniteLine(0)
        item.addItem(self._now)
        _prepare_axes(item)
        column = QVBoxLayout(self)
        column.setContentsMargins(em(self, 0.9), em(self, 0.6), em(self, 0.9), em(self, 0.4))
        column.addWidget(title("People over time"))
        column.addWidget(self._plot)
        self._colour()
        changed.connect(self._colour)
        self.begin(None)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Marks the axis as closely as there is room."""
        super().resizeEvent(event)
        self._mark()

    def begin(self, duration_s: float | None) -> None:
        """Starts an empty curve for a recording of this length, if it is known."""
        self._data, self._duration_s, self._looked_s = Curve(), duration_s or 0.0, None
        self._draw(0.0, 0)

    def add(self, points: list[Point]) -> None:
        """Draws further points."""
        if points:
            changed = self._data.add(points)
            self._draw(points[-1].time_s, changed)

    def look_at(self, time_s: float) -> None:
        """Puts the line at a time that is looked at, whatever is counted."""
        if time_s != self._looked_s:
            self._looked_s = time_s
            self._now.setPos(time_s)

    @property
    def uncounted_s(self) -> float:
        """Seconds of it that are not counted yet; what is less than a hundredth of it is its last frame."""
        left_s = self._duration_s - self._counted_s
        return left_s if left_s > max(UNCOUNTED_S, self._duration_s / 100) else 0.0

    @property
    def points(self) -> int:
        """How many points the curve has."""
        return self._data.points

    def _seek(self, time_s: float) -> None:
        if self.points:
            self.sought.emit(min(max(0.0, time_s), self._end_s))

    def _colour(self) -> None:
        look, item = colours(), self._plot.getPlotItem()
        self._plot.setBackground(look.panel)
        for part in self._parts:
            part.setPen(pg.mkPen(look.accent, width=2))
        self._uncounted.setBrush(QBrush(QColor(look.edge), Qt.BrushStyle.BDiagPattern))
        self._now.setPen(pg.mkPen(look.text, width=1, style=Qt.PenStyle.DashLine))
        for side, words in AXES.items():
            item.getAxis(side).setLabel(words, color=look.quiet)
            item.getAxis(side).setPen(look.edge)
            item.getAxis(side).setTextPen(look.quiet)
        item.getAxis("right").setPen(look.panel)
        item.getAxis("right").setTickPen(look.quiet)

    def _draw(self, now_s: float, changed: int) -> None:
        """Draws anew the parts from a bucket that changed; each begins where the one before it ends."""
        for number in range(changed // PART, len(self._parts) if changed == 0 else len(self._data) // PART + 1):
            first = number * PART
            self._parts[number].setData(*self._data.drawn(max(0, first - 1), first + PART))
        self._counted_s = now_s
        self._now.setPos(now_s if self._looked_s is None else self._looked_s)
        self._now.setVisible(self.points > 0)
        end = max(now_s, self._duration_s) or axis_end(now_s, None)
        self._uncounted.setRegion((now_s, end))
        self._uncounted.setVisible(self.uncounted_s > 0)
        self._plot.setXRange(0, end, padding=0)
        self._plot.setYRange(0, max(LEAST_PEOPLE, self._data.most * HEADROOM), padding=0)
        self._end_s = end
        self._mark()

    def _mark(self) -> None:
        step = time_step(self._end_s, min(MOST_MARKS, self._plot.width() // em(self, MARK_EM)))
        self._plot.getAxis("bottom").setTickSpacing(step, step)


def _prepare_axes(item: pg.PlotItem) -> None:
    for side in AXES:
        axis = item.getAxis(side)
        axis.enableAutoSIPrefix(False)
        axis.setStyle(hideOverlappingLabels=LABEL_OVERHANG, maxTextLevel=0, tickTextOffset=6)
    item.getAxis("left").setWidth(56)
    item.getAxis("bottom").tickStrings = lambda values, scale, spacing: [clock_text(value) for value in values]
    item.showAxis("right")  # it draws the grid, which would take the place of the left axis' first label
    right = item.getAxis("right")
    right.setStyle(showValues=False, tickLength=0, maxTickLevel=0)
    right.setGrid(GRID_ALPHA)
