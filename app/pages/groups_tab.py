"""The groups under Set-up: cameras and zones whose people are added up."""

from collections.abc import Callable

from PyQt6.QtWidgets import QDialog

from app.dialogs.group import GroupDialog
from app.pages.setup_tab import ListedTab
from app.panels.group_words import group_words
from app.panels.invitation import Invitation
from app.panels.named_list import ListColumn, ListRow, NamedList
from app.running.document import Document
from app.running.live import Live
from engine.settings.rules import GroupSettings


class GroupsTab(ListedTab):
    """A list of groups, and what can be done with the one that is chosen."""

    key, icon = "groups", "group"
    own = frozenset({"add_group", "edit", "rules", "remove", "up", "down"})

    def __init__(self, document: Document, live: Live) -> None:
        super().__init__(document)
        self.title = self.tr("Groups")
        self._live = live
        columns = (
            ListColumn(self.tr("Group"), 9),
            ListColumn(self.tr("Now"), 0),
            ListColumn(self.tr("Members"), 0, is_missable=True),
            ListColumn(self.tr("Capacity"), 5),
            ListColumn(self.tr("Rules"), 4, is_missable=True),
        )
        self.groups = NamedList(self.tr("Groups"), columns)
        self.empty = Invitation(self.tr("Add a group…"), self.add)
        self.empty.say(
            self.tr("No group yet"),
            self.tr("A group adds up the people of several cameras and zones, such as all doors of a hall, and has a ")
            + self.tr("capacity, rules and a curve of its own."),
        )
        for part in (self.empty, self.groups):
            self._stack.addWidget(part)
        self.groups.asked.connect(self.edit)
        self.groups.currentItemChanged.connect(lambda *_: self.chosen_changed.emit())

    @property
    def chooser(self) -> NamedList:
        """The groups."""
        return self.groups

    def fill(self) -> None:
        """Shows the groups that are configured."""
        has_cameras = bool(self.config.cameras)
        self.empty.button.setEnabled(has_cameras)
        self.empty.button.setToolTip("" if has_cameras else self.tr("A group is made of cameras; add one first"))
        self.pull_numbers()
        self._stack.setCurrentWidget(self.groups if self.config.groups else self.empty)

    def pull_numbers(self) -> None:
        """Says what the groups count."""
        known, facts = {each.name: each for each in self._live.groups()}, self._live.facts()
        rows = []
        for group in self.config.groups:
            words = group_words(group, self.config.cameras, facts, known.get(group.name))
            tone = "problem" if words.is_over or words.alert else "quiet" if words.reason else ""
            rows.append(self._row(group, words.said, tone))
        self.groups.show_rows(rows)

    def allowed(self) -> frozenset[str]:
        """A group needs cameras."""
        return super().allowed() - (frozenset() if self.config.cameras else frozenset({"add_group"}))

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {**super().runs(), "add_group": self.add}

    def add(self) -> QDialog:
        """Asks for a group; returns what asks."""
        return self._open(GroupDialog(self._document, parent=self))

    def edit(self, name: str = "") -> None:
        """Asks for changes of a group, the chosen one if none is named."""
        if wanted := name or self.chosen:
            self._open(GroupDialog(self._document, wanted, parent=self))

    def _row(self, group: GroupSettings, said: str, tone: str) -> ListRow:
        capacity = "–" if group.capacity is None else f"{group.capacity}"
        words = (group.name, said, ", ".join(group.members), capacity, str(len(group.rules)))
        return ListRow(group.name, words, tone=tone, toned=1)
