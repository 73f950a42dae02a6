"""Small texts in dialogs: help beneath a field, what is wrong beside it; always plain, never taken for HTML."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

FAULT_SIGN = "⚠"  # so that it is not told by colour alone


class WrappedLabel(QLabel):
    """A text that takes as many lines as it needs, and widens nothing."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)  # else its longest word would widen the dialog
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def setText(self, words: str | None) -> None:  # noqa: N802
        """Takes the room for other words."""
        super().setText(words)
        self._take_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Takes the room for as many lines as there are now, which forms do not give to what lies deeper in them."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        self.setMinimumHeight(self.heightForWidth(self.width()) if self.text() else 0)


class FaultLabel(WrappedLabel):
    """What is wrong with a field, beneath it; hidden while all is well."""

    def __init__(self) -> None:
        super().__init__()
        self.setForegroundRole(QPalette.ColorRole.BrightText)
        self.hide()

    def say(self, words: str, field: QWidget) -> None:
        """Says it, to those who hear the field's description as well; no words for nothing."""
        self.setText(f"{FAULT_SIGN} {words}" if words else "")
        self.setVisible(bool(words))
        field.setAccessibleDescription(" ".join(filter(None, (words, field.toolTip()))))


def help_text(words: str) -> WrappedLabel:
    """Returns a quiet text beneath a field."""
    label = WrappedLabel(words)
    label.setObjectName("fact")
    return label
