"""The calendar, the search, the curves and the results of the history, kept to the same days and counts."""

from collections.abc import Callable
from datetime import date

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.history_bar import HistoryBar
from app.panels.history_calendar import Calendar, week_begins
from app.panels.history_choice import OfferedOwner, offered
from app.panels.history_curve import HistoryCurve
from app.panels.history_lines import HistoryLines
from app.panels.history_parts import CALENDAR, CURVE, HistoryParts
from app.panels.history_results import AskResults, HistoryResults, Results
from app.panels.history_search import HistorySearch
from app.panels.history_span import KINDS, Span
from app.running.asking import Asking
from app.running.finding import Entry, Kind, is_recording
from app.running.lookback import AskCurves, AskMonth, AskReport, Curves, Holding, Month
from engine.history.periods import day_of
from engine.rules.series import Subject
from engine.settings.config import Config


class HistoryBody(QWidget):
    """Asks the log for what is seen, and shows what it answers."""

    recording_wanted = pyqtSignal(str)
    """A recording that was found is to be opened: its name in the log."""

    def __init__(
        self, asking: Asking, config: Callable[[], Config], further: list[QAction], *, clock: Callable[[], float]
    ) -> None:
        """`further` are put into the toolbar above the curves."""
        super().__init__()
        self._asking, self._config, self._clock = asking, config, clock
        self._offered: list[OfferedOwner] | None = None
        self._wanted: list[Subject] = []
        self._is_ready = False
        self._led: Subject | None = None
        """The count to which somebody was led last."""
        self.span, self.lines = Span.around("day", self.today), HistoryLines()
        self.calendar, self.curve, self.results = Calendar(self.today), HistoryCurve(), HistoryResults()
        self.search, self.bar = HistorySearch(self.calendar), HistoryBar(further)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bar)
        column.addWidget(self.curve, stretch=1)
        self.parts = HistoryParts(self.search, self.curve.choice, middle, self.results)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.parts)
        self._connect()
        self._show_span()

    @property
    def today(self) -> date:
        """The day that is now."""
        return day_of(self._clock())

    def offer(self, holding: Holding) -> None:
        """Takes what the log holds; at the first time, goes to the last day that was counted."""
        config, owners = self._config(), holding.contents.owners
        names = frozenset(camera.name for camera in config.cameras)
        left_out = frozenset(owner.name for owner in owners if is_recording(owner, names))
        found = offered(config, owners, left_out)
        self.search.offer(holding.entries)
        if found != self._offered:
            self._offered = found
            self.curve.choice.offer(found)
        if self._wanted:
            self.curve.choice.tick(self._wanted)
            self._wanted = []
        is_first, self._is_ready = not self._is_ready, True
        last_s = holding.contents.last_s
        if is_first and last_s is not None:
            self.look_around(min(day_of(last_s - 1), self.today))
        self.ask()

    def forget(self) -> None:
        """Asks for nothing until it is offered something."""
        self._is_ready, self._offered = False, None

    def want(self, chosen: list[Subject]) -> None:
        """Chooses these counts as soon as they are offered."""
        self._wanted = chosen

    def ask(self) -> None:
        """Asks the log for all that is seen and is not asked for yet."""
        self._name_days()
        if self._is_ready:
            subjects = self.lines.subjects
            report = AskReport(self.span.first, self.span.number, subjects, self.results.by_hours)
            self._asking.ask(AskCurves(subjects, self.curve.grid, self.bar.by_days))
            self._asking.ask(AskMonth(self.calendar.month, self.calendar.number, subjects))
            self._asking.ask(AskResults(report, self._clock()), known_as=report)

    def take(self, answer: object) -> None:
        """Shows what the log answered, if it is what is still wanted."""
        match answer:
            case Month() if answer.asked == self._asking.last(AskMonth):
                self.calendar.show_days(answer.days, self._clock())
            case Curves() if self._is_seen(answer.asked):
                self.curve.show_lines(self.lines.drawn(answer))
            case Results() if answer.report.asked == self._asking.last(AskResults):
                self.results.show_results(answer)
                self.curve.show_alerts(answer.report.alerts, self._clock())

    def look_around(self, day: date) -> None:
        """Looks at a day, or at the week or month in which it lies."""
        self.look_at(Span.around("day" if self.span.kind == "own" else self.span.kind, day, week_begins=week_begins()))

    def look_by(self, kind: str) -> None:
        """Looks at a day, week or month of the days that are seen, or at these as somebody's own."""
        known = next(each for each in KINDS if each == kind)
        own = Span.of(self.span.first, self.span.last)
        self.look_at(own if known == "own" else Span.around(known, self._middle, week_begins=week_begins()))

    def look_at(self, span: Span) -> None:
        """Looks at other days."""
        if span != self.span:
            self.span = span
            self.results.clear_rows()
            self._show_span()

    def lead_to(self, moment_s: float, subject: Subject, words: str) -> None:
        """Shows a moment of a count on its curve."""
        self._led = subject
        self.curve.choice.add(subject)
        if not self.span.holds(day_of(moment_s)):
            self.look_around(day_of(moment_s))
        self.parts.show_part(CURVE)
        self.curve.lead_to(moment_s, words)

    @property
    def place(self) -> tuple[str, float | None]:
        """Whose count is read, and when; '' without any count, and None where no moment is."""
        ticked = self.curve.choice.ticked
        first = self._led if self._led in ticked else next(iter(ticked), None)
        return "" if first is None else first.owner, self.curve.plot.cursor_s

    def go_to_search(self) -> None:
        """Puts the keyboard into the search."""
        self.parts.show_part(CALENDAR)
        self.search.field.setFocus()

    @property
    def _middle(self) -> date:
        """The day among those that are seen that is looked at when there are to be fewer: today, or the first."""
        return self.today if self.span.holds(self.today) else self.span.first

    def _connect(self) -> None:
        self.calendar.chosen.connect(self.look_around)
        self.calendar.chosen.connect(lambda _: self.parts.show_part(CURVE))
        self.calendar.month_wanted.connect(lambda _: self.ask())
        self.search.chosen.connect(self._lead_to_found)
        self.curve.choice.changed.connect(self._choose)
        self.curve.wanted.connect(self.ask)
        self.curve.pointed.connect(lambda: self.bar.show_moment(self.curve.read(self._clock())))
        self.bar.moved.connect(lambda by: self.look_at(self.span.moved(by)))
        self.bar.kind_wanted.connect(self.look_by)
        self.bar.own_wanted.connect(lambda first, last: self.look_at(Span.of(first, last)))
        self.bar.compared.connect(self.ask)
        self.results.led.connect(self.lead_to)
        self.results.wanted.connect(self.ask)

    def _show_span(self) -> None:
        self.bar.show_span(self.span)
        self.calendar.show_span(self.span)
        self.results.show_span(self.span)
        self.curve.begin(self.span.bounds)
        self.ask()

    def _choose(self) -> None:
        self.lines.choose(self.curve.choice.ticked, self._config())
        self.curve.choice.show_looks(self.lines.looks)
        self.ask()

    def _name_days(self) -> None:
        self.curve.name_days(self.span, self.bar.by_days, self.lines.other_looks)

    def _is_seen(self, asked: AskCurves) -> bool:
        """Whether it is of what is seen now, be it coarser or finer."""
        wanted, (first_s, end_s) = self._asking.last(AskCurves), self.curve.bounds
        is_same = isinstance(wanted, AskCurves) and (wanted.subjects, wanted.by_days) == (asked.subjects, asked.by_days)
        return is_same and asked.grid.first_s < end_s and asked.grid.end_s > first_s

    def _lead_to_found(self, entry: Entry) -> None:
        match entry.kind:
            case Kind.RECORDING:
                self.recording_wanted.emit(entry.title)
            case Kind.ALERT if entry.at_s is not None:
                self.lead_to(entry.at_s, entry.subject, entry.title)
            case _:
                self._led = entry.subject
                self.curve.choice.add(entry.subject)
                if entry.at_s is not None:
                    self.look_around(day_of(entry.at_s - 1))
                self.parts.show_part(CURVE)
