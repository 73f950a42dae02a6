"""The curves of days that are over, zoomed and moved within them; the list of what is drawn is placed by others."""

from collections.abc import Mapping, Sequence

import pyqtgraph as pg
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.alert_spans import AlertSpans
from app.panels.curve_drawing import Line
from app.panels.curve_lines import title
from app.panels.curve_look import Look
from app.panels.curve_plot import CurvePlot
from app.panels.curve_view import MOST_POINTS
from app.panels.curve_words import bucket_words, moment_words
from app.panels.history_choice import HistoryChoice
from app.panels.history_lines import Drawn
from app.panels.history_span import Span
from app.panels.history_words import column_words, other_words
from app.theme import changed, colours
from engine.alerts.listing import Alert
from engine.history.periods import Period
from engine.history.series import Grid
from engine.rules.series import Subject

SHORTEST_S = 60.0
LEAST_POINTS = 50
AROUND_S, AROUND_PART = 900.0, 24
"""What is shown on either side of a moment that somebody is led to: so long, or this part of the span."""
MARK_AT = 0.9  # of the height


class HistoryCurve(QWidget):
    """Says which buckets it has room for; draws the lines that it is given."""

    wanted = pyqtSignal()
    """Another stretch of time is seen, or there is other room."""
    pointed = pyqtSignal()
    """The cross-hair is elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.plot, self.choice = CurvePlot(), HistoryChoice()
        self.whole: tuple[float, float] = (0.0, 1.0)
        """The span in which it can be moved."""
        self.bounds = self.whole
        """What is seen of it."""
        self.drawn = Drawn()
        self._alerts: Sequence[Alert] = ()
        self._mark: tuple[float, str] | None = None
        self._now_s, self._others = 0.0, ""
        self.plot.setToolTip(
            self.tr("←/→ read values, Page Up/Down move, +/− zoom, Home shows all of it, Esc puts away the line")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self.plot.zoomed.connect(self._zoom)
        self.plot.moved.connect(self._move)
        self.plot.pointed.connect(lambda _: self.pointed.emit())
        changed.connect(self._lay)

    def begin(self, span: Period) -> None:
        """Goes to another span; what was drawn of the one before is gone."""
        self.whole = float(span.from_s), float(span.to_s)
        self._mark, self.drawn, self._alerts = None, Drawn(), ()
        self.plot.point_at(None)
        self.plot.draw([], self.whole)
        self._lay()
        self._show(self.whole)

    @property
    def grid(self) -> Grid:
        """The buckets for which there is room."""
        return Grid.over(*self.bounds, points=int(min(max(self.plot.room, LEAST_POINTS), MOST_POINTS)))

    def show_lines(self, drawn: Drawn) -> None:
        """Draws these."""
        self.drawn = drawn
        self.plot.draw(drawn.all, self.bounds)
        self.pointed.emit()

    def show_alerts(self, alerts: Sequence[Alert], now_s: float) -> None:
        """Lays the times in which alerts held over the lines."""
        self._alerts, self._now_s = alerts, now_s
        self._lay()

    def lead_to(self, moment_s: float, words: str) -> None:
        """Shows a moment with what is around it, with a mark that says what is there, and the cross-hair."""
        around_s = max(AROUND_S, (self.whole[1] - self.whole[0]) / AROUND_PART)
        self._mark = moment_s, words
        self._lay()
        self._show((moment_s - around_s, moment_s + around_s))
        self.plot.point_at(moment_s)

    def show_all(self) -> None:
        """Shows the whole span."""
        self._show(self.whole)

    def name_days(self, span: Span, by_days: int | None, looks: Mapping[Subject, Look]) -> None:
        """Says which days are drawn, and beside which others, with the looks of these."""
        self._others = "" if by_days is None else other_words(span, by_days)
        names = ("", "") if by_days is None else (column_words(span), column_words(span, by_days))
        self.choice.name_columns(*names)
        self.choice.show_other_looks({} if by_days is None else looks)

    @property
    def named(self) -> dict[str, Line]:
        """The lines by what people call them."""
        found = {title(subject): line for subject, line in self.drawn.days.items()}
        return found | {f"{title(subject)}, {self._others}": line for subject, line in self.drawn.others.items()}

    def read(self, now_s: float) -> str:
        """Writes what each line says where the cross-hair is; returns which moment that is, or ''."""
        at_s = self.plot.cursor_s
        for lines, show in (
            (self.drawn.days, self.choice.show_values),
            (self.drawn.others, self.choice.show_other_values),
        ):
            show({} if at_s is None else {subject: bucket_words(line, at_s) for subject, line in lines.items()})
        moment = moment_words(self.drawn.all, at_s, now_s)
        said = [] if at_s is None else [f"{name}: {bucket_words(line, at_s)}" for name, line in self.named.items()]
        self.plot.setAccessibleDescription("; ".join([moment, *said]) if moment else "")
        return moment

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Asks for as many buckets as there is room for."""
        super().resizeEvent(event)
        self.wanted.emit()

    def _zoom(self, factor: float, at_s: float) -> None:
        first, last = ((moment - at_s) * factor + at_s for moment in self.bounds)
        self._show((first, last))

    def _move(self, by_s: float) -> None:
        if by_s == float("inf"):
            self.show_all()
        else:
            self._show((self.bounds[0] + by_s, self.bounds[1] + by_s))

    def _show(self, bounds: tuple[float, float]) -> None:
        self.bounds = within(bounds, self.whole)
        self.plot.show_bounds(self.bounds)
        self.wanted.emit()

    def _lay(self) -> None:
        items: list[pg.GraphicsObject] = [AlertSpans(self._alerts, self._now_s)] if self._alerts else []
        if self._mark is not None:
            moment_s, words = self._mark
            options = {"position": MARK_AT, "color": colours().text, "fill": colours().panel}
            pen = pg.mkPen(colours().accent, width=1)
            items.append(pg.InfiniteLine(moment_s, pen=pen, label=words, labelOpts=options))
        self.plot.lay_over(items)


def within(bounds: tuple[float, float], whole: tuple[float, float]) -> tuple[float, float]:
    """Returns a stretch of time, neither too short nor outside of another."""
    length = min(max(bounds[1] - bounds[0], SHORTEST_S), whole[1] - whole[0])
    first = min(max(bounds[0], whole[0]), whole[1] - length)
    return first, first + length
