"""What the page Set-up asks of each of its lists: cameras, groups, who is told of alerts, and models."""

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from app.running.changes import Key
from app.running.document import Document
from engine.settings.config import Config


class Chooser(Protocol):
    """A list of which one is chosen."""

    @property
    def current(self) -> str:
        """What is chosen; empty where nothing is."""
        ...

    def choose(self, name: str, /) -> None:
        """Chooses something."""
        ...


class SetupTab(QWidget):
    """A list, and what stands in its place while it is empty."""

    chosen_changed = pyqtSignal()
    """Something else is chosen, or can be done with it."""
    key = ""
    """By which the page knows it."""
    title = ""
    icon = ""
    own: frozenset[str] = frozenset()
    """Commands of the page that have a sense here."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._stack = QStackedWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._stack, stretch=1)

    @property
    def chooser(self) -> Chooser:
        """What is listed."""
        raise NotImplementedError

    @property
    def chosen(self) -> str:
        """The name of what is chosen; empty where nothing is."""
        return self.chooser.current

    @property
    def config(self) -> Config:
        """The configuration of the document."""
        return self._document.config

    @property
    def focus_place(self) -> QWidget | None:
        """What has the keyboard when the page is entered."""
        return self._stack.currentWidget()

    def fill(self) -> None:
        """Shows what is configured now."""

    def pull_numbers(self) -> None:
        """Says how all is doing."""

    def allowed(self) -> frozenset[str]:
        """Commands that can be done now."""
        return self.own if self.chosen else frozenset(name for name in self.own if name.startswith("add"))

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do, by their names."""
        return {}

    def _open(self, dialog: QDialog) -> QDialog:
        """Shows a dialog; counting and the rest of the window go on meanwhile."""
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog


class ListedTab(SetupTab):
    """A list of what the configuration names, in its order."""

    removed = pyqtSignal(str)
    """Something was taken out: its name."""
    key: Key
    """What of the configuration it lists."""

    @property
    def chosen(self) -> str:
        """The name of what is chosen in the configuration; empty where nothing is."""
        name = self.chooser.current
        return name if any(each.name == name for each in getattr(self.config, self.key)) else ""

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do, by their names."""
        return {"remove": self.remove, "up": lambda: self.shift(-1), "down": lambda: self.shift(1), "edit": self.edit}

    def edit(self, name: str = "") -> None:
        """Asks for changes of what is named, or chosen."""
        raise NotImplementedError

    def remove(self) -> None:
        """Takes out what is chosen."""
        name = self.chosen
        if name and not self._document.remove_item(self.key, name):
            self.removed.emit(name)

    def shift(self, by: int) -> None:
        """Moves what is chosen."""
        if self.chosen:
            self._document.move_item(self.key, self.chosen, by)
