"""What a log and its rules say of a camera's footage, drawn on its time-line beside the count.

Alerts that were raised have a lane of their own at the top, with sign and rule, so that nobody takes them for those
that a rule would have raised, which colour the whole height and have no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen

from app.panels.alert_words import SEVERITIES
from app.panels.counted import Counted, Floats
from app.panels.curve_drawing import Scale
from app.panels.curve_look import Look
from app.panels.timeline_stretch import Stretch
from app.theme import colours

GROUND_ALPHA, LANE_ALPHA = 26, 110  # of 255
TOP = 7.0  # of the lane, in pixels, below the strip of alerts that would have been raised
LANE_EM, MOST_LANES = 1.15, 3  # its height; alerts that hold at once lie beneath each other
WORDS_EM = 2.5  # of a span, from which on there is room for words
SIGN_EM = 1.2  # between two signs, or only the first is drawn
LEAST_WIDTH = 2.0  # pixels
LABEL_GAP = 4.0


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that was raised, in seconds of the recording."""

    begin_s: float
    end_s: float
    severity: str
    words: str
    """Its rule, and its zone."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The level of a rule."""

    people: float
    words: str
    severity: str


@dataclass(frozen=True, slots=True)
class Zone:
    """The count of a zone, as a further curve."""

    name: str
    look: Look
    counted: Counted = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """All of them; alerts rise by their begins."""

    raised: tuple[Raised, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    zones: tuple[Zone, ...] = ()
    begins: Floats = field(init=False, repr=False)
    ends: Floats = field(init=False, repr=False)
    lanes: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Has the columns that are drawn from."""
        object.__setattr__(self, "begins", np.array([each.begin_s for each in self.raised]))
        object.__setattr__(self, "ends", np.array([each.end_s for each in self.raised]))
        object.__setattr__(self, "lanes", lanes_of(self.raised))


def lanes_of(raised: Sequence[Raised]) -> tuple[int, ...]:
    """Returns for each alert the first lane that is free when it begins; the last where none is."""
    free_at, found = [0.0] * MOST_LANES, []
    for each in raised:
        lane = next((lane for lane, free_s in enumerate(free_at) if free_s <= each.begin_s), MOST_LANES - 1)
        free_at[lane] = max(free_at[lane], each.end_s)
        found.append(lane)
    return tuple(found)


def draw_raised(painter: QPainter, scale: Scale, room: QRectF, marks: Marks) -> None:
    """Draws the alerts that are seen: a faint ground, and in the lane at the top what each is."""
    left, right = (scale.across(each) for each in (marks.begins, marks.ends))
    said_to = [float("-inf")] * MOST_LANES
    for at in np.flatnonzero((right >= room.left()) & (left <= room.right())):
        begin, end = max(float(left[at]), room.left()), min(float(right[at]), room.right())
        place = QRectF(begin, room.top(), max(LEAST_WIDTH, end - begin), room.height())
        lane = marks.lanes[at]
        bar = _draw_span(painter, place, lane, marks.raised[at])
        if bar.left() >= said_to[lane]:
            said_to[lane] = _draw_words(painter, bar, marks.raised[at])


def _draw_span(painter: QPainter, place: QRectF, lane: int, alert: Raised) -> QRectF:
    """Draws when one alert held; returns the part of its lane that it takes."""
    height = LANE_EM * painter.fontMetrics().height()
    colour = QColor(getattr(colours(), SEVERITIES.get(alert.severity, ("", "text"))[1]))
    bar = QRectF(place.left(), place.top() + TOP + lane * height, place.width(), height)
    for area, alpha in ((place, GROUND_ALPHA), (bar, LANE_ALPHA)):
        shade = QColor(colour)
        shade.setAlpha(alpha)
        painter.fillRect(area, shade)
    painter.setPen(colour)
    painter.drawLine(place.topLeft(), place.bottomLeft())
    return bar


def _draw_words(painter: QPainter, bar: QRectF, alert: Raised) -> float:
    """Writes what an alert is, or its sign where there is no room for more; returns where the next may be written."""
    metrics, symbol = painter.fontMetrics(), SEVERITIES.get(alert.severity, ("●", ""))[0]
    words, em = f"{symbol} {alert.words}", metrics.height()
    has_room = bar.width() >= WORDS_EM * em
    words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, int(bar.width() - LABEL_GAP)) if has_room else symbol
    painter.setPen(QColor(colours().text))
    painter.drawText(QPointF(bar.left() + LABEL_GAP / 2, bar.top() + metrics.ascent()), words)
    return bar.left() + max(SIGN_EM * em, float(metrics.horizontalAdvance(words)))


def draw_names(painter: QPainter, scale: Scale, room: QRectF, zones: Sequence[tuple[Zone, Stretch]]) -> None:
    """Writes the names of zones where their curves begin in sight."""
    metrics, panel = painter.fontMetrics(), QColor(colours().panel)
    for zone, curve in zones:
        seen = np.flatnonzero(scale.across(curve.times) >= room.left())
        if not len(seen) or scale.across(curve.times)[seen[0]] > room.right():
            continue
        x, y = float(scale.across(curve.times)[seen[0]]), float(scale.down(curve.mean)[seen[0]])
        width = metrics.horizontalAdvance(zone.name) + 2 * LABEL_GAP
        top = max(room.top(), y - metrics.height() - LABEL_GAP)
        plate = QRectF(min(x + LABEL_GAP, room.right() - width), top, width, metrics.height())
        painter.fillRect(plate, panel)
        painter.fillRect(QRectF(plate.left(), plate.top(), LABEL_GAP / 2, plate.height()), QColor(zone.look.colour))
        painter.setPen(QColor(colours().text))
        painter.drawText(QPointF(plate.left() + LABEL_GAP, plate.top() + metrics.ascent()), zone.name)


def draw_thresholds(painter: QPainter, scale: Scale, room: QRectF, thresholds: Sequence[Threshold]) -> None:
    """Draws the levels of rules as dashed lines, with their words at the right end."""
    metrics, panel = painter.fontMetrics(), QColor(colours().panel)
    for each in thresholds:
        y = float(scale.down(np.array(each.people)))
        if not room.top() <= y <= room.bottom():
            continue
        colour = QColor(getattr(colours(), SEVERITIES.get(each.severity, ("", "text"))[1]))
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
        width = metrics.horizontalAdvance(each.words) + LABEL_GAP
        top = y - metrics.height() if y - metrics.height() >= room.top() else y
        plate = QRectF(room.right() - width - LABEL_GAP, top, width, metrics.height())
        painter.fillRect(plate, panel)
        painter.drawText(QPointF(plate.left() + LABEL_GAP / 2, plate.top() + metrics.ascent()), each.words)
