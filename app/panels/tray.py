"""The icon in the system's tray: how many cameras are live, while the window is minimised or was closed to it."""

from collections.abc import Callable, Iterable

from PyQt6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PyQt6.QtGui import QCloseEvent, QIcon
from PyQt6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from app.icons import icon as icon_of
from engine.capture.health import State

LOOK_MS = 2000


class Tray(QObject):
    """Watches over a window; where there is no tray, it does nothing at all."""

    def __init__(
        self, window: QWidget, icon: QIcon, *, states: Callable[[], Iterable[State]], on_quit: Callable[[], object]
    ) -> None:
        """Takes the states of the cameras, asked now and then, and what ends the program."""
        super().__init__(window)
        self._window, self._states = window, states
        self.keeps_running = False
        """Whether closing the window leaves the program in the tray, by choice."""
        self.tells = True
        """Whether the desktop says anything, by choice."""
        self.is_ending = False
        """Whether closing the window ends the program all the same, such as when the session ends."""
        self._on_quit = on_quit
        self.menu = QMenu(window)
        for words, act in ((self.tr("Open DeepCount"), self.open), (self.tr("Quit"), self.quit)):
            action = self.menu.addAction(words)
            assert action is not None
            action.triggered.connect(act)
        self.icon = QSystemTrayIcon(icon, self)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activated)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        window.installEventFilter(self)

    @property
    def is_there(self) -> bool:
        """Whether the system has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:  # noqa: N802
        """Shows the icon while the window is minimised; closes to the tray where that was chosen."""
        if event is None or watched is not self._window or not self.is_there:
            return False
        if event.type() == QEvent.Type.WindowStateChange:
            self._show(self._window.isMinimized())
        elif isinstance(event, QCloseEvent) and self.keeps_running and not self.is_ending:
            self._window.hide()
            self._show(True)
            self.icon.showMessage(
                "DeepCount", self.tr("It goes on counting. This icon opens or ends it."), self.icon.icon()
            )
            event.ignore()
            return True
        elif event.type() in (QEvent.Type.Show, QEvent.Type.WindowActivate) and not self._window.isMinimized():
            self._show(False)
        return False

    def open(self) -> None:
        """Brings the window back."""
        self._show(False)
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def tell(self, title: str, words: str) -> None:
        """Has the desktop say something to somebody who looks elsewhere; shown in the window, it needs no more."""
        if self.tells and self.is_there and not self._window.isActiveWindow():
            self.say(title, words)

    def say(self, title: str, words: str) -> None:
        """Has the desktop say something, whoever looks where."""
        self._show(True)
        self.icon.showMessage(title, words, icon_of("alerts"))

    def quit(self) -> None:
        """Ends the program, whatever closing the window does."""
        self.is_ending = True
        self._show(False)
        self._on_quit()

    def look(self) -> None:
        """Says how the cameras are doing."""
        self.icon.setToolTip(tray_words(self._states()))

    def _show(self, shown: bool) -> None:
        if shown == self.icon.isVisible():
            return
        self.icon.setVisible(shown)
        if shown:
            self.look()
            self._timer.start(LOOK_MS)
        else:
            self._timer.stop()

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open()


def tray_words(states: Iterable[State]) -> str:
    """Returns how many cameras are live and how many are lost."""
    all_states = list(states)
    live = all_states.count(State.LIVE)
    lost = sum(state in (State.STALLED, State.RECONNECTING, State.FAILED) for state in all_states)
    rest = len(all_states) - live - lost
    parts = [f"{live} live", f"{lost} lost" if lost else "", f"{rest} not connected" if rest else ""]
    words = ", ".join(filter(None, parts)) if all_states else "no camera is watched"
    return QCoreApplication.translate("Tray", "DeepCount – {}").format(words)
