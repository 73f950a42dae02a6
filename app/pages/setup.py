"""The page on which cameras are set up: added, edited, ordered, switched, taken out; and what holds for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout

from app import theme
from app.actions import Command, make_actions
from app.dialogs.camera import CameraDialog
from app.dialogs.settings import SettingsDialog
from app.pages.page import Page
from app.panels.camera_list import CameraList, Switched
from app.panels.no_cameras import NoCameras
from app.panels.undo_bar import UndoBar
from app.running.document import Document
from app.running.live import Live
from engine.settings.config import Config

SETUP = (
    Command("add", "Add a camera…", "Add a camera", ("Ctrl+N",), "add"),
    Command("edit", "Edit…", "Change the chosen camera", ("F2",), "edit"),
    Command("zones", "Zones and masks…", "Draw zones and masks on its picture", ("Ctrl+E",), "zone"),
    Command("rules", "Rules…", "Say when the count of the chosen camera raises an alert", ("Ctrl+R",), "alerts"),
    Command("duplicate", "Duplicate", "Add another camera with the same settings", ("Ctrl+Shift+D",), "copy"),
    Command("remove", "Remove", "Take the chosen camera out; it can be undone", ("Delete",), "remove"),
    Command("up", "Move up", "Move the chosen camera towards the beginning", ("Alt+Up",)),
    Command("down", "Move down", "Move the chosen camera towards the end", ("Alt+Down",)),
    Command("undo", "Undo", "Take back the last change", ("Ctrl+Z",), "undo"),
    Command("redo", "Redo", "Make the change again that was taken back", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    Command("settings", "Settings…", "Model, log and look of the window", ("Ctrl+,",), "setup"),
)
OF_A_CAMERA = ("edit", "zones", "rules", "duplicate", "remove", "up", "down")
IN_TOOLBAR = ("add", "edit", "zones", "rules", "remove", "undo", "redo", "settings")


@dataclass(frozen=True, slots=True)
class SetupCallbacks:
    """What the page asks for that is not its own."""

    edit_zones: Callable[[str], None]
    """Opens the editor of a camera's zones and masks."""
    edit_rules: Callable[[str], None]
    """Opens the rules of a camera."""
    choose_look: Callable[[theme.Choice], None]
    """Makes light, dark or the system's the look, now and at later starts."""
    look: Callable[[], theme.Choice]
    """Which of them is chosen now."""


class SetupPage(Page):
    """A list of cameras, and what can be done with the one that is chosen."""

    name, icon = "setup", "setup"

    def __init__(self, document: Document, live: Live, callbacks: SetupCallbacks) -> None:
        """Takes the configuration, what runs of it, and what leads elsewhere."""
        super().__init__()
        self.title = self.tr("Set-up")
        self._document, self._live, self._callbacks = document, live, callbacks
        self._offered = ""
        self.cameras, self.bar = CameraList(), UndoBar(self.undo)
        self.actions_by_name = make_actions(self, SETUP, self._runs())
        self.empty = NoCameras(self.add, self.actions_by_name["add"].toolTip())
        self._stack = QStackedWidget()
        for part in (self.empty, self.cameras):
            self._stack.addWidget(part)
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self._stack, stretch=1)
        document.changed.connect(self._show)
        self.cameras.switched.connect(self._switch)
        self.cameras.moved.connect(document.move_camera)
        self.cameras.asked.connect(self.edit)
        self.cameras.currentItemChanged.connect(lambda *_: self._allow())
        self._show(document.config)

    def commands(self) -> Sequence[QAction]:
        """What belongs into the toolbar."""
        return [self.actions_by_name[name] for name in IN_TOOLBAR]

    def pull_numbers(self) -> None:
        """Says how the cameras are doing."""
        self.cameras.show_health({name: facts.health for name, facts in self._live.facts().items()})

    def enter(self) -> None:
        """Is ready for the keyboard."""
        self.setFocusProxy(self._stack.currentWidget())

    def add(self) -> QDialog:
        """Asks for a camera; returns what asks."""
        return self._open(CameraDialog(self._document, parent=self))

    def edit(self, name: str = "") -> None:
        """Asks for changes of a camera, the chosen one if none is named."""
        if wanted := name or self.cameras.current:
            self._open(CameraDialog(self._document, wanted, parent=self))

    def duplicate(self) -> None:
        """Adds a camera with the settings of the chosen one, off until it has an address of its own."""
        camera = self._document.camera(self.cameras.current)
        if camera is None:
            return
        taken = {each.name.casefold() for each in self._document.config.cameras}
        names = (f"{camera.name} {number}" for number in range(2, len(taken) + 3))
        copy = camera.model_copy(update={"name": next(name for name in names if name.casefold() not in taken)})
        self._document.put_camera(copy.model_copy(update={"enabled": False}))

    def remove(self) -> None:
        """Takes the chosen camera out, and offers to take that back."""
        name = self.cameras.current
        if name and not self._document.remove_camera(name):
            self._offered = self._document.undo_words
            self.bar.offer(self.tr("“{0}” was removed.").format(name))

    def shift(self, by: int) -> None:
        """Moves the chosen camera."""
        if self.cameras.current:
            self._document.move_camera(self.cameras.current, by)

    def undo(self) -> None:
        """Takes back the last change."""
        self._document.undo()

    def choose(self) -> None:
        """Asks for what holds for all cameras."""
        callbacks = self._callbacks
        self._open(SettingsDialog(self._document, choice=callbacks.look(), choose=callbacks.choose_look, parent=self))

    def _runs(self) -> dict[str, Callable[[], object]]:
        return {
            "add": self.add,
            "edit": self.edit,
            "zones": lambda: self._callbacks.edit_zones(self.cameras.current),
            "rules": lambda: self._callbacks.edit_rules(self.cameras.current),
            "duplicate": self.duplicate,
            "remove": self.remove,
            "up": lambda: self.shift(-1),
            "down": lambda: self.shift(1),
            "undo": self.undo,
            "redo": self._document.redo,
            "settings": self.choose,
        }

    def _open(self, dialog: QDialog) -> QDialog:
        """Shows a dialog; counting and the rest of the window go on meanwhile."""
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _switch(self, switched: Switched) -> None:
        camera = self._document.camera(switched.name)
        if camera is None:
            return
        changed = camera.model_copy(update={switched.setting: switched.on})
        if self._document.put_camera(changed, replacing=switched.name):
            self._show(self._document.config)  # the switch goes back to where it is

    def _show(self, config: Config) -> None:
        QTimer.singleShot(0, self._fill)  # not while the list tells of a switch or a drop

    def _fill(self) -> None:
        cameras = self._document.config.cameras
        had_focus = self.cameras.hasFocus()
        self.cameras.show_cameras(cameras)
        self._stack.setCurrentWidget(self.cameras if cameras else self.empty)
        if had_focus:
            self._stack.currentWidget().setFocus()  # type: ignore[union-attr]
        if self._document.undo_words != self._offered:  # the button would take back something else
            self.bar.hide()
        self._allow()

    def _allow(self) -> None:
        """Enables what can be done now, and says what undo and redo would do."""
        for name in OF_A_CAMERA:
            self.actions_by_name[name].setEnabled(bool(self.cameras.current))
        for name, title, words in (
            ("undo", self.tr("Undo"), self._document.undo_words),
            ("redo", self.tr("Redo"), self._document.redo_words),
        ):
            action = self.actions_by_name[name]
            action.setEnabled(bool(words))
            action.setText(f"{title}: {words}" if words else title)
            action.setIconText(title)
