"""The menu bar: what the window can do, and a menu of the page that is visible."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QMenuBar, QWidget

from app.actions import SHELL
from app.pages.page import Page
from app.recent_menu import RecentMenu


class Menus:
    """Fills a menu bar, and keeps it to the page that is visible."""

    def __init__(self, bar: QMenuBar, commands: Mapping[str, QAction], recent: RecentMenu) -> None:
        self._bar, self._pages = bar, dict[str, QMenu]()
        self._menus: dict[str, QMenu] = {}
        for title in dict.fromkeys(command.menu for command in SHELL):
            menu = bar.addMenu(f"&{QCoreApplication.translate('commands', title)}")
            assert menu is not None
            menu.addActions([commands[command.name] for command in SHELL if command.menu == title])
            self._menus[title] = menu
        self._menus["File"].insertMenu(commands["quit"], recent)
        self._menus["File"].insertSeparator(commands["quit"])
        self._fullscreen = commands["fullscreen"]

    def add_leads(self, leads: Sequence[QAction]) -> None:
        """Adds what leads to the pages."""
        self._menus["View"].insertActions(self._fullscreen, list(leads))
        self._menus["View"].insertSeparator(self._fullscreen)

    def add_page(self, page: Page, parent: QWidget) -> None:
        """Makes a menu of all that a page can do, before the window's own menu of views."""
        menu = QMenu(f"&{page.title}", parent)
        menu.addActions([action for action in page.actions() if action.text()])
        if not menu.isEmpty():
            self._bar.insertMenu(self._menus["View"].menuAction(), menu)
            self._pages[page.name] = menu

    def show_page(self, name: str) -> None:
        """Shows the menu of one page only."""
        for other, menu in self._pages.items():
            lead = menu.menuAction()
            assert lead is not None
            lead.setVisible(other == name)
