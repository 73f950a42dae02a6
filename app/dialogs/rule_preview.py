"""A rule on the last day of what it is on: its threshold, to be dragged, and the alerts that it would have raised."""

import pyqtgraph as pg
from PyQt6.QtCore import QCoreApplication, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.dialogs.words import FAULT_SIGN, WrappedLabel
from app.panels.alert_marks import level_of
from app.panels.alert_spans import severity_colour
from app.panels.alert_words import SEVERITIES, duration_words
from app.panels.curve_drawing import Line
from app.panels.curve_look import Look
from app.panels.curve_plot import CurvePlot
from app.panels.timeline_drawing import Alerts, TimelineDrawing
from app.running.rule_trial import Order, RuleTrial, Tried
from app.theme import colours, em
from engine.history.series import DAY_S
from engine.rules.rule import Measure
from engine.rules.rulebook import Placed

PULL_MS = 100
SHADES_Z = -5
LEAST_EM = 16, 8
SHARE_DIGITS = 2  # of a threshold that is dragged


class RulePreview(QWidget):
    """Tells which threshold was dragged to; tries what it is given in a thread of its own."""

    dragged = pyqtSignal(float)
    """The level in the rule's own unit."""

    def __init__(self) -> None:
        super().__init__()
        self.trial, self.tried = RuleTrial(), None  # type: RuleTrial, Tried | None
        self.plot, self.words = CurvePlot(), WrappedLabel()
        self.plot.setAccessibleName(self.tr("Count over the last day"))
        self.plot.setMinimumHeight(em(self, LEAST_EM[1]))
        self.level = pg.InfiniteLine(angle=0, movable=True)
        self.clear = pg.InfiniteLine(angle=0)
        self.shades = TimelineDrawing()
        self.shades.setZValue(SHADES_Z)
        self.plot.addItem(self.shades, ignoreBounds=True)
        self._placed: Placed | None = None
        self.plot.lay_over([self.level, self.clear])
        self.level.sigDragged.connect(self._drag)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot, stretch=1)
        column.addWidget(self.words)
        self.setMinimumWidth(em(self, LEAST_EM[0]))
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.pull)
        self._timer.start(PULL_MS)
        self.say("")

    def say(self, words: str) -> None:
        """Says something in place of what was tried."""
        self._placed = None
        self._show_levels()
        self.shades.show_also(alerts=Alerts())
        self.words.setText(words)

    def show_rule(self, order: Order) -> None:
        """Shows the threshold of a rule at once, and soon what it would have done."""
        self._placed = order.placed
        self._show_levels()
        self.trial.ask(order)

    def pull(self) -> None:
        """Takes what was tried; done by itself."""
        tried = self.trial.take()
        if self._placed is None:
            return
        if tried is not None:
            self._show(tried)
        elif self.trial.problem:
            self.words.setText(f"{FAULT_SIGN} {self.trial.problem}")
        elif self.trial.is_busy and self.tried is None:
            self.words.setText(self.tr("Reading the last day…"))

    def finish(self) -> None:
        """Tries no more."""
        self._timer.stop()
        self.trial.close()

    def _show(self, tried: Tried) -> None:
        is_same_day = self.tried is not None and self.tried.day is tried.day
        self.tried = tried
        if not (is_same_day and self.level.moving):
            until = tried.order.until
            self.plot.draw([Line(Look(0), tried.day.series)], (until - DAY_S, until))
        end, severity = float(tried.order.until), SEVERITIES[tried.order.placed.rule.severity.value][1]
        spans = tuple((float(one.raised), end if one.cleared is None else float(one.cleared)) for one in tried.trials)
        self.shades.show_also(alerts=Alerts(spans, severity))
        self.words.setText(tried_words(tried))

    def _show_levels(self) -> None:
        placed = self._placed
        level = level_of(placed) if placed else None
        for line in (self.level, self.clear):
            line.setVisible(level is not None)
        if placed is None or level is None:
            return
        colour = severity_colour(placed.rule.severity.value)
        self.level.setPen(pg.mkPen(colour, width=2))
        self.level.setHoverPen(pg.mkPen(colours().accent, width=4))
        self.clear.setPen(pg.mkPen(colour, width=1, style=Qt.PenStyle.DotLine))
        factor = level / placed.rule.level if placed.rule.level else 1.0
        self.clear.setPos(placed.rule.clear_level * factor)
        if not self.level.moving:
            self.level.setPos(level)

    def _drag(self) -> None:
        if self._placed is None:
            return
        people = max(0.0, float(self.level.value()))
        is_share = self._placed.rule.measure is Measure.SHARE and self._placed.capacity
        share = people / self._placed.capacity if is_share and self._placed.capacity else people
        self.dragged.emit(round(share, SHARE_DIGITS) if is_share else float(round(share)))


def tried_words(tried: Tried) -> str:
    """Returns how often a rule would have raised an alert, and of how much that is said."""
    translate, number = QCoreApplication.translate, len(tried.trials)
    if not tried.day.seconds:
        return translate("Rules", "Nothing is stored of the last day yet; what the rule would have done is not known.")
    alerts = (
        translate("Rules", "1 alert") if number == 1 else translate("Rules", "{number} alerts").format(number=number)
    )
    words = translate("Rules", "On the last day it would have raised {alerts}; {time} of it are known.")
    return words.format(alerts=alerts, time=duration_words(len(tried.day.seconds)))
