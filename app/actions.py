"""What the window and its pages can be told to do, as tables: menus, toolbar, tool-tips and the list of keys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QSizePolicy, QWidget, QWidgetAction

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
    """Of the window; a page has a menu of its own."""


SHELL = (
    Command("open", "Open…", "Choose a video file to count", ("Ctrl+O",), "open", menu="File"),
    Command(
        "footage",
        "Open footage…",
        "Choose what was recorded of a camera: which, and from when to when",
        ("Ctrl+Shift+O",),
        menu="File",
    ),
    Command("demo", "Open demonstration clip", "Count the clip that comes with DeepCount", ("Ctrl+D",), menu="File"),
    Command("quit", "Quit", "End DeepCount", ("Ctrl+Q",), menu="File"),
    Command(
        "fullscreen",
        "Full screen",
        "Use the whole screen, or leave it",
        ("F11",),
        "fullscreen",
        checkable=True,
        menu="View",
    ),
    Command(
        "mute",
        "Mute",
        "Let alerts make no sound, or let them again",
        ("Ctrl+Shift+M",),
        "sound",
        checkable=True,
        menu="View",
    ),
    Command(
        "tray",
        "Keep running when closed",
        "Let closing the window leave DeepCount in the system's tray, where it goes on counting",
        checkable=True,
        menu="View",
    ),
    Command("keys", "Keyboard shortcuts", "List all keys", ("F1", "?"), menu="Help"),
    Command("about", "About DeepCount", "Version, licence and acknowledgements", menu="Help"),
)
RECORDING = (
    Command("play", "Play", "Play or pause the recording", ("Space",), "play"),
    Command("restart", "Restart", "Count again from the beginning", ("Home", "Ctrl+R"), "restart"),
    Command("frame_back", "Frame back", "Look at the frame before", (",",)),
    Command("frame_on", "Frame forward", "Look at the next frame", (".",)),
    Command("second_back", "Second back", "Look at one second earlier", ("Left",)),
    Command("second_on", "Second forward", "Look at one second later", ("Right",)),
    Command("minute_back", "Minute back", "Look at one minute earlier", ("Shift+Left",)),
    Command("minute_on", "Minute forward", "Look at one minute later", ("Shift+Right",)),
    Command("peak_back", "Previous peak", "Look at the peak before", ("Shift+N",)),
    Command("peak_on", "Next peak", "Look at the next peak of the count", ("N",), "peak"),
    Command("alert_back", "Previous alert", "Look at where the alert before begins", ("Shift+A",)),
    Command("alert_on", "Next alert", "Look at where the next alert begins", ("A",)),
    Command("slower", "Slower", "Play at the next lower speed", ("[",)),
    Command("faster", "Faster", "Play at the next higher speed", ("]",)),
    Command("fit", "Fit", "Show all of the recording on its time-line", ("0",), "fit"),
    Command("zoom_in", "Zoom in", "Show half as much on the time-line", ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", "Zoom out", "Show twice as much on the time-line", ("Ctrl+-",)),
    Command("mark_in", "Set in point", "Begin a part of the recording here", ("I",), "mark_in"),
    Command("mark_out", "Set out point", "End a part of the recording here", ("O",), "mark_out"),
    Command("mark_none", "Choose no part", "Forget in and out point", ("X",)),
    Command("heads", "Count heads…", "Count the people in this frame by hand, as a spot check", ("M",), "heads"),
    Command("what_if", "What if…", "Try a rule on this recording's counts", ("T",), "try", checkable=True),
    Command("zones", "Zones", "Show the counts of the camera's zones as further curves", ("Z",), "zone"),
    Command("again", "Count again…", "Count it in another way too, as a second curve", ("Ctrl+Shift+R",), "again"),
    Command("snapshot", "Save picture", "Save a picture of what is shown", ("S",), "snapshot"),
    Command("save_clip", "Save part as clip…", "Copy the part that is chosen into a video of its own", ("Ctrl+E",)),
    Command("save_counts", "Save counts as table…", "Write the counts of the part that is chosen, or all", ("Ctrl+T",)),
    Command(
        "evidence",
        "Export evidence…",
        "Put the part that is chosen, or all, into one file: report, clip, counts, hashes",
        ("Ctrl+Shift+E",),
        "export",
    ),
    Command("heatmap", "Heat-map", "Show or hide where people stand", ("H",), "heatmap", checkable=True),
    Command("stronger", "Stronger heat-map", "Make the heat-map more opaque", ("+", "=")),
    Command("weaker", "Weaker heat-map", "Make the heat-map more transparent", ("-",)),
)


def make_actions(
    owner: QWidget, commands: Sequence[Command], callbacks: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """Makes an action of each command, active while its owner is visible; each name has its function."""
    actions: dict[str, QAction] = {}
    for command in commands:
        text = QCoreApplication.translate("commands", command.text)
        action = QAction(text, owner)
        if command.icon:
            action.setIcon(icon(command.icon))
            action.setIconText(text)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setStatusTip(QCoreApplication.translate("commands", command.tip))
        action.setToolTip(tip_of(action))
        action.setCheckable(command.checkable)
        action.setIconVisibleInMenu(not command.checkable)  # it would stand in the place of the tick
        action.triggered.connect(lambda checked, run=callbacks[command.name]: run())
        owner.addAction(action)
        actions[command.name] = action
    return actions


def tip_of(action: QAction) -> str:
    """Returns what is said of an action under the mouse: what it does, and its keys."""
    keys = keys_of(action)
    return f"{action.statusTip()} ({keys})" if keys else action.statusTip()


def keys_of(action: QAction) -> str:
    """Returns the keys of an action as this system writes them; '' where it has none."""
    return " or ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())


def keys_text(groups: Mapping[str, Sequence[QAction]]) -> str:
    """Returns the list of all keys, under the titles of what they belong to, as rich text."""
    rows = []
    for title, actions in groups.items():
        keyed = {action.text(): action for action in actions if action.shortcuts()}
        if keyed:
            rows.append(f"<tr><td colspan='2' style='padding: 9px 0 3px 0'><b>{escape(title)}</b></td></tr>")
        for action in keyed.values():
            words = action.statusTip() or action.text().replace("&", "")
            rows.append(
                f"<tr><td style='padding: 3px 24px 3px 0'>{escape(keys_of(action))}</td>"
                f"<td style='padding: 3px 0'>{escape(words)}</td></tr>"
            )
    return f"<table>{''.join(rows)}</table>"


def separator(owner: QWidget) -> QAction:
    """Returns a gap between two groups of a toolbar."""
    action = QAction(owner)
    action.setSeparator(True)
    return action


def placed(owner: QWidget, widget: QWidget) -> QAction:
    """Returns a widget as a part of a toolbar."""
    action = QWidgetAction(owner)
    action.setDefaultWidget(widget)
    return action


def space(owner: QWidget) -> QAction:
    """Returns all the room that a toolbar has left."""
    widget = QWidget(owner)
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return placed(owner, widget)
