"""The wall on a screen of its own: taken out of its page, told of pictures by itself, and brought back."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, QTimer
from PyQt6.QtGui import QAction, QGuiApplication, QScreen
from PyQt6.QtWidgets import QMenu, QSplitter, QWidget

from app.panels.full_screen import FullScreen
from app.panels.invitation import Invitation

PICTURE_MS, NUMBERS_MS = 33, 125


class WallScreen(QObject):
    """Moves a wall between its splitter and a screen."""

    def __init__(self, wall: QWidget, home: QSplitter, *, on_change: Callable[[], None]) -> None:
        """`on_change` hears that it left or came back."""
        super().__init__(home)
        self._wall, self._home, self._on_change = wall, home, on_change
        self._window: FullScreen | None = None
        self.note = Invitation(self.tr("Bring it back"), self.leave)
        """What stands in its place meanwhile."""
        self.note.say(
            self.tr("The wall fills a screen"), self.tr("F or Escape brings it back here, and so does the button.")
        )
        self._timers: list[QTimer] = []

    @property
    def is_filled(self) -> bool:
        """Whether the wall is on a screen of its own."""
        return self._window is not None

    def pull(self, pictures: Callable[[], None], numbers: Callable[[], None]) -> None:
        """Sets what is called while the wall is away, at the pace at which the window calls it in its page."""
        for pace_ms, call in ((PICTURE_MS, pictures), (NUMBERS_MS, numbers)):
            timer = QTimer(self)
            timer.setInterval(pace_ms)
            timer.timeout.connect(call)
            self._timers.append(timer)

    def fill(self, screen: QScreen | None = None) -> None:
        """Shows the wall alone on a screen; None is the one where its page is."""
        self.leave()
        here = self._home.screen()
        self._home.insertWidget(self._home.indexOf(self._wall), self.note)
        self._window = FullScreen(self._wall, title=self.tr("DeepCount – live"), on_leave=self._bring_back)
        self._window.fill(screen or here)
        self._show(away=True)

    def leave(self) -> None:
        """Brings the wall back, if it is away."""
        if self._window is not None:
            self._window.close()

    def switch(self) -> None:
        """One or the other."""
        self.leave() if self.is_filled else self.fill()

    def screens_menu(self, owner: QWidget, action: QAction) -> QMenu | None:
        """Returns a menu of the screens that can be filled; None where there is one alone."""
        screens = QGuiApplication.screens()
        if len(screens) < 2:
            return None
        menu = QMenu(self.tr("{what} on").format(what=action.text()), owner)
        for number, screen in enumerate(screens, 1):
            size = screen.size()
            words = self.tr("Screen {number}: {name}, {width} × {height}")
            text = words.format(number=number, name=screen.name(), width=size.width(), height=size.height())
            menu.addAction(text, lambda screen=screen: self.fill(screen))
        return menu

    def _bring_back(self) -> None:
        self._window = None
        self._home.insertWidget(self._home.indexOf(self.note), self._wall)
        self.note.setParent(None)
        self._show(away=False)

    def _show(self, *, away: bool) -> None:
        for timer in self._timers:
            timer.start() if away else timer.stop()
        self._wall.show()
        self._wall.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_change()
