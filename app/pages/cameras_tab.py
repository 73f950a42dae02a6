"""The cameras under Set-up: added, edited, ordered, switched, taken out."""

from collections.abc import Callable

from PyQt6.QtWidgets import QDialog

from app.dialogs.camera import CameraDialog
from app.pages.setup_tab import ListedTab
from app.panels.camera_list import CameraList, Switched
from app.panels.no_cameras import NoCameras
from app.running.document import Document
from app.running.live import Live


class CamerasTab(ListedTab):
    """A list of cameras, and what can be done with the one that is chosen."""

    key, icon = "cameras", "live"
    own = frozenset({"add", "edit", "zones", "calibrate", "trust", "rules", "duplicate", "remove", "up", "down"})

    def __init__(self, document: Document, live: Live, *, tip: str) -> None:
        """`tip` is said of the button that adds the first one."""
        super().__init__(document)
        self.title = self.tr("Cameras")
        self._live = live
        self.cameras, self.empty = CameraList(), NoCameras(self.add, tip)
        for part in (self.empty, self.cameras):
            self._stack.addWidget(part)
        self.cameras.switched.connect(self._switch)
        self.cameras.moved.connect(document.move_camera)
        self.cameras.asked.connect(self.edit)
        self.cameras.currentItemChanged.connect(lambda *_: self.chosen_changed.emit())

    @property
    def chooser(self) -> CameraList:
        """The cameras."""
        return self.cameras

    def fill(self) -> None:
        """Shows the cameras that are configured."""
        had_focus = self.cameras.hasFocus()
        self.cameras.show_cameras(self.config.cameras)
        self._stack.setCurrentWidget(self.cameras if self.config.cameras else self.empty)
        if had_focus:
            self._stack.currentWidget().setFocus()  # type: ignore[union-attr]

    def pull_numbers(self) -> None:
        """Says how the cameras are doing."""
        self.cameras.show_health({name: facts.health for name, facts in self._live.facts().items()})

    def runs(self) -> dict[str, Callable[[], object]]:
        """What its commands do."""
        return {**super().runs(), "add": self.add, "duplicate": self.duplicate}

    def add(self) -> QDialog:
        """Asks for a camera; returns what asks."""
        return self._open(CameraDialog(self._document, parent=self))

    def edit(self, name: str = "") -> None:
        """Asks for changes of a camera, the chosen one if none is named."""
        if wanted := name or self.chosen:
            self._open(CameraDialog(self._document, wanted, parent=self))

    def duplicate(self) -> None:
        """Adds a camera with the settings of the chosen one, off until it has an address of its own."""
        camera = self._document.camera(self.chosen)
        if camera is None:
            return
        taken = {each.name.casefold() for each in self.config.owners}
        names = (f"{camera.name} {number}" for number in range(2, len(taken) + 3))
        copy = camera.model_copy(update={"name": next(name for name in names if name.casefold() not in taken)})
        self._document.put_camera(copy.model_copy(update={"enabled": False}))

    def _switch(self, switched: Switched) -> None:
        camera = self._document.camera(switched.name)
        if camera is None:
            return
        changed = camera.model_copy(update={switched.setting: switched.on})
        if self._document.put_camera(changed, replacing=switched.name):
            self.fill()  # the switch goes back to where it is
