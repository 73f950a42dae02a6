"""The main window, a shell: it leads from page to page, and knows of none what it shows."""

import logging
from collections.abc import Callable, Mapping, Sequence

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QKeyEvent, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.actions import SHELL, make_actions, space, tip_of
from app.dialogs.help import show_about, show_keys
from app.icons import icon
from app.notices import Level, Notices
from app.pages.page import Page
from app.panels.banner import Banner
from app.places import PLACES, page_keys
from app.toolbar import fill, shell_toolbar

PICTURE_MS, NUMBERS_MS = 33, 125  # numbers that change with every frame cannot be read
SIZE, LEAST_SIZE = (1280, 800), (640, 400)
PRODUCT = "DeepCount"

logger = logging.getLogger(__name__)


class Window(QMainWindow):
    """DeepCount on the screen."""

    closing = pyqtSignal()
    """It is hidden, and what runs has to end."""

    def __init__(self, notices: Notices, callbacks: Mapping[str, Callable[[], object]]) -> None:
        """`callbacks` has a function for each command that leads beyond the window: 'open' and 'demo'."""
        super().__init__()
        self.notices = notices
        self.commands = make_actions(self, SHELL, {**callbacks, **self._callbacks()})
        self.pages: dict[str, Page] = {}
        self._stack, self._broken = QStackedWidget(), set[str]()
        self._menus: dict[str, QMenu] = {}
        self._leads: dict[str, QAction] = {}
        self._rail, self._bar = shell_toolbar(self.tr("Pages")), shell_toolbar(self.tr("Toolbar"))
        self._build()
        self._timers = [QTimer(self), QTimer(self)]
        pulls: tuple[tuple[int, Callable[[Page], None]], ...] = (
            (PICTURE_MS, lambda page: page.pull_pictures()),
            (NUMBERS_MS, lambda page: page.pull_numbers()),
        )
        for timer, (pace_ms, pull) in zip(self._timers, pulls, strict=True):
            timer.timeout.connect(lambda pull=pull: self._pull(pull))
            timer.start(pace_ms)

    def add_pages(self, pages: Sequence[Page]) -> None:
        """Takes in all pages, puts each in its place and shows the first."""
        keys = page_keys([page.name for page in pages])
        group = QActionGroup(self)
        for page in sorted(pages, key=lambda page: PLACES.index(page.name)):
            self.pages[page.name] = page
            self._stack.addWidget(page)
            page.windowTitleChanged.connect(self._name_window)
            lead = self._leads[page.name] = QAction(icon(page.icon), page.title, self)
            lead.setCheckable(True)
            lead.setShortcut(QKeySequence(keys[page.name]))
            lead.setStatusTip(self.tr("Go to the page “{page}”").format(page=page.title))
            lead.setToolTip(tip_of(lead))
            lead.triggered.connect(lambda _, name=page.name: self.show_page(name))
            group.addAction(lead)
            self.addAction(lead)
            self._add_menu(page)
        fill(self._rail, list(self._leads.values()))
        self._view_menu.insertActions(self.commands["fullscreen"], list(self._leads.values()))
        self._view_menu.insertSeparator(self.commands["fullscreen"])
        self.show_page(next(iter(self.pages)))

    @property
    def page(self) -> Page | None:
        """The one that is visible."""
        page = self._stack.currentWidget()
        return page if isinstance(page, Page) else None

    def show_page(self, name: str) -> None:
        """Goes to a page."""
        before, page = self.page, self.pages[name]
        if before is not None and before is not page:
            before.leave()
        self._stack.setCurrentWidget(page)
        self._leads[name].setChecked(True)
        for other, menu in self._menus.items():
            lead = menu.menuAction()
            assert lead is not None
            lead.setVisible(other == name)
        fill(self._bar, [*page.commands(), space(self._bar), self.commands["fullscreen"]])
        self._name_window()
        page.fill(self.isFullScreen())
        page.enter()
        page.setFocus()

    def switch_fullscreen(self) -> None:
        """Fills the screen, or leaves it."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Shows nothing but the page in full screen, whoever asked for it: the button, a key or the window manager."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange:
            full = self.isFullScreen()
            self.commands["fullscreen"].setChecked(full)
            for part in (self.menuBar(), self._rail, self._bar):
                assert part is not None
                part.setVisible(not full)
            if self.page is not None:
                self.page.fill(full)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Leaves the full screen at Escape, as people expect everywhere."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.switch_fullscreen()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Vanishes at once, then has everything end that runs."""
        for timer in self._timers:
            timer.stop()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _callbacks(self) -> dict[str, Callable[[], object]]:
        return {
            "quit": self.close,
            "fullscreen": self.switch_fullscreen,
            "keys": self._show_keys,
            "about": lambda: show_about(self),
        }

    def _build(self) -> None:
        bar = self.menuBar()
        assert bar is not None
        for title in dict.fromkeys(command.menu for command in SHELL):
            menu = bar.addMenu(f"&{title}")
            assert menu is not None
            menu.addActions([self.commands[command.name] for command in SHELL if command.menu == title])
            if title == "View":
                self._view_menu = menu
        self._rail.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self._rail)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._bar)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(Banner(self.notices))
        column.addWidget(self._stack, stretch=1)
        self.setCentralWidget(content)
        self.setMinimumSize(*LEAST_SIZE)
        self.resize(*SIZE)

    def _add_menu(self, page: Page) -> None:
        """Makes a menu of all that a page can do, before the window's own menu of views."""
        for action in page.commands():
            page.addAction(action)
        menu = QMenu(f"&{page.title}", self)
        menu.addActions([action for action in page.actions() if action.text()])
        if not menu.isEmpty():
            bar = self.menuBar()
            assert bar is not None
            bar.insertMenu(self._view_menu.menuAction(), menu)
            self._menus[page.name] = menu

    def _name_window(self) -> None:
        shown = self.page.windowTitle() if self.page else ""
        self.setWindowTitle(f"{shown} – {PRODUCT}" if shown else PRODUCT)

    def _show_keys(self) -> None:
        groups: dict[str, Sequence[QAction]] = {page.title: page.actions() for page in self.pages.values()}
        show_keys(self, {PRODUCT: self.actions(), **groups})

    def _pull(self, pull: Callable[[Page], None]) -> None:
        """Asks the visible page for a pull; one that fails is not asked again until somebody wants it to be."""
        page = self.page
        if page is None or page.name in self._broken or self.isMinimized():
            return
        try:
            pull(page)
        except Exception as error:  # the last stop: the rest of the window goes on
            logger.error("unexpected error on the page %s", page.name, exc_info=error)
            self._broken.add(page.name)
            words = self.tr("the page “{page}” has stopped on an unexpected error ({error})")
            self.notices.post(
                Level.PROBLEM,
                page.name,
                words.format(page=page.title, error=type(error).__name__),
                remedy=self.tr("everything else goes on counting"),
                retry=lambda: self._broken.discard(page.name),
            )
