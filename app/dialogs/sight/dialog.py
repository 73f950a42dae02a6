"""What dialogs have in common in which something is marked on a picture: what was not saved is not left unasked."""

from collections.abc import Callable

from PyQt6.QtCore import QCoreApplication, Qt, QTimer
from PyQt6.QtWidgets import QDialog, QMessageBox, QWidget

from engine.capture.health import State
from engine.monitor.facts import CameraFacts


class SightDialog(QDialog):
    """A dialog that is asked again and again what there is to show, for as long as it is open."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._timers: list[QTimer] = []

    def question(self) -> str:
        """Returns what is asked before it is left; empty where nothing would be lost."""
        raise NotImplementedError

    def put(self) -> None:
        """Saves and leaves, if that can be."""
        raise NotImplementedError

    def reject(self) -> None:
        """Leaves, and asks before if there is something that was not saved."""
        words = self.question()
        if not words:
            super().reject()
            return
        ask = QMessageBox.StandardButton
        choices = ask.Save | ask.Discard | ask.Cancel
        box = QMessageBox(QMessageBox.Icon.Question, self.windowTitle(), words, choices, self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setDefaultButton(ask.Save)
        for which, act in ((ask.Save, self.put), (ask.Discard, self._leave)):
            button = box.button(which)
            assert button is not None
            button.clicked.connect(act)
        box.open()

    def done(self, result: int) -> None:
        """Asks for nothing more."""
        for timer in self._timers:
            timer.stop()
        super().done(result)

    def _pull_every(self, pace_ms: int, pull: Callable[[], None]) -> None:
        timer = QTimer(self)
        timer.timeout.connect(pull)
        timer.start(pace_ms)
        self._timers.append(timer)

    def _leave(self) -> None:
        super().reject()


def note_words(name: str, facts: CameraFacts | None, *, has_picture: bool) -> str:
    """Returns why there is no live picture to draw on; empty where there is one."""
    if facts is not None and facts.health.state is State.LIVE and has_picture:
        return ""
    if facts is None:
        why = QCoreApplication.translate("polygons", "'{}' is not watched now").format(name)
    else:
        why = f"'{name}': {facts.health.state.value}" + (f", {facts.health.problem}" if facts.health.problem else "")
    rest = "this is its last picture" if has_picture else "there is no picture yet, and polygons can be drawn without"
    return f"{why}; {QCoreApplication.translate('polygons', rest)}"
