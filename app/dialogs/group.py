"""Adds or edits a group: its name, the cameras and zones whose people it adds up, and how many it holds."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.dialogs.check_list import CheckList
from app.dialogs.form import Form
from app.dialogs.scrolled import ScrolledDialog
from app.dialogs.words import FaultLabel, help_text
from app.running.document import Document
from engine.settings.config import CameraSettings
from engine.settings.problems import Problem, tried
from engine.settings.rules import GroupSettings

SIZE_EM = 34, 36


class GroupDialog(ScrolledDialog):
    """When it is accepted the document has the group."""

    def __init__(self, document: Document, name: str | None = None, parent: QWidget | None = None) -> None:
        """Edits the group of that name, or adds one."""
        self._document = document
        self._before = next((group for group in document.config.groups if group.name == name), None)
        super().__init__("", "", parent)
        self.setWindowTitle(self.tr("Group {0}").format(name) if name else self.tr("Add a group"))
        self.buttons.buttons()[0].setText(self.tr("Save") if self._before else self.tr("Add the group"))
        self.form, self._fault, self._none = Form(GroupSettings, ("name", "capacity")), FaultLabel(), FaultLabel()
        self.members = CheckList(self.tr("Members"), members_of(document.config.cameras))
        self._build()
        self.form.set_values(dict(self._before) if self._before else {"name": self._proposed()})
        self.members.tick(self._before.members if self._before else ())
        self.form.entry("name").widget.setFocus()

    def accept(self) -> None:
        """Keeps the group; where it cannot be, says why and stays."""
        group, found = self._checked()
        if group is not None:
            replacing = self._before.name if self._before else None
            found = self._document.put_item("groups", group, replacing=replacing)
        self._show(found)
        if not found:
            super().accept()

    def _values(self) -> dict[str, Any]:
        before, ticked = self._before.members if self._before else (), self.members.ticked
        members = before if set(before) == set(ticked) else ticked  # in the order in which somebody wrote them
        return {**self.form.values(), "members": members, "rules": self._before.rules if self._before else ()}

    def _checked(self) -> tuple[GroupSettings | None, Sequence[Problem]]:
        values = self._values()
        group, found = tried(GroupSettings, values, str(values.get("name", "")))
        problems = list(found)
        own = self._before.name if self._before else None
        others = {each.name.casefold() for each in self._document.config.owners if each.name != own}
        if str(values.get("name", "")).strip().casefold() in others:
            words = self.tr("is the name of a camera or of another group, expected one of its own")
            problems.append(Problem(("name",), words, words))
        if not values["members"]:
            words = self.tr("nothing is ticked, expected cameras or zones; tick some")
            problems.append(Problem(("members",), words, words))
        return (None if problems else group), problems

    def _show(self, problems: Sequence[Problem]) -> None:
        members = [problem.words for problem in problems if problem.place[:1] == ("members",)]
        self._none.say("; ".join(members), self.members)
        others = self.form.show_problems(each for each in problems if each.place[:1] != ("members",))
        self._fault.say("; ".join(problem.sentence for problem in others), self)
        if self.form.focus_first_fault():
            self.area.ensureWidgetVisible(self.focusWidget())
        elif members:
            self.members.setFocus()

    def _proposed(self) -> str:
        taken = {each.name.casefold() for each in self._document.config.owners}
        names = (self.tr("group") + (f" {number}" if number > 1 else "") for number in range(1, len(taken) + 2))
        return next(name for name in names if name.casefold() not in taken)

    def _build(self) -> None:
        fields, heading = QWidget(), QLabel(self.tr("Me&mbers"))
        heading.setBuddy(self.members)
        column = QVBoxLayout(fields)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        column.addWidget(heading)
        column.addWidget(self.members, stretch=1)
        column.addWidget(help_text(self.tr("Their people are added up; the sum is unknown while one of them is.")))
        column.addWidget(self._none)
        self.arrange(fields, self._fault, size_em=SIZE_EM)


def members_of(cameras: Sequence[CameraSettings]) -> dict[str, list[tuple[str, str]]]:
    """Returns all that can be in a group: cameras, each with its zones."""
    return {camera.name: [(f"{camera.name}/{zone.name}", zone.name) for zone in camera.zones] for camera in cameras}
