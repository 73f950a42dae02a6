"""A strip that says which rules are suspended, until when and by whom, and lets each raise alerts again."""

from collections.abc import Callable, Sequence
from time import time

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton

from app.panels.message import Message
from app.panels.suspend_words import suspended_words
from engine.alerts.suspension import Suspension


class SuspendedBar(QFrame):
    """Hidden while no rule is."""

    def __init__(self, resume: Callable[[Suspension], object]) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.words, self.button, self._resume = Message(), QPushButton(self.tr("Resume")), resume
        self._menu = QMenu(self)
        self._menu.setAccessibleName(self.button.text())
        self.button.setMenu(self._menu)
        self._shown: tuple[Suspension, ...] | None = None
        row = QHBoxLayout(self)
        row.addWidget(self.words, stretch=1)
        row.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignTop)
        self.set_denied("")
        self.show_suspended(())

    def show_suspended(self, suspended: Sequence[Suspension]) -> None:
        """Shows these."""
        if tuple(suspended) == self._shown:
            return
        self._shown, now_s = tuple(suspended), time()
        lines = [f"‖ {named(each)} {suspended_words(each, now_s)}{_note(each)}" for each in suspended]
        self.words.set_text("\n".join(lines))
        self._menu.clear()
        for each in suspended:
            action = self._menu.addAction(named(each).replace("&", "&&"))
            assert action is not None
            action.triggered.connect(lambda _, each=each: self._resume(each))
        self.setVisible(bool(suspended))

    def set_locked(self, locked: bool) -> None:
        """Only says it from now on."""
        self.button.setHidden(locked)

    def set_denied(self, why: str) -> None:
        """Takes why no rule may be let raise alerts again; '' where that may be done."""
        tip = self.tr("Let a rule raise alerts again")
        self.button.setEnabled(not why)
        self.button.setToolTip(f"{tip}\n⚠ {why}" if why else tip)


def named(suspension: Suspension) -> str:
    """Returns which rule it is."""
    return f"{suspension.owner}: {suspension.rule}"


def _note(suspension: Suspension) -> str:
    return f" – {suspension.note}" if suspension.note else ""
