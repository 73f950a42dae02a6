"""The times in which alerts held, all in one item: made and drawn fast, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QRectF
from PyQt6.QtGui import QColor, QPainter

from app.panels.alert_words import SEVERITIES, seconds_of
from app.theme import colours
from engine.alerts.listing import Alert

SPAN_ALPHA = 60  # of 255
SPAN_Z = -5
SIGN_EM = 1.2  # between two signs, or only the first is drawn
AT = 0.12  # of the height, from above
LEAST_WIDTH = 1.0  # pixels


@dataclass(frozen=True, slots=True)
class _Span:
    from_s: float
    to_s: float
    severity: str


class AlertSpans(pg.GraphicsObject):  # type: ignore[misc]
    """Draws spans over the whole height of its view, each with the sign of its severity."""

    def __init__(self, alerts: Sequence[Alert], until_s: float) -> None:
        """Those that are open reach until a moment."""
        super().__init__()
        self._spans = sorted((_span(alert, until_s) for alert in alerts), key=lambda span: span.from_s)
        self.setZValue(SPAN_Z)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._spans)

    def boundingRect(self) -> QRectF:  # noqa: N802
        """The whole view."""
        area = self.viewRect()
        return QRectF(area) if area is not None else QRectF()

    def viewTransformChanged(self) -> None:  # noqa: N802
        """The view is another."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draws what is seen of them."""
        transform, room = painter.transform(), self.boundingRect()
        seen = [span for span in self._spans if span.to_s >= room.left() and span.from_s <= room.right()]
        edges = sorted((transform.map(room.topLeft()).y(), transform.map(room.bottomLeft()).y()))
        painter.save()
        painter.resetTransform()
        last = float("-inf")
        for span in seen:
            left, right = (transform.map(QPointF(moment, 0)).x() for moment in (span.from_s, span.to_s))
            last = self._draw(painter, span, QRectF(left, edges[0], max(LEAST_WIDTH, right - left), edges[1]), last)
        painter.restore()

    def _draw(self, painter: QPainter, span: _Span, place: QRectF, last: float) -> float:
        """Draws one; returns where the last sign stands."""
        colour, shade = (QColor(severity_colour(span.severity)) for _ in range(2))
        shade.setAlpha(SPAN_ALPHA)
        painter.fillRect(place, shade)
        painter.setPen(colour)
        painter.drawLine(place.topLeft(), place.bottomLeft())
        if place.left() - last < SIGN_EM * painter.fontMetrics().height():
            return last
        base = place.top() + AT * place.height() + painter.fontMetrics().ascent()
        painter.drawText(QPointF(place.left() + 2, base), SEVERITIES.get(span.severity, ("●", ""))[0])
        return place.left()


def _span(alert: Alert, until_s: float) -> _Span:
    over = alert.cleared_at or alert.closed_at
    raised_s = seconds_of(alert.raised_at)
    return _Span(raised_s, max(raised_s, until_s if over is None else seconds_of(over)), alert.severity)


def severity_colour(severity: str) -> str:
    """Returns the colour of a severity, in the look that is in force."""
    return str(getattr(colours(), SEVERITIES.get(severity, ("", "text"))[1]))
