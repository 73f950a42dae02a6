"""The log as it is written: the samples of the last hour, the newest on top."""

from collections import deque

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QVBoxLayout, QWidget

from app.panels.clock_text import clock_text
from app.panels.panel import title
from app.theme import em
from engine.counting.reading import Sample

ROW_EM, LEAST_HEIGHT_EM = 1.7, 5.5
MOST_ROWS = 3600  # an hour of seconds
COLUMNS = ("time", "mean", "least", "most")
MEANINGS = (
    "second of the recording",
    "average of the second",
    "lowest count of the second",
    "highest count of the second",
)


class SampleTable(QAbstractTableModel):
    """Samples as rows, bounded."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: deque[Sample] = deque()

    def add(self, samples: list[Sample]) -> None:
        """Puts samples on top, the last of them highest; the oldest rows go when the table is full."""
        new = samples[-MOST_ROWS:]
        surplus = len(self._samples) + len(new) - MOST_ROWS
        if surplus > 0:
            self.beginRemoveRows(QModelIndex(), len(self._samples) - surplus, len(self._samples) - 1)
            for _ in range(surplus):
                self._samples.pop()
            self.endRemoveRows()
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._samples.extendleft(new)
            self.endInsertRows()

    def clear(self) -> None:
        """Removes all rows."""
        self.beginResetModel()
        self._samples.clear()
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """One row a sample."""
        return 0 if parent.isValid() else len(self._samples)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Time, mean, least, most."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """A cell's words, to the right."""
        if role == Qt.ItemDataRole.DisplayRole and index.isValid():
            sample = self._samples[index.row()]
            return (clock_text(sample.second), f"{sample.mean:.1f}", f"{sample.least:.1f}", f"{sample.most:.1f}")[
                index.column()
            ]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The columns' names."""
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return MEANINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class SampleLog(QWidget):
    """The table with its title."""

    def __init__(self) -> None:
        super().__init__()
        self.table = SampleTable(self)
        self._title = title("")
        view = QTableView()
        view.setModel(self.table)
        view.setShowGrid(False)
        view.setObjectName("samples")
        view.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        view.setTabKeyNavigation(False)
        view.setAcceptDrops(False)
        view.setAccessibleName(self.tr("Log of counts"))
        view.setMinimumHeight(em(view, LEAST_HEIGHT_EM))
        rows, columns = view.verticalHeader(), view.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setDefaultSectionSize(em(view, ROW_EM))
        widest = max(columns.sectionSizeHint(place) for place in range(columns.count()))
        columns.setMinimumSectionSize(widest)
        view.setMinimumWidth(columns.count() * widest + em(view, 2.5))
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.setContentsMargins(em(self, 0.9), em(self, 0.6), em(self, 0.4), em(self, 0.4))
        column.addWidget(self._title)
        column.addWidget(view)
        self.set_logged(True)

    def begin(self, *, logged: bool) -> None:
        """Empties the table for a new recording."""
        self.table.clear()
        self.set_logged(logged)

    def set_logged(self, logged: bool) -> None:
        """Says whether the log is being written."""
        self._title.setText("Log: people in each second" if logged else "Log: not being written")

    @property
    def heading(self) -> QLabel:
        """The title, which says whether the log is written."""
        return self._title
