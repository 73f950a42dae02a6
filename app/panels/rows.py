"""Tables of words: rows that are put whole or added at the end, sorted by what lies behind the words, and copied."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, QSortFilterProxyModel, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app import theme

UNKNOWN = "–"
MEASURED_ROWS = 50  # by which the width of columns is chosen, or thousands would hold up the window
PADDING = 0.4  # at both sides of a cell's words, in em
DISPLAY, TIP, TONE, SORT, ALIGNMENT = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.ForegroundRole,
    Qt.ItemDataRole.UserRole,
    Qt.ItemDataRole.TextAlignmentRole,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell."""

    words: str
    order: float | str | None = None
    """What it is sorted by; None is not known, and comes last."""
    tone: str = ""
    """Name of a colour of the theme, such as 'problem'."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column says, and what that means."""

    title: str
    meaning: str
    is_number: bool = False
    """Whether it stands to the right."""


Row = tuple[Cell, ...]


def text_cell(words: str, tone: str = "", *, missing: str = UNKNOWN) -> Cell:
    """Returns a cell that is sorted by its words."""
    return Cell(words or missing, words.casefold() or None, tone)


def number_cell(value: float | None, form: str = "{:g}") -> Cell:
    """Returns a cell that is sorted by its value."""
    return Cell(UNKNOWN if value is None else form.format(value), value)


class Rows(QAbstractTableModel):
    """The rows of a table."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns, self._rows = tuple(columns), list[Row]()

    def put(self, rows: Sequence[Row]) -> None:
        """Takes other rows; where there are as many as before, what is chosen stays so."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        before, self._rows = self._rows, list(rows)
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(self._columns) - 1))

    def add(self, rows: Sequence[Row], most: int) -> None:
        """Puts rows at the end; at most so many are kept, the first go."""
        surplus = min(len(self._rows) + len(rows) - most, len(self._rows))
        if surplus > 0:
            self.beginRemoveRows(QModelIndex(), 0, surplus - 1)
            del self._rows[:surplus]
            self.endRemoveRows()
        if new := list(rows)[-most:]:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(new) - 1)
            self._rows += new
            self.endInsertRows()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """As many as were put."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """As many as were named."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = DISPLAY) -> object:
        """A cell's words, colour, order."""
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        if role in (DISPLAY, TIP):
            return cell.words
        if role == SORT:
            return cell.order
        if role == TONE and cell.tone:
            return QColor(getattr(theme.colours(), cell.tone))
        if role == ALIGNMENT and self._columns[index.column()].is_number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY
    ) -> object:
        """A column's title, and what it means."""
        if orientation == Qt.Orientation.Horizontal and role in (DISPLAY, TIP):
            column = self._columns[section]
            return column.title if role == DISPLAY else column.meaning
        if orientation == Qt.Orientation.Horizontal and role == ALIGNMENT:
            side = Qt.AlignmentFlag.AlignRight if self._columns[section].is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _Sorted(QSortFilterProxyModel):
    """Sorts by what lies behind the words, with what is not known at the end either way."""

    def lessThan(self, left: QModelIndex, right: QModelIndex) -> bool:  # noqa: N802
        """Compares two cells."""
        a, b = left.data(SORT), right.data(SORT)
        if a is None or b is None:
            is_down = self.sortOrder() == Qt.SortOrder.DescendingOrder
            return (a is None and b is not None) if is_down else (b is None and a is not None)
        return bool(a < b) if isinstance(a, str) == isinstance(b, str) else isinstance(b, str)


class _Padded(QStyledItemDelegate):
    """Leaves room at both sides of the words, or those of two columns would touch."""

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draws the ground of all the cell, and the words within the room."""
        view = option.widget
        assert isinstance(view, QWidget)
        style, ground = view.style(), QStyleOptionViewItem(option)
        assert style is not None
        self.initStyleOption(ground, index)
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, ground, painter, view)
        super().paint(painter, self._within(option, view), index)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """Adds the room to what the words need."""
        view = option.widget
        assert isinstance(view, QWidget)
        return super().sizeHint(self._within(option, view), index) + QSize(2 * theme.em(view, PADDING), 0)

    def _within(self, option: QStyleOptionViewItem, view: QWidget) -> QStyleOptionViewItem:
        inner, room = QStyleOptionViewItem(option), theme.em(view, PADDING)
        inner.rect = option.rect.adjusted(room, 0, -room, 0)
        return inner


class RowsView(QTableView):
    """Shows rows, as a table that one reads rather than edits; Ctrl+C copies what is chosen."""

    def __init__(self, rows: Rows, name: str, *, sortable: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(name)
        if sortable:
            order = _Sorted(self)
            order.setSourceModel(rows)
            self.setModel(order)
            self.setSortingEnabled(True)
            self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        else:
            self.setModel(rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)  # or Tab would never leave
        self.setShowGrid(False)
        self.setItemDelegate(_Padded(self))
        upper, side = self.horizontalHeader(), self.verticalHeader()
        assert upper is not None
        assert side is not None
        upper.setHighlightSections(False)
        upper.setResizeContentsPrecision(MEASURED_ROWS)
        upper.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        side.hide()
        side.setDefaultSectionSize(round(1.6 * self.fontMetrics().height()))

    def copy(self) -> None:
        """Copies the chosen rows, or all where none is, with tabs between cells."""
        model, chosen = self.model(), self.selectionModel()
        assert model is not None
        assert chosen is not None
        places = sorted(index.row() for index in chosen.selectedRows()) or range(model.rowCount())
        lines = [
            "\t".join(str(model.index(row, column).data()) for column in range(model.columnCount())) for row in places
        ]
        board = QApplication.clipboard()
        assert board is not None
        board.setText("\n".join(lines))

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Copies at Ctrl+C."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)
