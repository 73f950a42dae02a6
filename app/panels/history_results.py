"""What a span came to, in three lists: its peaks, its hours or days, its alerts; each row leads to the curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from app.panels.alert_table import COLUMNS
from app.panels.alert_words import seconds_of
from app.panels.history_span import HOURS_UP_TO, Span
from app.panels.history_tables import PEAKS, SUMS, Led, PlacesView, alert_rows, peak_rows, sum_rows
from app.panels.history_words import people_words
from app.running.lookback import AskReport, Report, SumRow
from engine.alerts.listing import Alert
from engine.history.peaks import Peak
from engine.history.query import History
from engine.rules.series import Subject

HOURS, DAYS = "hours", "days"
MOST_ALERTS = 500
"""That are listed."""


@dataclass(frozen=True, slots=True)
class Results:
    """What a span came to, ready to be listed."""

    report: Report
    sums: Sequence[Led]
    alerts: Sequence[Led]


@dataclass(frozen=True, slots=True)
class AskResults:
    """What did these days come to?"""

    asked: AskReport
    now_s: float

    def answer(self, history: History) -> Results:
        """Sums up, and makes the rows, which may be thousands."""
        report = self.asked.answer(history)
        alerts = alert_rows(report.alerts[:MOST_ALERTS], self.now_s)
        return Results(report, sum_rows(report.rows, self.now_s), alerts)


class HistoryResults(QTabWidget):
    """Three tabs."""

    led = pyqtSignal(float, object, str)
    """To a moment, a `Subject`, and with what words it is marked."""
    wanted = pyqtSignal()
    """Hours in place of days, or the other way."""

    def __init__(self) -> None:
        super().__init__()
        self.peaks = PlacesView(PEAKS, self.tr("Peaks"))
        self.sums = PlacesView(SUMS, self.tr("Hours and days"))
        self.alerts = PlacesView(COLUMNS, self.tr("Alerts"))
        self.step = QComboBox()
        self.rows: Sequence[SumRow] = ()
        """Hours or days as they are known."""
        self.step.addItem(self.tr("By hours"), HOURS)
        self.step.addItem(self.tr("By days"), DAYS)
        self.step.setAccessibleName(self.tr("What a row is"))
        self.step.setToolTip(
            self.tr("A row for each hour, up to {days} days, or for each day").format(days=HOURS_UP_TO)
        )
        self.step.currentIndexChanged.connect(lambda _: self.wanted.emit())
        table, row = QWidget(), QHBoxLayout()
        row.addWidget(self.step)
        row.addStretch()
        column = QVBoxLayout(table)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.sums, stretch=1)
        for part, words in (
            (self.peaks, self.tr("Peaks")),
            (table, self.tr("Table")),
            (self.alerts, self.tr("Alerts")),
        ):
            self.addTab(part, words)
        self.setDocumentMode(True)
        tabs = self.tabBar()
        assert tabs is not None
        tabs.setAccessibleName(self.tr("Results"))
        self._connect()

    @property
    def by_hours(self) -> bool:
        """Whether a row is an hour."""
        return bool(self.step.currentData() == HOURS)

    def show_span(self, span: Span) -> None:
        """Takes what suits other days: hours for few of them, else days."""
        self.step.blockSignals(True)
        self.step.setCurrentIndex(self.step.findData(HOURS if span.number <= 2 else DAYS))
        self.step.blockSignals(False)
        self.step.setEnabled(span.number <= HOURS_UP_TO)

    def show_results(self, results: Results) -> None:
        """Shows what a span came to."""
        report = results.report
        self.rows = report.rows
        self.peaks.put(peak_rows(report.peaks))
        self.sums.put(results.sums)
        self.alerts.put(results.alerts)
        number = len(report.alerts)
        self.setTabText(2, f"{self.tr('Alerts')} ({number})" if number else self.tr("Alerts"))

    def clear_rows(self) -> None:
        """Shows nothing."""
        self.rows = ()
        self.peaks.put([])
        self.sums.put([])
        self.alerts.put([])
        self.setTabText(2, self.tr("Alerts"))

    def _connect(self) -> None:
        self.peaks.led.connect(self._lead)
        self.sums.led.connect(self._lead)
        self.alerts.led.connect(self._lead)

    def _lead(self, target: object) -> None:
        match target:
            case Peak():
                self.led.emit(target.at_s, target.subject, people_words(target.people))
            case SumRow():
                self.led.emit(float(target.sum.period.from_s), target.subject, "")
            case Alert():
                subject = Subject(target.owner, target.zone)
                self.led.emit(seconds_of(target.raised_at), subject, target.rule_name)
