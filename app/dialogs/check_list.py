"""Names to be ticked, some with parts of their own; whose whole is ticked has its parts in it."""

from collections.abc import Collection, Mapping, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app.panels.camera_list import SwitchEdges
from app.theme import em

LEAST_EM = 6.0


class CheckList(QTreeWidget):
    """A list with a box at each name."""

    changed = pyqtSignal()
    """Another choice was made."""

    def __init__(self, name: str, names: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Takes what the list is called, and the names with their parts: what each is chosen by, and its word."""
        super().__init__()
        self._items: dict[str, QTreeWidgetItem] = {}
        self.setHeaderHidden(True)
        self.setAccessibleName(name)
        self.setToolTip(self.tr("Space ticks what is marked"))
        self.setMinimumHeight(em(self, LEAST_EM))
        self.setRootIsDecorated(any(names.values()))
        header = self.header()
        assert header is not None
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setItemDelegate(SwitchEdges(self, (0,)))
        for whole, parts in names.items():
            item = self._add(self, whole, whole)
            for key, word in parts:
                self._add(item, key, word)
            item.setExpanded(True)
        self.setCurrentItem(self.topLevelItem(0))
        self.itemChanged.connect(self._follow)

    @property
    def ticked(self) -> tuple[str, ...]:
        """What is chosen, in the order of the list; no part of what is chosen whole."""
        return tuple(key for key, item in self._items.items() if _is_on(item) and not _is_within(item))

    def tick(self, keys: Collection[str]) -> None:
        """Chooses these and no others."""
        for key, item in self._items.items():
            item.setCheckState(0, Qt.CheckState.Checked if key in keys else Qt.CheckState.Unchecked)

    def _add(self, parent: QTreeWidget | QTreeWidgetItem, key: str, word: str) -> QTreeWidgetItem:
        item = self._items[key] = QTreeWidgetItem(parent, [word])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(0, Qt.CheckState.Unchecked)
        return item

    def _follow(self, item: QTreeWidgetItem) -> None:
        """Has the parts of what is ticked whole stand for themselves no more."""
        for place in range(item.childCount()):
            part = item.child(place)
            assert part is not None
            part.setDisabled(_is_on(item))
            part.setToolTip(0, self.tr("It is part of “{name}”, which is ticked").format(name=item.text(0)))
            if not _is_on(item):
                part.setToolTip(0, "")
        self.changed.emit()


def _is_on(item: QTreeWidgetItem) -> bool:
    return item.checkState(0) is Qt.CheckState.Checked


def _is_within(item: QTreeWidgetItem) -> bool:
    whole = item.parent()
    return whole is not None and _is_on(whole)
