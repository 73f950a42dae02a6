"""The configuration as the window edits it: one file, what it says, and who else changes it meanwhile."""

from pathlib import Path

from PyQt6.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

from engine.errors import ConfigError
from engine.settings.config import CameraSettings, Config
from engine.settings.config_file import load_config, save_config

SETTLES_MS = 200  # an editor may write a file in several steps


class Document(QObject):
    """A configuration file and what was read of it last."""

    changed = pyqtSignal(object)
    """Another `Config` is in force."""
    refused = pyqtSignal(object)
    """What is in the file cannot be, and why; the configuration in force stays."""

    def __init__(self, path: Path) -> None:
        """Reads the file; raises ConfigError where it cannot be."""
        super().__init__()
        self.path = path
        self.config: Config = load_config(path)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLES_MS)
        self._settle.timeout.connect(self._read)
        self._watcher = QFileSystemWatcher([str(path), str(path.parent)], self)
        for signal in (self._watcher.fileChanged, self._watcher.directoryChanged):
            signal.connect(lambda _: self._settle.start())

    def put_camera(self, camera: CameraSettings) -> None:
        """Adds a camera at the end of the file."""
        try:
            config = self.config.model_copy(update={"cameras": (*self.config.cameras, camera)})
            save_config(config, self.path)
        except ConfigError as error:
            self.refused.emit(str(error))
            return
        self._read()

    def _read(self) -> None:
        if str(self.path) not in self._watcher.files():  # it was replaced
            self._watcher.addPath(str(self.path))
        try:
            config = load_config(self.path)
        except ConfigError as error:
            self.refused.emit(str(error))
            return
        if config != self.config:
            self.config = config
            self.changed.emit(config)
