"""A list of what has a name, one in a row, with words beside it and perhaps a switch at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent, QResizeEvent
from PyQt6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app import theme
from app.panels.camera_list import SwitchEdges

ROW_EM, LEAST_EM = 1.9, (18, 4.5)
NARROW_EM = 46  # width below which columns that can be missed are left out
TONE = Qt.ItemDataRole.ForegroundRole


@dataclass(frozen=True, slots=True)
class ListColumn:
    """What stands in a column."""

    title: str
    em: float
    """How wide it is; 0 takes what room is left."""
    is_missable: bool = False
    """Whether it is left out where there is little room."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """What stands in a row."""

    key: str
    """By which it is chosen."""
    words: tuple[str, ...]
    """One for each column, the name first."""
    on: bool | None = None
    """How its switch stands; None is none."""
    tone: str = ""
    """Name of the theme's colour of some of its words."""
    toned: int = -1
    """Which of them."""
    tip: str = ""


class NamedList(QTreeWidget):
    """Shows rows; changes come back as signals, and show when somebody shows other rows."""

    asked = pyqtSignal(str)
    """A row was double-clicked, or Enter was pressed on it: its key."""
    switched = pyqtSignal(str, bool)
    """A switch was turned: the key of its row, and whether it is on."""

    def __init__(self, name: str, columns: Sequence[ListColumn], switch: str = "") -> None:
        """Takes what the list is called, its columns, and the title of its switches; '' has none."""
        super().__init__()
        self._columns, self._has_switch = tuple(columns), bool(switch)
        self._rows: dict[str, ListRow] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._filling = False
        self.setHeaderLabels([*(column.title for column in columns), *([switch] if switch else [])])
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setMinimumSize(theme.em(self, LEAST_EM[0]), theme.em(self, LEAST_EM[1]))
        header = self.header()
        assert header is not None
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        if switch:
            self.setItemDelegate(SwitchEdges(self, (len(columns),)))
        self._size_columns()
        self.itemChanged.connect(self._tell_switch)
        self.itemDoubleClicked.connect(lambda item, column: self._ask(item) if column < len(columns) else None)

    @property
    def current(self) -> str:
        """The key of the row that is chosen; empty where none is."""
        item = self.currentItem()
        return next((key for key, each in self._items.items() if each is item), "") if item else ""

    def choose(self, key: str) -> None:
        """Chooses a row."""
        if key in self._items:
            self.setCurrentItem(self._items[key])

    def show_rows(self, rows: Sequence[ListRow]) -> None:
        """Takes other rows; the choice stays, or goes to the row that came, or to a neighbour."""
        keys = [row.key for row in rows]
        if keys == list(self._rows):
            self._update(rows)
            return
        before, chosen = list(self._rows), self.current
        place = before.index(chosen) if chosen else 0
        self._filling = True
        self.clear()
        self._rows, self._items = {}, {}
        for row in rows:
            self._items[row.key] = item = QTreeWidgetItem(self)
            item.setSizeHint(0, QSize(0, theme.em(self, ROW_EM)))
        self._filling = False
        self._update(rows)
        new = [key for key in keys if key not in before]
        wanted = new[0] if before and len(new) == 1 else chosen
        self.choose(wanted if wanted in keys else keys[min(place, len(keys) - 1)] if keys else "")

    def forget(self) -> None:
        """Writes all rows anew the next time, whatever somebody did to them."""
        self._rows = {key: ListRow(key, ()) for key in self._rows}

    def row(self, key: str) -> ListRow | None:
        """Returns what is shown there."""
        return self._rows.get(key)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Opens a row with Enter."""
        item = self.currentItem()
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._ask(item)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Leaves out what can be missed where there is no room for it; it is in the tool-tips."""
        super().resizeEvent(event)
        narrow = self.width() < theme.em(self, NARROW_EM)
        for place, column in enumerate(self._columns):
            self.setColumnHidden(place, narrow and column.is_missable)
        self._size_columns()
        self.scrollToItem(self.currentItem())

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Grows with the letters."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._size_columns()

    def _update(self, rows: Sequence[ListRow]) -> None:
        """Writes what is other than before."""
        self._filling = True
        for row in rows:
            if self._rows.get(row.key) != row:
                self._write(self._items[row.key], row)
        self._rows = {row.key: row for row in rows}
        self._filling = False

    def _write(self, item: QTreeWidgetItem, row: ListRow) -> None:
        tip = row.tip or "\n".join(filter(None, row.words))
        for place, words in enumerate(row.words):
            item.setText(place, words)
            item.setToolTip(place, tip)
        toned = row.toned % len(row.words)
        item.setData(toned, TONE, QColor(getattr(theme.colours(), row.tone)) if row.tone else None)
        if self._has_switch:
            switch = len(self._columns)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            item.setFlags(flags if row.on is None else flags | Qt.ItemFlag.ItemIsUserCheckable)
            state = None if row.on is None else Qt.CheckState.Checked if row.on else Qt.CheckState.Unchecked
            item.setData(switch, Qt.ItemDataRole.CheckStateRole, state)
            title = self.headerItem()
            item.setData(
                switch, Qt.ItemDataRole.AccessibleTextRole, f"{row.words[0]}: {title.text(switch) if title else ''}"
            )

    def _tell_switch(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column != len(self._columns):
            return
        key = next(key for key, each in self._items.items() if each is item)
        on = item.checkState(column) is Qt.CheckState.Checked
        if self._rows[key].on is not on:
            self.switched.emit(key, on)

    def _ask(self, item: QTreeWidgetItem) -> None:
        self.asked.emit(next(key for key, each in self._items.items() if each is item))

    def _size_columns(self) -> None:
        header, title = self.header(), self.headerItem()
        assert header is not None
        assert title is not None
        header.setMinimumSectionSize(theme.em(self, 2))
        mode = QHeaderView.ResizeMode
        widths = {place: column.em for place, column in enumerate(self._columns)}
        if all(wide or self.isColumnHidden(place) for place, wide in widths.items()):
            widths[len(self._columns) - 1] = 0.0  # or a part of each row would be empty
        for place, wide in widths.items():
            header.setSectionResizeMode(place, mode.Interactive if wide else mode.Stretch)
            if wide:
                header.resizeSection(place, theme.em(self, wide))
        if self._has_switch:
            place = len(self._columns)
            header.setSectionResizeMode(place, mode.Interactive)
            wide_px = self.fontMetrics().horizontalAdvance(title.text(place)) + theme.em(self, 1.5)
            header.resizeSection(place, wide_px)
