"""Opens what was recorded of cameras: asks which and when, and finds the counts in the log."""

from collections.abc import Callable

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app.dialogs.footage import Choice, FootageDialog
from app.notices import Level, Notices
from app.running.task import Task
from app.running.watched import Watched
from engine.history.footage import footage_of
from engine.monitor.session import view_of
from engine.paths import default_recordings
from engine.recording.footage import Footage

SOURCE = "footage"


class Footages(QObject):
    """What asks for footage."""

    def __init__(self, watched: Watched, notices: Notices, on_open: Callable[[Footage], None]) -> None:
        """Takes what is watched, where troubles are told, and who opens what was found."""
        super().__init__()
        self._watched, self._notices, self._on_open = watched, notices, on_open
        self._task: Task | None = None
        self.dialog: FootageDialog | None = None
        """The one that is open, or was last."""

    def choose(self, camera: str = "") -> None:
        """Asks what is to be opened; `camera` is offered first."""
        folder = self._watched.config.recordings.folder
        root = folder.path if folder else default_recordings()
        self.dialog = dialog = FootageDialog(root, camera, QApplication.activeWindow())
        dialog.accepted.connect(lambda: self.open(dialog.choice))
        dialog.open()

    def open(self, choice: Choice) -> None:
        """Opens footage; the counts that the log has of it are shown at once."""
        config, settings = self._watched.config, self._watched.camera(choice.camera)
        root = config.recordings.folder.path if config.recordings.folder else default_recordings()
        log, view = config.database.full if config.database else None, view_of(settings) if settings else None
        span = choice.from_s, choice.to_s
        self._task = Task("opening of footage", lambda: footage_of(choice.camera, root, span, log=log, view=view))
        self._task.done.connect(self._on_open)
        self._task.failed.connect(lambda problem: self._notices.post(Level.PROBLEM, SOURCE, problem))
        self._task.start()
