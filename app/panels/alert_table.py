"""The list of alerts as a table: what is chosen stays so while others come."""

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, QItemSelectionModel, QSortFilterProxyModel, pyqtSignal

from app import theme
from app.panels.alert_words import (
    SEVERITIES,
    STANDINGS,
    duration_s,
    duration_words,
    peak_words,
    recent_words,
    rule_of,
    seconds_of,
    severity_words,
    standing_of,
    standing_words,
)
from app.panels.rows import Cell, Column, Row, Rows, RowsView, text_cell
from engine.alerts.listing import Alert
from engine.rules.rule import STATES

COLUMNS = (
    Column("State", "Open, acknowledged, cleared or closed"),
    Column("Severity", "How bad it is"),
    Column("Camera", "Camera, zone or group"),
    Column("Since", "When it was raised, by the clock here"),
    Column("Duration", "How long it has held, or did", is_number=True),
    Column("Rule", "What was breached"),
    Column("Peak", "The value furthest beyond the threshold", is_number=True),
    Column("Peak at", "When that was, by the clock here"),
)
WIDE, MOST_WIDE_EM = (2, 5), 20  # columns of any length, and how wide they are at first


class AlertTable(RowsView):
    """Alerts in the order in which they are given, or sorted by the column that is clicked."""

    chosen_changed = pyqtSignal()

    def __init__(self) -> None:
        self._cells = Rows([Column(_said(column.title), _said(column.meaning), column.is_number) for column in COLUMNS])
        super().__init__(self._cells, _said("Alerts"), sortable=True)
        self._cells.setParent(self)
        self._alerts: list[Alert] = []
        self._known: dict[str, tuple[Alert, Row]] = {}
        self._is_filling = False
        chosen = self.selectionModel()
        assert chosen is not None
        chosen.selectionChanged.connect(self._tell)

    @property
    def chosen(self) -> list[Alert]:
        """Those that are chosen, from above."""
        selection, order = self.selectionModel(), self._order()
        assert selection is not None
        rows = sorted(index.row() for index in selection.selectedRows())
        return [self._alerts[order.mapToSource(order.index(row, 0)).row()] for row in rows]

    def show_alerts(self, alerts: Sequence[Alert], now_s: float) -> None:
        """Shows these."""
        chosen, uids = [alert.uid for alert in self.chosen], [alert.uid for alert in alerts]
        is_other = uids != [alert.uid for alert in self._alerts]
        self._is_filling = True
        self._alerts = list(alerts)
        self._known = {alert.uid: (alert, self._row(alert, now_s)) for alert in alerts}
        self._cells.put([row for _, row in self._known.values()])
        if is_other:
            self._choose([uid for uid in chosen if uid in uids] or uids[:1])
            self.resizeColumnsToContents()
            for column in WIDE:
                self.setColumnWidth(column, min(self.columnWidth(column), theme.em(self, MOST_WIDE_EM)))
        self._is_filling = False
        self.chosen_changed.emit()

    def choose(self, uid: str) -> None:
        """Chooses one, and brings it into sight; where it is not among them, nothing happens."""
        if uid in self._known:
            self._choose([uid])

    def _row(self, alert: Alert, now_s: float) -> Row:
        """Returns the row of an alert; of one that is over, that which is there."""
        before = self._known.get(alert.uid)
        is_over = alert.cleared_at is not None or alert.closed_at is not None
        return before[1] if before and before[0] == alert and is_over else alert_row(alert, now_s)

    def _tell(self) -> None:
        if not self._is_filling:
            self.chosen_changed.emit()

    def _choose(self, uids: Sequence[str]) -> None:
        selection, order = self.selectionModel(), self._order()
        assert selection is not None
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row, alert in enumerate(self._alerts):
            if alert.uid in uids:
                index = order.mapFromSource(self._cells.index(row, 0))
                selection.select(index, flags)
                if alert.uid == uids[0]:
                    selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
                    self.scrollTo(index)

    def _order(self) -> QSortFilterProxyModel:
        order = self.model()
        assert isinstance(order, QSortFilterProxyModel)
        return order


def alert_row(alert: Alert, now_s: float) -> Row:
    """Returns what a row says of an alert."""
    standing, lasted_s = standing_of(alert), duration_s(alert, now_s)
    measure = str(rule_of(alert).get("measure", "count"))
    severities = list(SEVERITIES)
    rank = severities.index(alert.severity) if alert.severity in severities else None
    return (
        Cell(standing_words(standing), list(STANDINGS).index(standing), STANDINGS[standing][1]),
        Cell(severity_words(alert.severity), rank, SEVERITIES.get(alert.severity, ("", "text"))[1]),
        text_cell(alert.subject),
        Cell(recent_words(alert.raised_at, now_s), seconds_of(alert.raised_at)),
        Cell(duration_words(lasted_s), lasted_s),
        text_cell(f"{alert.rule_name}: {alert.said}"),
        Cell(peak_words(alert.peak, measure), alert.peak),
        Cell(recent_words(alert.peak_at, now_s), seconds_of(alert.peak_at)) if measure not in STATES else text_cell(""),
    )


def _said(words: str) -> str:
    return QCoreApplication.translate("Alerts", words)
