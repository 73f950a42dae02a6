"""Takes care of alerts, or closes them: a note, and who does it; Ctrl+Enter confirms."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.dialogs.rows import Rows
from app.dialogs.words import WrappedLabel
from app.theme import em
from engine.settings.fields import LONGEST_NAME

SIZE_EM = 30, 18
NOTE_EM = 6
MOST_NAMED = 4
WARNING_SIGN = "⚠"


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to alerts, in words."""

    name: str = "Acknowledge"
    tip: str = "Note it in the log, for good (Ctrl+Enter)"
    warning: str = ""
    """What has to be thought of before; '' is nothing."""


class AcknowledgeDialog(QDialog):
    """Accepted, `note` and `who` say what is to be noted."""

    def __init__(
        self, alerts: Sequence[str], who: str, parent: QWidget | None = None, deed: Deed | None = None
    ) -> None:
        """Takes what the alerts are called, who is thought to deal with them, and what is done to them."""
        super().__init__(parent)
        deed = deed or Deed()
        self.setWindowTitle(deed.name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        named = [*alerts[:MOST_NAMED], *([f"… {len(alerts) - MOST_NAMED}"] if len(alerts) > MOST_NAMED else [])]
        self._note, self._who, rows = QPlainTextEdit(), QLineEdit(who), Rows()
        self._note.setTabChangesFocus(True)
        self._note.setMinimumHeight(em(self, NOTE_EM))
        self._who.setMaxLength(LONGEST_NAME)
        rows.add(self.tr("&Note"), self._note, self.tr("What was found or done; it may stay empty."))
        rows.add(self.tr("&By"), self._who, self.tr("Your name, as the log has it; it is remembered."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert ok is not None
        ok.setText(deed.name)
        ok.setToolTip(deed.tip)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(WrappedLabel("\n".join(named)))
        if deed.warning:
            column.addWidget(WrappedLabel(f"{WARNING_SIGN} {deed.warning}"))
        column.addWidget(rows, stretch=1)
        column.addWidget(buttons)
        self.resize(em(self, SIZE_EM[0]), em(self, SIZE_EM[1]))
        self._note.setFocus()

    @property
    def note(self) -> str:
        """What was written; it may be empty."""
        return self._note.toPlainText().strip()

    @property
    def who(self) -> str:
        """Who acknowledges."""
        return self._who.text().strip()
