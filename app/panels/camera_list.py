"""The cameras of a configuration, one in a row: order by drag, switches by a click or Space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QEvent, QModelIndex, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QDropEvent, QKeyEvent, QPainter, QResizeEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
)

from app import theme
from engine.capture.health import HealthReport, State
from engine.settings.config import CameraSettings

NAME, ADDRESS, STATE = 0, 1, 2
SWITCHES = {3: "enabled", 4: "on_wall", 5: "counted"}
"""Settings that are switched in the list, by column."""
ROW_EM, NAME_EM, STATE_EM = 1.9, 9, 10
LEAST_EM = 18, 8
ADDRESS_FROM_EM = 46
_MODE = QHeaderView.ResizeMode


@dataclass(frozen=True, slots=True)
class Switched:
    """A switch that somebody turned."""

    name: str
    setting: str
    on: bool


class CameraList(QTreeWidget):
    """Shows what a configuration holds; changes come back as signals, and show when the configuration has them."""

    switched = pyqtSignal(object)
    """See `Switched`."""
    moved = pyqtSignal(str, int)
    """A camera was dragged so many places towards the end."""
    asked = pyqtSignal(str)
    """A camera was double-clicked, or Enter was pressed on it."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []
        self._filling = False
        self.setHeaderLabels([
            self.tr("Camera"), self.tr("Address"), self.tr("State"), self.tr("Watched"), self.tr("Shown"),
            self.tr("Counted"),
        ])  # fmt: skip
        self.setAccessibleName(self.tr("Cameras"))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.header()
        assert header is not None
        header.setSectionsMovable(False)
        header.setStretchLastSection(False)
        for column in (*SWITCHES, NAME, STATE):
            header.setSectionResizeMode(column, _MODE.Interactive)
        header.setSectionResizeMode(ADDRESS, _MODE.Stretch)
        self.setMinimumSize(theme.em(self, LEAST_EM[0]), theme.em(self, LEAST_EM[1]))
        self._size_columns()
        self.setItemDelegate(SwitchEdges(self, tuple(SWITCHES)))
        self.itemChanged.connect(self._tell_switch)
        self.itemDoubleClicked.connect(self._ask)

    @property
    def current(self) -> str:
        """The name of the camera that is chosen; empty where none is."""
        place = self.indexOfTopLevelItem(self.currentItem()) if self.currentItem() else -1
        return self._names[place] if 0 <= place < len(self._names) else ""

    def show_cameras(self, cameras: Sequence[CameraSettings]) -> None:
        """Takes what is configured; the choice stays, or goes to the camera that came."""
        before, chosen, place = self._names, self.current, self._place()
        self._filling = True
        self._names = [camera.name for camera in cameras]
        self.clear()
        for camera in cameras:
            self.addTopLevelItem(self._row(camera))
        self._filling = False
        new = [name for name in self._names if name not in before]
        wanted = new[0] if before and len(new) == 1 else chosen
        self.choose(wanted) if wanted in self._names else self._choose_place(place)

    def choose(self, name: str) -> None:
        """Chooses a camera."""
        if name in self._names:
            self._choose_place(self._names.index(name))

    def show_health(self, health: Mapping[str, HealthReport]) -> None:
        """Says how each camera is doing; one that is not watched has no state."""
        self._filling = True
        for place, name in enumerate(self._names):
            item = self.topLevelItem(place)
            assert item is not None
            watched = item.checkState(_column("enabled")) is Qt.CheckState.Checked
            words = self._state(health.get(name), watched=watched)
            if item.text(STATE) != words:
                item.setText(STATE, words)
                item.setToolTip(STATE, health[name].problem if name in health else "")
        self._filling = False

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Opens a camera with Enter; Tab leaves the list."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.asked.emit(self.current)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802
        """Tells by how many places a row was dragged; the configuration moves it."""
        if event is None or event.source() is not self or not self.current:
            return
        target, start = self.indexAt(event.position().toPoint()).row(), self._place()
        below = QAbstractItemView.DropIndicatorPosition.BelowItem
        end = target if target >= 0 else len(self._names)
        end += target >= 0 and self.dropIndicatorPosition() == below
        end -= end > start
        event.setDropAction(Qt.DropAction.CopyAction)  # else the row would be taken away after the drop
        event.accept()
        if end != start:
            self.moved.emit(self.current, end - start)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Leaves the address out where there is no room for it; it is in the tool-tip of the name."""
        super().resizeEvent(event)
        header = self.header()
        assert header is not None
        narrow = self.width() < theme.em(self, ADDRESS_FROM_EM)
        if narrow is not self.isColumnHidden(ADDRESS) and not narrow:
            header.resizeSection(NAME, theme.em(self, NAME_EM))  # which had the room of both
        self.setColumnHidden(ADDRESS, narrow)
        header.setSectionResizeMode(NAME, _MODE.Stretch if narrow else _MODE.Interactive)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Grows with the letters."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self._size_columns()

    def _row(self, camera: CameraSettings) -> QTreeWidgetItem:
        item = QTreeWidgetItem([camera.name, camera.shown, ""])
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
            | Qt.ItemFlag.ItemIsDragEnabled
        )  # fmt: skip
        item.setSizeHint(NAME, QSize(0, theme.em(self, ROW_EM)))
        item.setToolTip(NAME, f"{camera.name}\n{camera.shown}")
        item.setToolTip(ADDRESS, camera.shown)
        header = self.headerItem()
        for column, setting in SWITCHES.items():
            on = getattr(camera, setting)
            item.setCheckState(column, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            title = header.text(column) if header else ""
            item.setData(column, Qt.ItemDataRole.AccessibleTextRole, f"{camera.name}: {title}")
            item.setToolTip(column, CameraSettings.model_fields[setting].description or "")
        return item

    def _tell_switch(self, item: QTreeWidgetItem, column: int) -> None:
        if self._filling or column not in SWITCHES:
            return
        name = self._names[self.indexOfTopLevelItem(item)]
        self.switched.emit(Switched(name, SWITCHES[column], item.checkState(column) is Qt.CheckState.Checked))

    def _ask(self, item: QTreeWidgetItem, column: int) -> None:
        if column not in SWITCHES:
            self.asked.emit(self._names[self.indexOfTopLevelItem(item)])

    def _place(self) -> int:
        return self._names.index(self.current) if self.current else 0

    def _choose_place(self, place: int) -> None:
        if self._names:
            self.setCurrentItem(self.topLevelItem(min(place, len(self._names) - 1)))

    def _state(self, health: HealthReport | None, *, watched: bool) -> str:
        if not watched:
            return self.tr("off")
        if health is None:
            return "–"
        words = {
            State.CONNECTING: self.tr("… connecting"),
            State.LIVE: self.tr("● live"),
            State.STALLED: self.tr("⚠ stalled"),
            State.RECONNECTING: self.tr("⚠ reconnecting"),
            State.ENDED: self.tr("■ ended"),
            State.FAILED: self.tr("⚠ failed"),
        }
        return words[health.state]

    def _size_columns(self) -> None:
        header, metrics = self.header(), self.fontMetrics()
        title = self.headerItem()
        assert header is not None
        assert title is not None
        header.setMinimumSectionSize(theme.em(self, 2))
        for column in SWITCHES:
            header.resizeSection(column, metrics.horizontalAdvance(title.text(column)) + theme.em(self, 1.5))
        header.resizeSection(NAME, theme.em(self, NAME_EM))
        header.resizeSection(STATE, theme.em(self, STATE_EM))


class SwitchEdges(QStyledItemDelegate):
    """Draws the edge of a switch, which the style leaves too faint to be seen on a list."""

    def __init__(self, view: QTreeWidget, columns: Sequence[int]) -> None:
        """Takes the list, and which of its columns are switches."""
        super().__init__(view)
        self._columns = columns

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draws a cell."""
        super().paint(painter, option, index)
        view = self.parent()
        if painter is None or index.column() not in self._columns or not isinstance(view, QTreeWidget):
            return
        if index.data(Qt.ItemDataRole.CheckStateRole) is None:
            return
        cell, style = QStyleOptionViewItem(option), view.style()
        self.initStyleOption(cell, index)
        assert style is not None
        box = style.subElementRect(QStyle.SubElement.SE_ItemViewItemCheckIndicator, cell, view)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QColor(theme.colours().selection_text if chosen else theme.colours().edge))
        painter.drawRect(box.adjusted(0, 0, -1, -1))


def _column(setting: str) -> int:
    return next(column for column, name in SWITCHES.items() if name == setting)
