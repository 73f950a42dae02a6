"""Opens what was recorded of cameras: asks which and when, or goes to a moment, and finds the counts in the log."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app.dialogs.footage import Choice, FootageDialog
from app.notices import Level, Notices
from app.running.task import Task
from app.running.watched import Watched
from engine.alerts.orders import cameras_of
from engine.history.footage import camera_at, footage_of, recorded_at
from engine.monitor.session import view_of
from engine.paths import default_recordings
from engine.recording.camera_footage import CameraFootage
from engine.recording.footage import Footage
from engine.settings.config import Config
from engine.worker import JOIN_TIMEOUT_S

SOURCE = "footage"
AROUND_S = 900.0
"""Before and after a moment that are opened with it."""


class Footages(QObject):
    """What asks for footage."""

    def __init__(self, watched: Watched, notices: Notices, on_open: Callable[[Footage, float | None], None]) -> None:
        """Takes what is watched, where troubles are told, and who opens what was found, at a moment if there is one."""
        super().__init__()
        self._watched, self._notices, self._on_open = watched, notices, on_open
        self._task: Task | None = None
        self._looking: Task | None = None
        self._ending: list[Task] = []
        """Those that nobody wants any more."""
        self.dialog: FootageDialog | None = None
        """The one that is open, or was last."""

    def choose(self, camera: str = "") -> None:
        """Asks what is to be opened; `camera` is offered first."""
        self.dialog = dialog = FootageDialog(_root(self._watched.config), camera, QApplication.activeWindow())
        dialog.accepted.connect(lambda: self.open(dialog.choice))
        dialog.open()

    def open(self, choice: Choice) -> None:
        """Opens footage; the counts that the log has of it are shown at once."""
        config = self._watched.config
        self._begin(lambda: _footage(config, choice), None)

    def show(self, owner: str, at_s: float | None) -> None:
        """Opens what was recorded around a moment of a camera, or of one of a group's, and shows that moment.

        Args:
            owner: a camera or group.
            at_s: the moment, in seconds since 1970 (UTC); None has it asked for.
        """
        config = self._watched.config
        cameras = cameras_of(config, owner)
        if at_s is None:
            self.choose(cameras[0] if cameras else "")
            return
        span = at_s - AROUND_S, at_s + AROUND_S
        self._begin(lambda: _footage(config, Choice(camera_at(cameras, _root(config), at_s), *span)), at_s)

    def look_for(self, owner: str, at_s: float, then: Callable[[bool], object]) -> None:
        """Says in a while whether a moment of a camera or group was recorded, unless something else is asked before."""
        config = self._watched.config
        cameras = cameras_of(config, owner)
        self._let_go(self._looking)
        self._looking = task = Task("looking for footage", lambda: recorded_at(cameras, _root(config), at_s))
        task.done.connect(lambda found: then(found is not None))
        task.start()

    @property
    def is_looking(self) -> bool:
        """Whether the answer to `look_for` is not known yet."""
        return self._looking is not None and self._looking.is_running

    def close(self) -> None:
        """Waits for what is being looked up; may be called twice."""
        self._let_go(self._task)
        self._let_go(self._looking)
        for task in self._ending:
            task.finish(JOIN_TIMEOUT_S)

    def _begin(self, work: Callable[[], CameraFootage], at_s: float | None) -> None:
        self._let_go(self._task)
        self._task = task = Task("opening of footage", work)
        task.done.connect(lambda footage: self._on_open(footage, at_s))
        task.failed.connect(lambda problem: self._notices.post(Level.PROBLEM, SOURCE, problem))
        task.start()

    def _let_go(self, task: Task | None) -> None:
        """Wants no answer any more."""
        if task is not None:
            task.drop()
        self._ending = [each for each in (*self._ending, task) if each is not None and each.is_running]


def _root(config: Config) -> Path:
    return config.recordings.folder.path if config.recordings.folder else default_recordings()


def _footage(config: Config, choice: Choice) -> CameraFootage:
    """Finds it on disk, which takes time; raises SourceError."""
    settings = next((camera for camera in config.cameras if camera.name == choice.camera), None)
    log, view = config.database.full if config.database else None, view_of(settings) if settings else None
    return footage_of(choice.camera, _root(config), (choice.from_s, choice.to_s), log=log, view=view)
