"""What a span came to: its highest moments, and its hours or days in a table that is sorted by the column clicked."""

from collections.abc import Sequence

from PyQt6.QtCore import QCoreApplication, QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import QHeaderView

from app.panels.alert_table import alert_row
from app.panels.alert_words import duration_words
from app.panels.history_words import UNKNOWN, moment_words, people_words, period_words, unknown_s
from app.panels.rows import Cell, Column, Row, Rows, RowsView, text_cell
from app.running.lookback import SumRow
from app.theme import em
from engine.alerts.listing import Alert
from engine.history.peaks import Peak

PEAKS = (
    Column("People", "The most that were counted at once", is_number=True),
    Column("When", "By the clock here; a length where the second is not known any more"),
    Column("Count", "Camera, zone or group"),
)
WIDEST_EM = 20  # of a column, at first
SUMS = (
    Column("Begin", "By the clock here"),
    Column("Count", "Camera, zone or group"),
    Column("Mean", "Of all that was counted", is_number=True),
    Column("Least", "The lowest count", is_number=True),
    Column("Most", "The highest count", is_number=True),
    Column("Unknown", "Time in which nothing was counted", is_number=True),
    Column("Alerts", "Raised in it", is_number=True),
)

Led = tuple[Row, object]
"""A row, and what it leads to."""


class SortedRows(Rows):
    """Rows that sort themselves, fast enough for thousands; what is not known comes last either way."""

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self._targets: list[object] = []

    def put_led(self, rows: Sequence[Led]) -> None:
        """Takes other rows; where there are as many as before, what is chosen and seen stays so."""
        self._targets = [target for _, target in rows]
        self.put([row for row, _ in rows])

    def target(self, place: int) -> object:
        """Returns what the row at a place leads to."""
        return self._targets[place]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; without one nothing is changed."""
        if column < 0:
            return
        self.layoutAboutToBeChanged.emit()
        is_down = order == Qt.SortOrder.DescendingOrder
        led = list(zip(self._rows, self._targets, strict=True))
        known = [(row, target) for row, target in led if row[column].order is not None]
        unknown = [(row, target) for row, target in led if row[column].order is None]
        led = [*sorted(known, key=lambda pair: _key(pair[0][column]), reverse=is_down), *unknown]
        self._rows, self._targets = [row for row, _ in led], [target for _, target in led]
        self.layoutChanged.emit()


def alert_rows(alerts: Sequence[Alert], now_s: float) -> list[Led]:
    """Returns a row for each alert."""
    return [(alert_row(alert, now_s), alert) for alert in alerts]


def _key(cell: Cell) -> tuple[bool, float | str]:
    return isinstance(cell.order, str), cell.order if cell.order is not None else ""


class PlacesView(RowsView):
    """A table whose rows lead somewhere, at a click or at Enter."""

    led = pyqtSignal(object)
    """To what the row stands for."""

    def __init__(self, columns: Sequence[Column], name: str) -> None:
        self._cells = SortedRows([Column(_tr(each.title), _tr(each.meaning), each.is_number) for each in columns])
        super().__init__(self._cells, name)
        self._cells.setParent(self)
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.setToolTip(_tr("A click or Enter leads to the curve there"))
        self.clicked.connect(self._lead)
        self.activated.connect(self._lead)

    def put(self, rows: Sequence[Led]) -> None:
        """Shows rows, each with what it leads to; sorted as somebody has chosen."""
        across = self.horizontalHeader()
        assert across is not None
        is_other = len(rows) != self._cells.rowCount()
        self._cells.put_led(rows)
        self._cells.sort(across.sortIndicatorSection(), across.sortIndicatorOrder())
        if is_other:
            self._fit(across)

    def _fit(self, across: QHeaderView) -> None:
        self.resizeColumnsToContents()
        for place in range(self._cells.columnCount()):
            width = min(self.columnWidth(place), em(self, WIDEST_EM))
            self.setColumnWidth(place, max(width, across.sectionSizeHint(place)))

    def _lead(self, index: QModelIndex) -> None:
        self.led.emit(self._cells.target(index.row()))


def peak_rows(peaks: Sequence[Peak]) -> list[Led]:
    """Returns a row for each peak."""
    return [
        (
            (
                Cell(people_words(peak.people), peak.people),
                Cell(moment_words(peak.at_s, peak.length_s), peak.at_s),
                text_cell(str(peak.subject)),
            ),
            peak,
        )
        for peak in peaks
    ]


def sum_rows(rows: Sequence[SumRow], now_s: float) -> list[Led]:
    """Returns a row for each hour or day of each count that has begun."""
    return [(_sum_row(row, now_s), row) for row in rows if row.sum.period.from_s < now_s]


def _sum_row(row: SumRow, now_s: float) -> Row:
    period, each = row.sum.period, row.sum
    missing_s = unknown_s(period, each.known_s, now_s)
    return (
        Cell(period_words(period), period.from_s),
        text_cell(str(row.subject)),
        Cell(UNKNOWN if each.mean is None else f"{each.mean:.1f}", each.mean),
        Cell(people_words(each.least), each.least),
        Cell(people_words(each.most), each.most),
        Cell(duration_words(missing_s) if missing_s >= 1 else "0", missing_s, "warning" if missing_s >= 60 else ""),
        Cell(str(row.alerts), row.alerts, "warning" if row.alerts else ""),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("History", words)
