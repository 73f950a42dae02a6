"""What is watched: the configuration, what the command line says in its place, and cameras that are shown for a try."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.document import Document
from app.running.live import Live
from engine.settings.config import CameraSettings, Config
from engine.settings.rules import GroupSettings


class Watched(QObject):
    """Keeps what runs in step with a document; for the GUI thread."""

    changed = pyqtSignal(object)
    """Another `Config` is to run."""
    tries_changed = pyqtSignal()

    def __init__(self, document: Document, live: Live, given: Mapping[str, object]) -> None:
        """`given` are settings of `Config` that hold whatever the document says."""
        super().__init__()
        self._document, self._live, self._given = document, live, given
        self.tries: tuple[CameraSettings, ...] = ()
        """Cameras that are watched and are in no file."""
        document.changed.connect(self.apply)

    @property
    def config(self) -> Config:
        """What is to run now."""
        return in_force(self._document.config, self._given, self.tries)

    def camera(self, name: str) -> CameraSettings | None:
        """Returns a camera's settings, whether it is in the file or tried; None where there is none of that name."""
        return next((camera for camera in self.config.cameras if camera.name == name), None)

    def put(self, camera: CameraSettings) -> str:
        """Changes a camera of that name, in the file or in its try; returns why it could not be changed, or ''."""
        if any(other.name == camera.name for other in self.tries):
            self.try_camera(camera)
            return ""
        return "; ".join(problem.sentence for problem in self._document.put_camera(camera, replacing=camera.name))

    @property
    def undo_words(self) -> str:
        """What can be undone; empty where nothing can."""
        return self._document.undo_words

    def undo(self) -> None:
        """Takes back the last change of the document."""
        self._document.undo()

    def put_owner(self, owner: CameraSettings | GroupSettings) -> str:
        """Changes the camera or group of that name; returns why it could not be changed, or ''."""
        return self.put(owner) if isinstance(owner, CameraSettings) else self._put_group(owner)

    def _put_group(self, group: GroupSettings) -> str:
        config = self._document.config
        groups = tuple(group if other.name == group.name else other for other in config.groups)
        found = self._document.put(config.model_copy(update={"groups": groups}))
        return "; ".join(problem.sentence for problem in found)

    def apply(self) -> None:
        """Asks for all of it; without any camera no model is loaded."""
        taken = {camera.name.casefold() for camera in self._document.config.cameras}
        if any(camera.name.casefold() in taken for camera in self.tries):
            self._take(tuple(camera for camera in self.tries if camera.name.casefold() not in taken))
        config = self.config
        if self._live.names or any(camera.enabled for camera in config.cameras):
            self._live.apply(config)
        self.changed.emit(config)

    def try_camera(self, camera: CameraSettings) -> None:
        """Shows a camera until the end, or until it is kept or dropped."""
        self._take((*(other for other in self.tries if other.name != camera.name), camera))
        self.apply()

    def keep(self, name: str) -> None:
        """Puts a camera that was tried into the document; it goes on as it is."""
        for camera in self.tries:
            if camera.name == name:
                self._document.put_camera(camera)

    def drop(self, name: str) -> None:
        """Ends a try."""
        self._take(tuple(camera for camera in self.tries if camera.name != name))
        self.apply()

    def _take(self, tries: tuple[CameraSettings, ...]) -> None:
        self.tries = tries
        self.tries_changed.emit()


def in_force(config: Config, given: Mapping[str, object], tries: Sequence[CameraSettings]) -> Config:
    """Returns a configuration with other settings in place of its own, and with further cameras of other names."""
    taken = {camera.name.casefold() for camera in config.cameras}
    more = (camera for camera in tries if camera.name.casefold() not in taken)
    return config.model_copy(update={**given, "cameras": (*config.cameras, *more)})
