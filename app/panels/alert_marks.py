"""What lies over the curve: thresholds of rules as lines, alerts as spans, each with a word or a sign of its own."""

from collections.abc import Sequence
from itertools import pairwise
from time import time

import pyqtgraph as pg
from PyQt6.QtCore import QObject, Qt

from app.panels.alert_spans import AlertSpans, severity_colour
from app.panels.curve_dock import Configured, CurveDock
from app.running.alerts import Alerts
from app.theme import changed, colours
from engine.alerts.orders import placed_of
from engine.rules.rule import Measure
from engine.rules.rulebook import Placed
from engine.rules.series import Subject

OPEN_S = 10 * 86_400.0  # by which the span of an open alert reaches beyond now, so that it need not be moved
LINE_Z = 5
LABEL_AT, ASIDE = 0.985, 0.16  # of a threshold's length: where its label is, and how far from it that of a near one
NEAR = 0.12  # of the highest threshold: their labels would lie over each other


class AlertMarks(QObject):
    """Keeps the marks of one curve; they are made anew when what they show changes."""

    def __init__(self, curve: CurveDock, alerts: Alerts, configured: Configured) -> None:
        super().__init__(curve)
        self._curve, self._alerts, self._configured = curve, alerts, configured
        self.thresholds: list[pg.InfiniteLine] = []
        self.spans = AlertSpans((), 0.0)
        for signal in (alerts.changed, curve.choice.changed, configured.changed, changed):
            signal.connect(self.lay)
        self.lay()

    def lay(self) -> None:
        """Makes the marks of what is drawn now."""
        subjects = set(self._curve.choice.ticked)
        placed = [each for each in placed_of(self._configured.config) if each.subject in subjects]
        levels = [(each, level) for each in placed if (level := level_of(each)) is not None]
        asides = label_asides([level for _, level in levels])
        self.thresholds = [threshold_line(each, aside) for (each, _), aside in zip(levels, asides, strict=True)]
        wanted = [alert for alert in self._alerts.all if Subject(alert.owner, alert.zone) in subjects]
        self.spans = AlertSpans(wanted, time() + OPEN_S)
        self._curve.lay_over([self.spans, *self.thresholds])


def level_of(placed: Placed) -> float | None:
    """Returns the level of a rule in people; None where it compares something else."""
    if placed.rule.measure is Measure.COUNT:
        return placed.rule.level
    if placed.rule.measure is Measure.SHARE and placed.capacity:
        return placed.rule.level * placed.capacity
    return None


def threshold_words(placed: Placed) -> str:
    """Returns what stands at the line of a rule's level, such as '▲ crowd 25'."""
    return f"{'▲' if placed.rule.is_above else '▼'} {placed.rule.name} {level_of(placed):g}"


def label_asides(levels: Sequence[float]) -> list[int]:
    """Returns how many places to the left the label of each level stands, so that near ones lie beside each other."""
    asides, apart = [0] * len(levels), NEAR * max(map(abs, levels), default=0.0)
    order = sorted(range(len(levels)), key=levels.__getitem__)
    for before, place in pairwise(order):
        asides[place] = asides[before] + 1 if levels[place] - levels[before] < apart else 0
    return asides


def threshold_line(placed: Placed, aside: int = 0) -> pg.InfiniteLine:
    """Returns the line of a rule's level, with the rule's name, so many places to the left of the usual one."""
    colour = severity_colour(placed.rule.severity.value)
    line = pg.InfiniteLine(
        pos=level_of(placed),
        angle=0,
        pen=pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine),
        label=threshold_words(placed),
        labelOpts={
            "position": max(ASIDE, LABEL_AT - aside * ASIDE),
            "color": colour,
            "anchors": [(1, 0), (1, 1)],  # away from the border that is nearer
            "fill": colours().panel,
        },
    )
    line.setZValue(LINE_Z)
    return line
