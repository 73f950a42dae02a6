"""The main window, a shell: it leads from page to page, and knows of none what it shows."""

import logging
from collections.abc import Callable, Mapping, Sequence

from PyQt6.QtCore import QEvent, QRect, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QAction, QActionGroup, QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PyQt6.QtWidgets import QMainWindow, QStackedWidget, QStyle, QVBoxLayout, QWidget

from app.actions import SHELL, make_actions, space, tip_of
from app.dialogs.help import show_about, show_keys
from app.geometry import placed_within
from app.icons import icon
from app.menus import Menus
from app.notices import Level, Notices
from app.pages.page import Page
from app.panels.banner import Banner
from app.places import PLACES, page_keys
from app.pressing import Pressing
from app.recent_menu import RecentMenu
from app.toolbar import fill, shell_toolbar

PICTURE_MS, NUMBERS_MS = 33, 125  # numbers that change with every frame cannot be read
USUAL_EM = QSize(76, 46)  # widths and heights of a letter's line
PRODUCT = "DeepCount"

logger = logging.getLogger(__name__)
MOST_NUMBERED = 99
"""Of what waits on a page: more make the navigation wider."""


class Window(QMainWindow):
    """DeepCount on the screen."""

    closing = pyqtSignal()
    """It is hidden, and what runs has to end."""

    def __init__(self, notices: Notices, callbacks: Mapping[str, Callable[[], object]], recent: RecentMenu) -> None:
        """`callbacks` has a function for each command that leads beyond the window: open, demo, mute, tray, quit."""
        super().__init__()
        self.notices = notices
        self.commands = make_actions(self, SHELL, {**callbacks, **self._callbacks()})
        Pressing(self)
        self.pages: dict[str, Page] = {}
        self._stack, self._broken = QStackedWidget(), set[str]()
        self._leads: dict[str, QAction] = {}
        self._tall = 0
        self._rail, self._bar = shell_toolbar(self.tr("Pages")), shell_toolbar(self.tr("Toolbar"))
        bar = self.menuBar()
        assert bar is not None
        self._menus = Menus(bar, self.commands, recent)
        self._build()
        self._timers = [QTimer(self), QTimer(self)]
        pulls: tuple[tuple[int, Callable[[Page], None]], ...] = (
            (PICTURE_MS, lambda page: page.pull_pictures()),
            (NUMBERS_MS, lambda page: page.pull_numbers()),
        )
        for timer, (pace_ms, pull) in zip(self._timers, pulls, strict=True):
            timer.timeout.connect(lambda pull=pull: self._pull(pull))
            timer.start(pace_ms)

    def add_pages(self, pages: Sequence[Page], strips: Mapping[str, Sequence[QWidget]]) -> None:
        """Takes in all pages, puts each in its place and shows the first; `strips` are shown above a page."""
        keys = page_keys([page.name for page in pages])
        group = QActionGroup(self)
        for page in sorted(pages, key=lambda page: PLACES.index(page.name)):
            self.pages[page.name] = page
            self._stack.addWidget(_column(*strips.get(page.name, ()), page))
            page.windowTitleChanged.connect(self._name_window)
            lead = self._leads[page.name] = self._lead(page, keys[page.name])
            group.addAction(lead)
            for action in page.commands():
                page.addAction(action)
            self._menus.add_page(page, self)
        self._fill_rail()
        self._tall = self._rail.sizeHint().height()
        self._menus.add_leads(list(self._leads.values()))
        self.show_page(next(iter(self.pages)))

    def put_above(self, strip: QWidget) -> None:
        """Shows a strip above whatever page is visible."""
        whole = self.centralWidget()
        assert whole is not None
        column = whole.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.count() - 1, strip)

    def show_number(self, name: str, number: int) -> None:
        """Writes beside a page in the navigation how much waits there; nothing for 0."""
        page, lead = self.pages[name], self._leads[name]
        words = f"{page.title} ({number})" if number else page.title
        if lead.text() != words:
            lead.setText(words)
            self._fill_rail()

    @property
    def page(self) -> Page:
        """The one that is visible."""
        return list(self.pages.values())[self._stack.currentIndex()]

    def show_page(self, name: str) -> None:
        """Goes to a page."""
        before, page = self.page, self.pages[name]
        if before is not page:
            before.leave()
        self._stack.setCurrentIndex(list(self.pages).index(name))
        self._leads[name].setChecked(True)
        self._menus.show_page(name)
        fill(self._bar, [*page.commands(), space(self._bar), self.commands["mute"], self.commands["fullscreen"]])
        self._name_window()
        page.fill(self.isFullScreen())
        page.enter()
        page.setFocus()

    def hide_pages(self, names: set[str]) -> None:
        """Leaves no way to some pages, until it is told others."""
        for name, lead in self._leads.items():
            lead.setVisible(name not in names)
        if self.page.name in names:
            self.show_page(next(name for name in self.pages if name not in names))

    def place(self, geometry: tuple[int, int, int, int] | None, *, maximised: bool) -> None:
        """Stands where it was left, within the screens that there are."""
        rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
        style, em = self.style(), self.fontMetrics().height()
        title = style.pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight) if style else em
        usual = QSize(USUAL_EM.width() * em, USUAL_EM.height() * em)
        self.setGeometry(placed_within(QRect(*geometry) if geometry else None, rooms, size=usual, title=title))
        if maximised:
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)

    def come_forward(self) -> None:
        """Is in front of other windows, as somebody wants who starts it once more."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def switch_fullscreen(self) -> None:
        """Fills the screen, or leaves it."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802
        """Shows nothing but the page in full screen, whoever asked for it: the button, a key or the window manager."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.WindowStateChange and self.pages:
            full = self.isFullScreen()
            self.commands["fullscreen"].setChecked(full)
            for part in (self.menuBar(), self._rail, self._bar):
                assert part is not None
                part.setVisible(not full)
            self.page.fill(full)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Leaves the full screen at Escape, as people expect everywhere."""
        if event is not None and event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.switch_fullscreen()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Keeps all pages in the navigation: in a low window their words stand beside their signs."""
        super().resizeEvent(event)
        styles = Qt.ToolButtonStyle
        is_low = self._rail.height() < self._tall
        style = styles.ToolButtonTextBesideIcon if is_low else styles.ToolButtonTextUnderIcon
        if style != self._rail.toolButtonStyle():
            self._rail.setToolButtonStyle(style)
            self._fill_rail()

    def closeEvent(self, event: QCloseEvent | None) -> None:  # noqa: N802
        """Vanishes at once, then has everything end that runs."""
        for timer in self._timers:
            timer.stop()
        self.hide()
        self.closing.emit()
        super().closeEvent(event)

    def _callbacks(self) -> dict[str, Callable[[], object]]:
        return {
            "fullscreen": self.switch_fullscreen,
            "keys": self._show_keys,
            "about": lambda: show_about(self),
        }

    def _build(self) -> None:
        self._rail.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self._rail)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self._bar)
        self.setCentralWidget(_column(Banner(self.notices), self._stack))

    def _fill_rail(self) -> None:
        """Fills the navigation, with room for the numbers that may come: nothing moves when one does."""
        leads = list(self._leads.values())
        words = [lead.text() for lead in leads]
        for page, lead in zip(self.pages.values(), leads, strict=True):
            lead.setText(f"{page.title} ({MOST_NUMBERED})" if page.is_numbered else page.title)
        roomy = fill(self._rail, leads)
        for lead, shown in zip(leads, words, strict=True):
            lead.setText(shown)
        fill(self._rail, leads, roomy)

    def _lead(self, page: Page, key: str) -> QAction:
        """Returns what leads to a page."""
        lead = QAction(icon(page.icon), page.title, self)
        lead.setCheckable(True)
        lead.setShortcut(QKeySequence(key))
        lead.setStatusTip(self.tr("Go to the page “{page}”").format(page=page.title))
        lead.setToolTip(tip_of(lead))
        lead.triggered.connect(lambda: self.show_page(page.name))
        self.addAction(lead)
        return lead

    def _name_window(self) -> None:
        shown = self.page.windowTitle()
        self.setWindowTitle(f"{shown} – {PRODUCT}" if shown else PRODUCT)

    def _show_keys(self) -> None:
        own = self.actions()
        groups = {page.title: [act for act in page.actions() if act not in own] for page in self.pages.values()}
        show_keys(self, {PRODUCT: own, **groups})

    def _pull(self, pull: Callable[[Page], None]) -> None:
        """Asks the visible page for a pull; one that fails is not asked again until somebody wants it to be."""
        if not self.pages or self.page.name in self._broken or self.isMinimized():
            return
        page = self.page
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


def _column(*widgets: QWidget) -> QWidget:
    """Returns widgets beneath each other; the last has all the room that is left."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget in widgets:
        column.addWidget(widget, stretch=widget is widgets[-1])
    return whole
