"""Asks until when a rule is to raise no alert, and why; Ctrl+Enter confirms."""

from time import time

from PyQt6.QtCore import QDateTime, Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QLineEdit, QVBoxLayout, QWidget

from app.dialogs.rows import Rows
from app.dialogs.words import WrappedLabel
from app.panels.suspend_words import HOUR_S
from app.theme import em
from engine.settings.fields import LONGEST_NAME

WIDE_EM = 28
LONGEST_NOTE = 200


class SuspendDialog(QDialog):
    """Accepted, `until`, `note` and `who` say what is asked for."""

    def __init__(self, rule: str, who: str, parent: QWidget | None = None) -> None:
        """Takes what the rule is called, and who is thought to suspend it."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Suspend a rule"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._until, self._note, self._who, rows = QDateTimeEdit(), QLineEdit(), QLineEdit(who), Rows()
        self._until.setCalendarPopup(True)
        self._until.setDisplayFormat("HH:mm, d MMM yyyy")
        self._until.setDateTime(QDateTime.fromSecsSinceEpoch(round(time()) + HOUR_S))
        self._note.setMaxLength(LONGEST_NOTE)
        self._who.setMaxLength(LONGEST_NAME)
        rows.add(self.tr("&Until"), self._until, self.tr("By the clock here; until then the rule raises no alert."))
        rows.add(self.tr("&Note"), self._note, self.tr("Why; it may stay empty."))
        rows.add(self.tr("&By"), self._who, self.tr("Your name, as the log has it; it is remembered."))
        self._rows = rows
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        ok.setText(self.tr("Suspend"))
        ok.setToolTip(self.tr("Note it in the log (Ctrl+Enter)"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(WrappedLabel(rule))
        column.addWidget(WrappedLabel(self.tr("An alert that is open goes on, and clears as usual.")))
        column.addWidget(rows)
        column.addStretch(1)
        column.addWidget(buttons)
        self.resize(em(self, WIDE_EM), self.sizeHint().height())
        self._until.setFocus()

    def accept(self) -> None:
        """Takes a moment to come; says so beside the field where it is over."""
        if self.until <= time():
            self._rows.say(self._until, self.tr("is over, expected a moment to come"))
            self._until.setFocus()
            return
        super().accept()

    @property
    def until(self) -> int:
        """Seconds since 1970."""
        return self._until.dateTime().toSecsSinceEpoch()

    @property
    def note(self) -> str:
        """Why; it may be empty."""
        return self._note.text().strip()

    @property
    def who(self) -> str:
        """Who suspends it."""
        return self._who.text().strip()
