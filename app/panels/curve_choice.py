"""Which counts are drawn: cameras with their zones, and groups, to be ticked, each with its line and its value."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from app.panels.curve_look import SAMPLE_EM, Look
from engine.rules.series import Subject

TOTAL = Subject("")
"""Stands for the total, since no camera is without a name."""
NAME, VALUE = 0, 1
FIRST_CHOICE = 8  # cameras that are drawn without having been chosen


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """How it is called everywhere."""
        ...


class Offered(Named, Protocol):
    """A camera, or what else may have zones."""

    @property
    def zones(self) -> Sequence[Named]:
        """In the order in which they are listed."""
        ...


@dataclass(frozen=True, slots=True)
class OfferedGroup:
    """A group to choose, which has no zones."""

    name: str
    zones: Sequence[Named] = ()


class CurveChoice(QTreeWidget):
    """A list with a box at each count."""

    changed = pyqtSignal()
    """Another choice was made."""

    def __init__(self) -> None:
        super().__init__()
        self._items: dict[Subject, QTreeWidgetItem] = {}
        self._words: dict[Subject, str] = {}
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setAccessibleName(self.tr("Counts that are drawn"))
        self.setToolTip(self.tr("Space ticks the count that is marked"))
        self.setIconSize(QSize(round(SAMPLE_EM * self.fontMetrics().height()), self.fontMetrics().height()))
        self.setIndentation(self.fontMetrics().averageCharWidth() * 2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        columns = self.header()
        assert columns is not None
        columns.setStretchLastSection(False)
        columns.setMinimumSectionSize(1)
        columns.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(VALUE, QHeaderView.ResizeMode.ResizeToContents)
        self.itemChanged.connect(lambda _item, column: self.changed.emit() if column == NAME else None)

    def offer(self, cameras: Sequence[Offered]) -> None:
        """Lists cameras and their zones; what is chosen stays so, and cameras that are new are, while they are few."""
        names = [Subject(camera.name) for camera in cameras]
        chosen = set(self.ticked)
        fresh = [subject for subject in names if subject not in self._items]
        chosen.update(fresh[: max(0, FIRST_CHOICE - len(chosen & set(names)))])
        self.blockSignals(True)
        self.clear()
        self._items, self._words = {}, {}
        self._add(self, TOTAL, self.tr("Total of cameras"), TOTAL in chosen)
        for camera in cameras:
            subject = Subject(camera.name)
            item = self._add(self, subject, camera.name, subject in chosen)
            for zone in camera.zones:
                part = Subject(camera.name, zone.name)
                self._add(item, part, zone.name, part in chosen)
            item.setExpanded(True)
        self.blockSignals(False)
        self.changed.emit()

    @property
    def ticked(self) -> list[Subject]:
        """What is chosen, in the order of the list."""
        return [subject for subject, item in self._items.items() if item.checkState(NAME) is Qt.CheckState.Checked]

    def tick(self, subjects: Sequence[Subject]) -> None:
        """Chooses these and no others; where none of them is there any more, all stays as it is."""
        if subjects and not self._items.keys() & set(subjects):
            return
        self.blockSignals(True)
        for subject, item in self._items.items():
            item.setCheckState(NAME, Qt.CheckState.Checked if subject in subjects else Qt.CheckState.Unchecked)
        self.blockSignals(False)
        self.changed.emit()

    def show_looks(self, looks: Mapping[Subject, Look]) -> None:
        """Draws the line of each that is chosen beside its name."""
        self.blockSignals(True)
        for subject, item in self._items.items():
            look = looks.get(subject)
            item.setIcon(NAME, look.icon(self) if look else QIcon())
        self.blockSignals(False)

    def show_values(self, words: Mapping[Subject, str]) -> None:
        """Writes what each counts; only what is other than before is drawn."""
        self.blockSignals(True)
        for subject, item in self._items.items():
            text = words.get(subject, "")
            if self._words.get(subject) != text:
                self._words[subject] = text
                item.setText(VALUE, text)
        self.blockSignals(False)

    def value(self, subject: Subject) -> str:
        """Returns what is written there."""
        return self._words.get(subject, "")

    def _add(self, parent: QTreeWidget | QTreeWidgetItem, subject: Subject, name: str, ticked: bool) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, [name, ""])
        item.setToolTip(NAME, html.escape(name))
        item.setCheckState(NAME, Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        item.setTextAlignment(VALUE, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._items[subject] = item
        return item
