"""What can be done on the wall, as actions with keys: for the toolbar, the menu of a camera and the list of keys."""

from collections.abc import Callable, Mapping

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from app.actions import Command, make_actions
from app.panels.wall_layout import Layout

translate = QCoreApplication.translate

OF_CAMERA = (
    Command("enlarge", "Enlarge", "Give the selected camera all of the room, or give it back", ("Return", "Enter")),
    Command("in_total", "Count in the total", "Make the selected camera part of the total", ("Space",), checkable=True),
    Command("large", "Make it the large picture", "Show the selected camera large among small ones", ("G",)),
    Command("edit_zones", "Edit zones…", "Draw zones and masks on the selected camera", ("Z",), "zone"),
    Command("set_up", "Camera settings…", "Change address and settings of the selected camera", ("E",), "setup"),
)
"""What concerns the selected camera; the keys act while its tile has the keyboard."""
OF_WALL = (
    Command("next_layout", "Layout", "Arrange the pictures in another way; the key takes the next", ("L",), "layout"),
    Command(
        "next_overlay",
        "Overlay",
        "Lay heat-map, heads or nothing over the pictures; the key takes the next",
        ("H",),
        "heatmap",
    ),
    Command("stronger", "Stronger heat-map", "Make the heat-map more opaque", ("+", "=")),
    Command("weaker", "Weaker heat-map", "Make the heat-map more transparent", ("-",)),
    Command("full_screen", "Wall alone", "Fill a screen with the wall, or leave it", ("F",), "live", checkable=True),
    Command(
        "lock",
        "Lock",
        "Leave watching and hide set-up; it guards against mishaps, not against people",
        ("Ctrl+L",),
        "lock",
        checkable=True,
    ),
)


def make_wall_actions(
    page: QWidget, wall: QWidget, callbacks: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """Makes all actions; those of the wall act while the page is visible or the wall fills a screen of its own."""
    actions = make_actions(page, (*OF_CAMERA, *OF_WALL), callbacks)
    for command in OF_CAMERA:
        actions[command.name].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    wall.addActions([actions[command.name] for command in OF_WALL])
    return actions


def choice_menu(owner: QWidget, choices: Mapping[str, str], choose: Callable[[str], object]) -> QMenu:
    """Returns a menu of which one entry is chosen; `choices` has values and their words."""
    menu = QMenu(owner)
    group = QActionGroup(menu)
    for value, words in choices.items():
        action = QAction(words, menu)
        action.setCheckable(True)
        action.setData(value)
        action.triggered.connect(lambda checked, value=value: choose(value))
        group.addAction(action)
        menu.addAction(action)
    return menu


def check_choice(menu: QMenu, value: str) -> str:
    """Marks an entry as chosen; returns its words."""
    words = ""
    for action in menu.actions():
        action.setChecked(action.data() == value)
        words = action.text() if action.data() == value else words
    return words


def layout_words() -> dict[str, str]:
    """Returns the ways to arrange pictures, and their words."""
    return {
        Layout.AUTOMATIC: translate("Wall", "Automatic"),
        Layout.ONE: translate("Wall", "1 picture"),
        Layout.FOUR: translate("Wall", "2 × 2"),
        Layout.NINE: translate("Wall", "3 × 3"),
        Layout.SIXTEEN: translate("Wall", "4 × 4"),
        Layout.LARGE: translate("Wall", "One large"),
    }


def overlay_words() -> dict[str, str]:
    """Returns what may lie over pictures, and its words."""
    return {
        "none": translate("Wall", "No overlay"),
        "heat": translate("Wall", "Heat-map"),
        "heads": translate("Wall", "Heads"),
    }
