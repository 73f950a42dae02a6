"""What lies on the time-line of a recording, in one item: drawn in pixels, with what Qt draws fastest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPolygonF
from pyqtgraph.functions import arrayToQPolygonF

from app.panels.counted import Floats
from app.panels.curve_drawing import Scale, draw_lines, thickened, thin_pen
from app.panels.curve_look import Look
from app.panels.timeline_marks import Marks, draw_names, draw_raised, draw_thresholds
from app.panels.timeline_stretch import Span, Stretch
from app.theme import colours

Bounds = Callable[[Floats], tuple[Floats, Floats]]
CERTAINTY_ALPHA = 35  # of 255
BAND_ALPHA, ALERT_ALPHA, CHOSEN_ALPHA, HATCH_ALPHA = 80, 70, 60, 150  # of 255
WIDTH = 2  # of a line, in pixels
SIGN = 5.0  # height of the strip that marks alerts, in pixels, and of a gap's sign
LEAST_WIDTH = 2.0  # of what has to be seen however short it is
HANDLE = 7.0  # of the ends of what is chosen
OTHER = Look(1)
"""Of what was counted in another way."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Spans in which alerts held."""

    spans: tuple[Span, ...] = ()
    severity: str = "warning"
    """The name of a colour."""


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is drawn."""

    counts: Stretch | None = None
    certainty: Bounds | None = None
    """Returns between which numbers of people the truth lies where so many are counted."""
    other: Stretch | None = None
    """Counted in another way."""
    marks: Marks = field(default_factory=Marks)
    zones: Sequence[Stretch] = ()
    """Of those that the marks have."""
    uncounted: Sequence[Span] = ()
    gaps: Sequence[Span] = ()
    alerts: Alerts = field(default_factory=Alerts)
    begin_s: float | None = None
    """Of what is chosen, as far as it is."""
    end_s: float | None = None


class TimelineDrawing(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws over its whole view."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = Shown()

    def show_also(self, **parts: object) -> None:
        """Draws other parts of `Shown` in place of those before."""
        self.shown = replace(self.shown, **parts)  # type: ignore[arg-type]
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
        """Draws grounds first, lines last."""
        transform, room = painter.transform(), painter.transform().mapRect(self.boundingRect())
        scale = Scale(transform.m11(), transform.dx(), transform.m22(), transform.dy())
        painter.save()
        painter.resetTransform()
        canvas = _Canvas(painter, scale, room)
        shown, look = self.shown, colours()
        canvas.alerts(shown.alerts)
        draw_raised(painter, scale, room, shown.marks)
        canvas.uncounted(shown.uncounted)
        canvas.chosen(shown.begin_s, shown.end_s)
        if shown.counts is not None and shown.certainty is not None:
            low, high = shown.certainty(shown.counts.mean)
            canvas.band(replace(shown.counts, least=low, most=high), look.accent, CERTAINTY_ALPHA)
        if shown.counts is not None:
            canvas.band(shown.counts, look.accent)
        for zone, each in zip(shown.marks.zones, shown.zones, strict=False):
            canvas.line(each, zone.look.colour, dash=zone.look.dash)
        if shown.other is not None:
            canvas.line(shown.other, OTHER.colour, dash=OTHER.dash)
        if shown.counts is not None:
            canvas.line(shown.counts, look.accent)
        draw_thresholds(painter, scale, room, shown.marks.thresholds)
        draw_names(painter, scale, room, list(zip(shown.marks.zones, shown.zones, strict=False)))
        canvas.gaps(shown.gaps)
        painter.restore()


@dataclass(frozen=True, slots=True)
class _Canvas:
    painter: QPainter
    scale: Scale
    room: QRectF

    def alerts(self, alerts: Alerts) -> None:
        """Colours the spans, with a strip at the top that is not told by its colour alone."""
        colour = QColor(getattr(colours(), alerts.severity))
        ground = QColor(colour)
        ground.setAlpha(ALERT_ALPHA)
        for span in alerts.spans:
            place = self._place(span)
            self.painter.fillRect(place, ground)
            self.painter.fillRect(QRectF(place.left(), place.top(), place.width(), SIGN), colour)

    def uncounted(self, spans: Sequence[Span]) -> None:
        colour = QColor(colours().edge)
        colour.setAlpha(HATCH_ALPHA)
        for span in spans:
            self.painter.fillRect(self._place(span), QBrush(colour, Qt.BrushStyle.BDiagPattern))

    def chosen(self, begin_s: float | None, end_s: float | None) -> None:
        """Colours what is chosen; its ends have handles, towards the inside."""
        colour = QColor(colours().focus)
        if begin_s is not None and end_s is not None:
            ground = QColor(colour)
            ground.setAlpha(CHOSEN_ALPHA)
            self.painter.fillRect(self._place((begin_s, end_s)), ground)
        for at_s, side in ((begin_s, 0.0), (end_s, -HANDLE)):
            if at_s is not None and self._is_seen(at_s):
                x = self._across(at_s)
                self.painter.fillRect(QRectF(x - 1, self.room.top(), 2, self.room.height()), colour)
                self.painter.fillRect(QRectF(x + side, self.room.top(), HANDLE, 2 * HANDLE), colour)

    def band(self, stretch: Stretch, colour: str, alpha: int = BAND_ALPHA) -> None:
        """Fills what lies between the least and the most of the buckets that are joined."""
        shade = QColor(colour)
        shade.setAlpha(alpha)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(shade)
        x = self.scale.across(stretch.times)
        high, low = self.scale.down(stretch.most), self.scale.down(stretch.least)
        bounds = [0, *(np.flatnonzero(~stretch.joined) + 1).tolist(), len(x)]
        for start, end in pairwise(bounds):
            if end - start > 1 and (high[start:end] != low[start:end]).any():
                outline = np.concatenate([high[start:end], low[start:end][::-1]])
                polygon: QPolygonF = arrayToQPolygonF(np.concatenate([x[start:end], x[start:end][::-1]]), outline)
                self.painter.drawPolygon(polygon)

    def line(self, stretch: Stretch, colour: str, *, dash: Sequence[float] = ()) -> None:
        """Draws the means; one that is joined to none is a short line by itself."""
        x, y = self.scale.across(stretch.times), self.scale.down(stretch.mean)
        pieces = np.stack([x[:-1], y[:-1], x[1:], y[1:]], axis=1)[stretch.joined]
        if dash:
            phases = np.searchsorted(np.cumsum(dash), pieces[:, 0] % sum(dash), side="right")
            pieces = pieces[(phases % 2 == 0) | (pieces[:, 2] - pieces[:, 0] > min(dash))]
        alone = ~(np.append(False, stretch.joined) | np.append(stretch.joined, False))[: len(x)]
        islands = np.stack([x[alone] - WIDTH, y[alone], x[alone] + WIDTH, y[alone]], axis=1)
        fine = self._fine()
        lines = thickened(np.concatenate([pieces, islands]), round(WIDTH / fine), fine)
        draw_lines(self.painter, thin_pen(colour), lines)

    def gaps(self, spans: Sequence[Span]) -> None:
        """Marks at the foot where frames are missing, which may be too short to be seen as holes."""
        colour = QColor(colours().warning)
        for span in spans:
            place = self._place(span)
            self.painter.fillRect(QRectF(place.left(), place.bottom() - SIGN, place.width(), SIGN), colour)

    def _fine(self) -> float:
        device = self.painter.device()
        return 1 / device.devicePixelRatioF() if device else 1.0

    def _across(self, time_s: float) -> float:
        return float(self.scale.across(np.array(time_s)))

    def _is_seen(self, time_s: float) -> bool:
        return self.room.left() - 1 <= self._across(time_s) <= self.room.right() + 1

    def _place(self, span: Span) -> QRectF:
        """Returns where a span is seen."""
        left, right = (min(max(self._across(at), self.room.left()), self.room.right()) for at in span)
        is_seen = span[1] >= 0 and self._across(span[1]) >= self.room.left()
        width = max(LEAST_WIDTH if is_seen and self._across(span[0]) <= self.room.right() else 0.0, right - left)
        return QRectF(left, self.room.top(), width, self.room.height())
