"""Everything the window can be told to do, as one table: menus, toolbar, tooltips and the list of keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QSizePolicy, QToolBar, QWidget

from app.icons import icon


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do."""

    name: str
    text: str
    tip: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    menu: str = ""


COMMANDS = (
    Command("open", "Open…", "Choose a video file to count", ("Ctrl+O",), "open", menu="File"),
    Command("demo", "Open demonstration clip", "Count the clip that comes with DeepCount", ("Ctrl+D",), menu="File"),
    Command("quit", "Quit", "Close DeepCount", ("Ctrl+Q",), menu="File"),
    Command("play", "Play", "Play or pause the recording", ("Space",), "play", menu="Playback"),
    Command("restart", "Restart", "Count again from the beginning", ("Home", "Ctrl+R"), "restart", menu="Playback"),
    Command("heatmap", "Heat-map", "Show or hide where people stand", ("H",), "heatmap", checkable=True, menu="View"),
    Command("stronger", "Stronger heat-map", "Make the heat-map more opaque", ("+", "="), menu="View"),
    Command("weaker", "Weaker heat-map", "Make the heat-map more transparent", ("-",), menu="View"),
    Command(
        "fullscreen",
        "Full screen",
        "Use the whole screen, or leave it",
        ("F11",),
        "fullscreen",
        checkable=True,
        menu="View",
    ),
    Command("keys", "Keyboard shortcuts", "List all keys", ("F1",), menu="Help"),
    Command("about", "About DeepCount", "Version, licence and acknowledgements", menu="Help"),
)
TOOLBAR = ("open", "", "play", "restart", "", "heatmap", "opacity", "space", "fullscreen")
"""Names in their order; '' is a gap, 'space' all that is left, 'opacity' the slider."""


def make_actions(window: QMainWindow, callbacks: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Makes an action of each command and adds the menus; `callbacks` has a function for each command's name."""
    actions: dict[str, QAction] = {}
    bar = window.menuBar()
    assert bar is not None
    menus = {title: bar.addMenu(f"&{title}") for title in dict.fromkeys(command.menu for command in COMMANDS)}
    for command in COMMANDS:
        action = QAction(command.text, window)
        if command.icon:
            action.setIcon(icon(command.icon))
            action.setIconText(command.text)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setToolTip(f"{command.tip} ({' or '.join(command.keys)})" if command.keys else command.tip)
        action.setCheckable(command.checkable)
        action.triggered.connect(lambda checked, run=callbacks[command.name]: run())
        menu = menus[command.menu]
        assert menu is not None
        menu.addAction(action)
        actions[command.name] = action
    return actions


def keys_text() -> str:
    """Returns the list of all keys as rich text."""
    rows = (
        f"<tr><td style='padding: 3px 24px 3px 0'><b>{' or '.join(c.keys)}</b></td>"
        f"<td style='padding: 3px 0'>{c.tip}</td></tr>"
        for c in COMMANDS
        if c.keys
    )
    return f"<table>{''.join(rows)}</table>"


def fill_toolbar(bar: QToolBar, actions: Mapping[str, QAction], opacity: QWidget) -> None:
    """Adds the toolbar's buttons, and the slider in its place."""
    for name in TOOLBAR:
        if name == "opacity":
            bar.addWidget(opacity)
        elif name == "space":
            space = QWidget()
            space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            bar.addWidget(space)
        elif name:
            bar.addAction(actions[name])
        else:
            bar.addSeparator()
