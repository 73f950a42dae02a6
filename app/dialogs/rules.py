"""The rules of a camera or a group: a list to which one adds and from which one takes; a change is kept at once."""

from collections.abc import Callable
from time import time

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.rule import NO_LOG, RuleDialog
from app.dialogs.suspend_menu import SuspendMenu
from app.dialogs.words import FaultLabel, WrappedLabel
from app.panels.alert_words import severity_words
from app.panels.suspend_words import suspended_words
from app.running.alerts import Alerts
from app.running.watched import Watched
from app.theme import em
from engine.rules.rulebook import Key
from engine.settings.config import CameraSettings
from engine.settings.rules import GroupSettings, RuleSettings

SIZE_EM = 36, 24


class RulesDialog(QDialog):
    """Whose rules they are is chosen above the list."""

    def __init__(self, watched: Watched, alerts: Alerts, owner: str = "", parent: QWidget | None = None) -> None:
        """Begins with a camera or group of that name; with the first one for ''."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Rules"))
        self._watched, self._alerts = watched, alerts
        self.owner, self.rules, self._fault = QComboBox(), QListWidget(), FaultLabel()
        self.add = self._button(self.tr("&Add…"), self.tr("Make a rule (Insert)"), self._add)
        self.edit = self._button(self.tr("&Edit…"), self.tr("Change the chosen rule (F2)"), self._edit)
        self.remove = self._button(self.tr("&Remove"), self.tr("Take the chosen rule out (Delete)"), self._remove)
        self.suspend = self._button(self.tr("&Suspend"), self.tr("Let the chosen rule raise no alert for a while"))
        self.suspend.setMenu(SuspendMenu(self, alerts, self._key))
        self.undo = self._button(self.tr("&Undo"), self.tr("Take back the last change"), watched.undo)
        self.editor: RuleDialog | None = None
        """Open just now."""
        self._build()
        for each in watched.config.owners:
            self.owner.addItem(each.name, each.name)
        self.owner.setCurrentIndex(max(0, self.owner.findData(owner)))
        self.owner.currentIndexChanged.connect(lambda _: self._fill())
        self.rules.currentRowChanged.connect(lambda _: self._allow())
        self.rules.itemActivated.connect(lambda _: self._edit())
        watched.changed.connect(self._fill)
        alerts.changed.connect(self._fill)
        alerts.failed.connect(self._tell)
        self._fill()
        self.rules.setFocus()

    @property
    def chosen(self) -> CameraSettings | GroupSettings | None:
        """Whose rules are listed, as it is now."""
        name = self.owner.currentData()
        return next((each for each in self._watched.config.owners if each.name == name), None)

    def _add(self) -> None:
        self._open(None)

    def _edit(self) -> None:
        rule = self._rule()
        if rule is not None:
            self._open(rule)

    def _remove(self) -> None:
        owner, rule = self.chosen, self._rule()
        if owner is not None and rule is not None:
            left = tuple(each for each in owner.rules if each.name != rule.name)
            self._fault.say(self._watched.put_owner(owner.model_copy(update={"rules": left})), self.rules)

    def _open(self, rule: RuleSettings | None) -> None:
        if self.chosen is not None:
            self.editor = RuleDialog(self._watched, self.chosen.name, rule, self)
            self.editor.finished.connect(self.editor.deleteLater)
            self.editor.open()

    def _rule(self) -> RuleSettings | None:
        owner, row = self.chosen, self.rules.currentRow()
        return owner.rules[row] if owner is not None and 0 <= row < len(owner.rules) else None

    def _key(self) -> Key | None:
        owner, rule = self.chosen, self._rule()
        return None if owner is None or rule is None else (owner.name, rule.name)

    def _tell(self, why: str) -> None:
        self._fault.say(why, self.rules)

    def _fill(self) -> None:
        row, owner = self.rules.currentRow(), self.chosen
        self.rules.clear()
        for rule in owner.rules if owner else ():
            suspension = self._alerts.suspension(owner.name, rule.name) if owner else None
            ending = f" – {suspended_words(suspension, time())}" if suspension else ""
            self.rules.addItem(f"{rule_line(rule)}{ending}")
        self.rules.setCurrentRow(min(max(row, 0), self.rules.count() - 1))
        has_none = owner is not None and not owner.rules
        self._empty.setVisible(has_none)
        self._allow()

    def _allow(self) -> None:
        for button in (self.edit, self.remove, self.suspend):
            button.setEnabled(self._rule() is not None)
        self.add.setEnabled(self.chosen is not None)
        self.undo.setEnabled(bool(self._watched.undo_words))
        self.undo.setToolTip(self._watched.undo_words or self.tr("Take back the last change"))
        self._fault.say(self.tr(NO_LOG) if self._watched.config.database is None else "", self.rules)

    def _build(self) -> None:
        self.owner.setAccessibleName(self.tr("Camera or group"))
        self.owner.setToolTip(self.tr("Whose rules are listed"))
        self.rules.setAccessibleName(self.tr("Rules"))
        self.rules.setWordWrap(True)
        self.rules.setResizeMode(QListWidget.ResizeMode.Adjust)
        self._empty = WrappedLabel(self.tr("No rule yet. Add one: such as above 25 people for 3 s."))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row, outer = QHBoxLayout(), QVBoxLayout(self)
        for button in (self.add, self.edit, self.remove, self.suspend, self.undo):
            row.addWidget(button)
        row.addStretch(1)
        for part in (self.owner, self._empty, self.rules, self._fault):
            outer.addWidget(part, stretch=part is self.rules)
        outer.addLayout(row)
        outer.addWidget(close)
        for keys, run in (
            (Qt.Key.Key_Insert, self._add),
            (Qt.Key.Key_F2, self._edit),
            (Qt.Key.Key_Delete, self._remove),
        ):
            QShortcut(QKeySequence(keys), self.rules).activated.connect(run)
        self.resize(em(self, SIZE_EM[0]), em(self, SIZE_EM[1]))

    def _button(self, words: str, tip: str, run: Callable[[], object] = lambda: None) -> QPushButton:
        button = QPushButton(words)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: run())
        return button


def rule_line(rule: RuleSettings) -> str:
    """Returns a rule in a line."""
    where = f" ({rule.zone})" if rule.zone else ""
    return f"{severity_words(rule.severity)} · {rule.name}{where}: {rule.rule().said}"
