"""What can be done on the wall, as actions with keys: for the toolbar, the menu of a camera and the list of keys."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from PyQt6.QtCore import QCoreApplication, Qt
from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QMenu, QWidget

from app.actions import Command, make_actions
from app.panels.picture_view import Overlay
from app.panels.wall import Wall
from app.panels.wall_choices import SCALES, WallChoices
from app.panels.wall_layout import Layout

T = TypeVar("T")
translate = QCoreApplication.translate

OF_CAMERA = (
    Command("enlarge", "Enlarge", "Give the selected camera all of the room, or give it back", ("Return", "Enter")),
    Command("in_total", "Count in the total", "Make the selected camera part of the total", ("Space",), checkable=True),
    Command("large", "Make it the large picture", "Show the selected camera large among small ones", ("G",)),
    Command("heads", "Count heads…", "Count the people in the newest frame by hand, as a spot check", ("M",), "heads"),
    Command("edit_zones", "Edit zones…", "Draw zones and masks on the selected camera", ("Z",), "zone"),
    Command(
        "calibrate",
        "Calibrate…",
        "Mark people or distances on the selected camera, for people per square metre",
        ("K",),
        "ground",
    ),
    Command("trust", "Trust…", "See how far off the counts of the selected camera are, and correct them", ("T",)),
    Command("rules", "Rules…", "Say when the count of the selected camera raises an alert", ("R",), "alerts"),
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
    Command("next_scale", "Scale", "How many people have the strongest colour; the key takes the next scale", ("S",)),
    Command("stronger", "Stronger heat-map", "Make the heat-map more opaque", ("+", "=")),
    Command("weaker", "Weaker heat-map", "Make the heat-map more transparent", ("-",)),
    Command("curve", "Curve", "Show the counts over time beneath the wall", ("C",), "history", checkable=True),
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


class WallMenus:
    """The menus of choices, and that of a camera."""

    def __init__(self, page: QWidget, actions: Mapping[str, QAction], choose: Callable[..., None]) -> None:
        """`choose` takes one of the fields of `WallChoices` by its name."""
        self._page, self._actions = page, actions
        self._choices = {
            "layout": _choice_menu(page, layout_words(), lambda value: choose(layout=value)),
            "overlay": _choice_menu(page, overlay_words(), lambda value: choose(overlay=value)),
            "scale": _choice_menu(page, scale_words(), lambda value: choose(scale=value)),
        }
        for name, menu in self._choices.items():
            actions[f"next_{name}"].setMenu(menu)

    def show(self, chosen: WallChoices) -> None:
        """Marks what is chosen, and hides what cannot be done now."""
        for name, menu in self._choices.items():
            for action in menu.actions():
                action.setChecked(action.data() == getattr(chosen, name))
        for name in ("next_scale", "stronger", "weaker"):
            self._actions[name].setVisible(chosen.overlay == "heat")
        for name in ("edit_zones", "calibrate", "trust", "rules", "set_up"):
            self._actions[name].setVisible(not chosen.locked)
        self._actions["curve"].setChecked(chosen.curve)
        self._actions["large"].setVisible(chosen.layout is Layout.LARGE)
        self._left_out = chosen.left_out

    def of_camera(self, wall: Wall, screens_menu: Callable[[QWidget, QAction], QMenu | None]) -> QMenu:
        """Returns the menu of the selected camera."""
        menu, tile, actions = QMenu(self._page), wall.tiles[wall.selected], self._actions
        actions["enlarge"].setText(translate("Wall", "Show all") if wall.enlarged else translate("Wall", "Enlarge"))
        actions["in_total"].setChecked(tile.settings.counted and tile.name not in self._left_out)
        actions["in_total"].setEnabled(tile.settings.counted)
        for group in (OF_CAMERA[:4], OF_CAMERA[4:], OF_WALL):
            menu.addActions([actions[command.name] for command in group])
            menu.addSeparator()
        screens = screens_menu(menu, actions["full_screen"])
        if screens is not None:
            menu.addMenu(screens)
        return menu


def _choice_menu(owner: QWidget, choices: Mapping[T, str], choose: Callable[[T], object]) -> QMenu:
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


def layout_words() -> dict[Layout, str]:
    """Returns the ways to arrange pictures, and their words."""
    return {
        Layout.AUTOMATIC: translate("Wall", "Automatic"),
        Layout.ONE: translate("Wall", "1 picture"),
        Layout.FOUR: translate("Wall", "2 × 2"),
        Layout.NINE: translate("Wall", "3 × 3"),
        Layout.SIXTEEN: translate("Wall", "4 × 4"),
        Layout.LARGE: translate("Wall", "One large"),
    }


def overlay_words() -> dict[Overlay, str]:
    """Returns what may lie over pictures, and its words."""
    return {
        "none": translate("Wall", "No overlay"),
        "heat": translate("Wall", "Heat-map"),
        "heads": translate("Wall", "Heads"),
        "bands": translate("Wall", "People per m²"),
    }


def scale_words() -> dict[float | None, str]:
    """Returns the scales of the heat-map, and their words."""
    fixed = translate("Wall", "Up to {people:g} people in 100 × 100 pixels")
    automatic = translate("Wall", "Automatic: what suits each picture")
    return {scale: automatic if scale is None else fixed.format(people=scale) for scale in SCALES}
