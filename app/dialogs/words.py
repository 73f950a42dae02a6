"""Small texts in dialogs: help beneath a field, what is wrong beside it; always plain, never taken for HTML."""

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QPalette, QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

FAULT_SIGN = "⚠"  # so that it is not told by colour alone


class WrappedLabel(QLabel):
    """A text that takes as many lines as it needs, and widens nothing.

    To layouts it is as high as it has to be at the width that it has: forms of Qt mistake what heights lie deeper in
    them would be at other widths, and cut some of their rows for others.
    """

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)  # else its longest word would widen the dialog
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Says that it has one height, which changes with its width."""
        return False

    def sizeHint(self) -> QSize:  # noqa: N802
        """Returns what it needs now."""
        return QSize(super().sizeHint().width(), max(self.minimumHeight(), self.fontMetrics().height()))

    def setText(self, words: str | None) -> None:  # noqa: N802
        """Takes the room for other words."""
        super().setText(words)
        self._take_room()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Takes the room for as many lines as there are now."""
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
