"""The lock of the wall: it leaves watching and hides set-up. It guards against mishaps and is no security."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMessageBox, QWidget


class WallLock(QObject):
    """Locks at once; unlocks when a person confirms it."""

    def __init__(self, owner: QWidget, action: QAction, on_change: Callable[[bool], object]) -> None:
        """`action` shows whether it is locked; `on_change` is told what people want, and says it with `set_locked`."""
        super().__init__(owner)
        self._owner, self._action, self._on_change = owner, action, on_change
        self.is_locked = False
        self.question: QMessageBox | None = None
        """Asked just now."""

    def set_locked(self, locked: bool) -> None:
        """Shows whether it is locked."""
        self.is_locked = locked
        self._action.setChecked(locked)
        self._action.setText(self.tr("Unlock") if locked else self.tr("Lock"))

    def switch(self) -> None:
        """Locks, or asks whether to unlock."""
        if not self.is_locked:
            self._on_change(True)
            return
        self._action.setChecked(True)
        if self.question is None:
            self.question = self._new_question()
            self.question.open()

    def _new_question(self) -> QMessageBox:
        question = QMessageBox(self._owner.window())
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setIcon(QMessageBox.Icon.Question)
        question.setWindowTitle(self.tr("Unlock"))
        question.setText(self.tr("Unlock set-up?"))
        question.setInformativeText(
            self.tr("Whoever is here can then change cameras and zones. The lock guards against mishaps, not people.")
        )
        unlock = question.addButton(self.tr("Unlock"), QMessageBox.ButtonRole.AcceptRole)
        question.addButton(QMessageBox.StandardButton.Cancel)
        question.finished.connect(lambda: self._answered(question.clickedButton() is unlock))
        return question

    def _answered(self, unlock: bool) -> None:
        self.question = None
        if unlock:
            self._on_change(False)
