"""Which counts are looked back at, with their lines and values, and beside them those of other days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QHeaderView

from app.panels.curve_choice import CurveChoice
from app.panels.curve_look import Look
from engine.history.contents import Owner
from engine.rules.series import Subject
from engine.settings.config import Config

OTHER = 2
MOST = 16
"""Counts that are drawn at once; more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class OfferedZone:
    """A zone to choose."""

    name: str


@dataclass(frozen=True, slots=True)
class OfferedOwner:
    """A camera or group to choose."""

    name: str
    zones: Sequence[OfferedZone]


class HistoryChoice(CurveChoice):
    """The list of counts with a third column."""

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(3)
        self.setHeaderHidden(False)
        columns = self.header()
        assert columns is not None
        columns.setSectionResizeMode(OTHER, QHeaderView.ResizeMode.ResizeToContents)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.name_columns("", "")

    def name_columns(self, days: str, others: str) -> None:
        """Says which days the columns are of; no others are not shown."""
        self.setHeaderLabels([self.tr("Count"), days, others])
        self.setColumnHidden(OTHER, not others)

    def show_other_looks(self, looks: Mapping[Subject, Look]) -> None:
        """Draws the line of the other days of each that is chosen."""
        self.blockSignals(True)
        for subject, item in self._items.items():
            look = looks.get(subject)
            item.setIcon(OTHER, look.icon(self) if look else QIcon())
        self.blockSignals(False)

    def show_other_values(self, words: Mapping[Subject, str]) -> None:
        """Writes what each counted on the other days."""
        self.blockSignals(True)
        for subject, item in self._items.items():
            if item.text(OTHER) != words.get(subject, ""):
                item.setText(OTHER, words.get(subject, ""))
        self.blockSignals(False)

    def add(self, subject: Subject) -> None:
        """Chooses one more; where as many are chosen as there may be, it alone."""
        ticked = self.ticked
        if subject not in ticked:
            self.tick([*ticked, subject] if len(ticked) < MOST else [subject])
        item = self._items.get(subject)
        if item is not None:
            self.scrollToItem(item)


def offered(config: Config, owners: Sequence[Owner], left_out: frozenset[str]) -> list[OfferedOwner]:
    """Returns what can be chosen: what is configured in its order, then what only the log knows."""
    logged = {owner.name: owner for owner in owners if owner.name not in left_out}
    zones: dict[str, list[str]] = {camera.name: [zone.name for zone in camera.zones] for camera in config.cameras}
    names = [*(owner.name for owner in config.owners), *logged]
    found = []
    for name in dict.fromkeys(names):
        known = logged[name].zones if name in logged else ()
        own = dict.fromkeys([*zones.get(name, ()), *known])
        found.append(OfferedOwner(name, tuple(map(OfferedZone, own))))
    return found
