"""The page on which cameras, groups, notifications and models are set up; and what holds for all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import QSize, QTimer
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDialog, QTabWidget, QVBoxLayout

from app import theme
from app.actions import Command, make_actions
from app.dialogs.settings import SettingsDialog
from app.icons import icon
from app.pages.cameras_tab import CamerasTab
from app.pages.groups_tab import GroupsTab
from app.pages.models_tab import ModelsTab
from app.pages.page import Page
from app.pages.setup_tab import ListedTab, SetupTab
from app.pages.sinks_tab import SinksTab
from app.panels.undo_bar import UndoBar
from app.running.document import Document
from app.running.live import Live
from engine.settings.config import Config

SETUP = (
    Command("add", "Add a camera…", "Add a camera", ("Ctrl+N",), "add"),
    Command("add_group", "Add a group…", "Add up the people of several cameras and zones", ("Ctrl+N",), "add"),
    Command("add_sink", "Add a notification…", "Say who else is told of alerts", ("Ctrl+N",), "add"),
    Command("edit", "Edit…", "Change what is chosen", ("F2",), "edit"),
    Command("zones", "Zones and masks…", "Draw zones and masks on its picture", ("Ctrl+E",), "zone"),
    Command("calibrate", "Calibrate…", "Mark people or distances on its picture, for people per square metre"),
    Command("trust", "Trust…", "See how far off its counts are, and correct them"),
    Command("rules", "Rules…", "Say when the count of the chosen one raises an alert", ("Ctrl+R",), "alerts"),
    Command("test", "Test", "Send a test to the chosen one, and say what happened", ("Ctrl+T",), "test"),
    Command("hurry", "Tell now", "Tell the chosen one at once what waits, and what was given up"),
    Command("use_model", "Use for all", "Count all cameras by the chosen model that have none of their own"),
    Command("card", "Card…", "Read how good the chosen model counts, and on what", ("Ctrl+I",), "info"),
    Command("measure", "Measure the speeds", "Count for some seconds with each model on all that can run it here"),
    Command("duplicate", "Duplicate", "Add another camera with the same settings", ("Ctrl+Shift+D",), "copy"),
    Command("remove", "Remove", "Take out what is chosen; it can be undone", ("Delete",), "remove"),
    Command("up", "Move up", "Move what is chosen towards the beginning", ("Alt+Up",)),
    Command("down", "Move down", "Move what is chosen towards the end", ("Alt+Down",)),
    Command("undo", "Undo", "Take back the last change", ("Ctrl+Z",), "undo"),
    Command("redo", "Redo", "Make the change again that was taken back", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    Command("settings", "Settings…", "Model, log and look of the window", ("Ctrl+,",), "setup"),
)
OF_ALL = ("undo", "redo", "settings")
"""What has a sense whatever is listed."""
IN_TOOLBAR = (
    *("add", "add_group", "add_sink", "edit", "zones", "rules", "test", "card", "remove", "undo", "redo"),
    "settings",
)


@dataclass(frozen=True, slots=True)
class SetupCallbacks:
    """What the page asks for that is not its own."""

    edit_zones: Callable[[str], None]
    """Opens the editor of a camera's zones and masks."""
    edit_rules: Callable[[str], None]
    """Opens the rules of a camera or group."""
    choose_look: Callable[[theme.Choice], None]
    """Makes light, dark or the system's the look, now and at later starts."""
    look: Callable[[], theme.Choice]
    """Which of them is chosen now."""
    calibrate: Callable[[str], None] = lambda name: None
    """Opens the calibration of a camera."""
    trust: Callable[[str], None] = lambda name: None
    """Opens what is known of how far off a camera's counts are."""
    config: Callable[[], Config] | None = None
    """The configuration in force; None is that of the document."""


class SetupPage(Page):
    """Lists of cameras, groups and sinks, and what can be done with the one that is chosen."""

    name, icon = "setup", "setup"

    def __init__(self, document: Document, live: Live, callbacks: SetupCallbacks) -> None:
        """Takes the configuration, what runs of it, and what leads elsewhere."""
        super().__init__()
        self.title = self.tr("Set-up")
        self._document, self._callbacks = document, callbacks
        self._in_force = callbacks.config or (lambda: document.config)
        self._offered = ""
        self.bar, self.tabs = UndoBar(self.undo), QTabWidget()
        self.cameras_tab = CamerasTab(document, live, tip=self.tr("Add a camera (Ctrl+N)"))
        self.groups_tab = GroupsTab(document, live)
        self.sinks_tab = SinksTab(document, live, is_logged=self._is_logged)
        self.models_tab = ModelsTab(document, live)
        self._lists: tuple[SetupTab, ...] = (self.cameras_tab, self.groups_tab, self.sinks_tab, self.models_tab)
        self.cameras, self.empty = self.cameras_tab.cameras, self.cameras_tab.empty
        self.actions_by_name = make_actions(self, SETUP, self._runs())
        self._build()
        document.changed.connect(self._show)
        self._show(document.config)

    @property
    def tab(self) -> SetupTab:
        """The list that is shown."""
        shown = self.tabs.currentWidget()
        assert isinstance(shown, SetupTab)
        return shown

    def commands(self) -> Sequence[QAction]:
        """What belongs into the toolbar."""
        return [self.actions_by_name[name] for name in IN_TOOLBAR]

    def pull_numbers(self) -> None:
        """Says how all that is listed is doing."""
        self.tab.pull_numbers()

    def enter(self) -> None:
        """Is ready for the keyboard."""
        self.setFocusProxy(self.tab.focus_place)
        self.tab.fill()

    def finish(self) -> None:
        """Waits for no test and no measurement."""
        self.sinks_tab.drop_tests()
        self.models_tab.stop()

    def state(self) -> dict[str, object]:
        """Which list is shown."""
        return {"list": self.tab.key}

    def restore(self, state: dict[str, object]) -> None:
        """Shows the list that was shown."""
        self.show_list(str(state.get("list", "")))

    def show_list(self, key: str) -> None:
        """Shows the list of 'cameras', 'groups', 'sinks' or 'models'."""
        for tab in self._lists:
            if tab.key == key:
                self.tabs.setCurrentWidget(tab)

    def add(self) -> QDialog:
        """Asks for a camera; returns what asks."""
        self.show_list("cameras")
        return self.cameras_tab.add()

    def edit(self, name: str) -> None:
        """Asks for changes of a camera."""
        self.show_list("cameras")
        self.cameras_tab.edit(name)

    def remove(self) -> None:
        """Takes out what is chosen, and offers to take that back."""
        self._run("remove")

    def undo(self) -> None:
        """Takes back the last change."""
        self._document.undo()

    def choose(self) -> None:
        """Asks for what holds for all cameras."""
        callbacks = self._callbacks
        dialog = SettingsDialog(self._document, choice=callbacks.look(), choose=callbacks.choose_look, parent=self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _is_logged(self) -> bool:
        return self._in_force().database is not None

    def _runs(self) -> dict[str, Callable[[], object]]:
        own: dict[str, Callable[[], object]] = {
            "zones": lambda: self._callbacks.edit_zones(self.tab.chosen),
            "calibrate": lambda: self._callbacks.calibrate(self.tab.chosen),
            "trust": lambda: self._callbacks.trust(self.tab.chosen),
            "rules": lambda: self._callbacks.edit_rules(self.tab.chosen),
            "undo": self.undo,
            "redo": self._document.redo,
            "settings": self.choose,
        }
        return {command.name: partial(self._run, command.name) for command in SETUP} | own

    def _run(self, name: str) -> None:
        """Does what a command means for the list that is shown."""
        self.tab.runs()[name]()

    def _build(self) -> None:
        self.tabs.setDocumentMode(True)
        self.tabs.setIconSize(QSize(theme.em(self, 1.4), theme.em(self, 1.4)))
        bar = self.tabs.tabBar()
        assert bar is not None
        for part in (bar, self.tabs):
            part.setAccessibleName(self.title)
        for tab in self._lists:
            self.tabs.addTab(tab, icon(tab.icon), tab.title)
            tab.chosen_changed.connect(self._allow)
            if isinstance(tab, ListedTab):
                tab.removed.connect(self._offer_undo)
        self.tabs.currentChanged.connect(lambda _: self._turn())
        column = QVBoxLayout(self)
        column.addWidget(self.bar)
        column.addWidget(self.tabs, stretch=1)

    def _offer_undo(self, name: str) -> None:
        self._offered = self._document.undo_words
        self.bar.offer(self.tr("“{0}” was removed.").format(name))

    def _turn(self) -> None:
        """Shows what can be done with another list."""
        self.tab.fill()
        self.setFocusProxy(self.tab.focus_place)
        self._allow()

    def _show(self, config: Config) -> None:
        QTimer.singleShot(0, self._fill)  # not while a list tells of a switch or a drop

    def _fill(self) -> None:
        self.tab.fill()
        if self._document.undo_words != self._offered:  # the button would take back something else
            self.bar.hide()
        self._allow()

    def _allow(self) -> None:
        """Enables what can be done now, and says what undo and redo would do."""
        allowed = self.tab.allowed()
        for name, action in self.actions_by_name.items():
            if name not in OF_ALL:
                action.setVisible(name in self.tab.own)
                action.setEnabled(name in allowed)
        for name, title, words in (
            ("undo", self.tr("Undo"), self._document.undo_words),
            ("redo", self.tr("Redo"), self._document.redo_words),
        ):
            action = self.actions_by_name[name]
            action.setEnabled(bool(words))
            action.setText(f"{title}: {words}" if words else title)
            action.setIconText(title)
