"""The menu by which a rule is suspended: the times that people ask for, a moment of their own, and the end of it."""

from collections.abc import Callable
from time import time

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QMenu, QWidget

from app.dialogs.suspend import SuspendDialog
from app.panels.suspend_words import choices
from app.running.looked import Alerted
from engine.rules.rulebook import Key

translate = QCoreApplication.translate


class SuspendMenu(QMenu):
    """Is about the rule that is chosen when it opens."""

    def __init__(self, parent: QWidget, alerts: Alerted, chosen: Callable[[], Key | None]) -> None:
        super().__init__(parent)
        self.setAccessibleName(translate("Suspend", "Suspend the rule"))
        self._parent, self._alerts, self._chosen = parent, alerts, chosen
        self.dialog: SuspendDialog | None = None
        """Open just now."""
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        rule = self._chosen()
        if rule is None:
            return
        if self._alerts.suspension(*rule) is not None:
            self._add(translate("Suspend", "&Resume now"), lambda: self._alerts.suspend(*rule, None))
            self.addSeparator()
        for words, until in choices(time()):
            self._add(words, lambda until=until: self._alerts.suspend(*rule, until))  # type: ignore[misc]
        self._add(translate("Suspend", "&Until…"), lambda: self._ask(rule))

    def _add(self, words: str, run: Callable[[], object]) -> None:
        action = self.addAction(words)
        assert action is not None
        action.triggered.connect(lambda _: run())

    def _ask(self, rule: Key) -> None:
        self.dialog = dialog = SuspendDialog(": ".join(rule), self._alerts.who, self._parent.window())
        dialog.accepted.connect(lambda: self._alerts.suspend(*rule, dialog.until, note=dialog.note, who=dialog.who))
        dialog.finished.connect(self._forget)
        dialog.open()

    def _forget(self) -> None:
        self.dialog = None
