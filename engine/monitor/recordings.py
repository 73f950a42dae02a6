"""Has the cameras of one monitor recorded, and keeps the folder of their recordings in order."""

from collections.abc import Iterable
from threading import Event
from time import monotonic, time

from engine.monitor.session import Session
from engine.paths import default_recordings
from engine.recording.plan import Plan
from engine.recording.recorder import CLOSE_S
from engine.recording.retention import Limits
from engine.recording.segments import GIGABYTE
from engine.recording.stock import Stock
from engine.settings.config import Config
from engine.settings.recordings import RecordingSettings
from engine.worker import Worker

TIDY_S = 5.0  # between two looks at what is too old and at the room on the disk


class Recordings:
    """The recordings of what is watched; what has no underscore may be called by any thread, one at a time."""

    def __init__(self) -> None:
        """Records nothing before the first `apply`."""
        self._stock: Stock | None = None
        self._limits: dict[str, Limits] = {}
        self._ending = Event()
        self._worker = Worker("upkeep of recordings", self._keep_up)

    def apply(self, config: Config, sessions: Iterable[Session]) -> None:
        """Records as a configuration says, from now on."""
        settings = config.recordings
        root = settings.folder.path if settings.folder else default_recordings()
        free_bytes = round(settings.free_gigabytes * GIGABYTE)
        if self._stock is None or (self._stock.root, self._stock.free_bytes) != (root, free_bytes):
            self._stock = Stock(root, free_bytes)
        self._limits = {camera.name: _limits(camera.recording) for camera in config.cameras}
        for session in sessions:
            session.recorder.expect(_plan(session.settings.recording), self._stock)
        is_wanted = any(camera.recording.keep != "never" for camera in config.cameras) or root.is_dir()
        if is_wanted and self._worker.ident is None:
            self._worker.start()

    def close(self, sessions: Iterable[Session]) -> None:
        """Ends what is written of cameras that are no longer read, and the upkeep; may be called twice."""
        end(sessions)
        self._ending.set()
        self._worker.finish(CLOSE_S)

    def _keep_up(self) -> None:
        while not self._ending.is_set():
            if self._stock is not None:
                self._stock.tidy(self._limits, time())
            self._ending.wait(TIDY_S)


def end(sessions: Iterable[Session]) -> None:
    """Ends main streams and writes what came of cameras that are no longer read, all within one time."""
    ended, until_s = list(sessions), monotonic() + CLOSE_S
    mains = [session.main for session in ended if session.main]
    for main in mains:
        main.end()
    for session in ended:
        session.recorder.end()
    for session in ended:
        session.recorder.close(until_s - monotonic())
    for main in mains:
        main.stop(until_s - monotonic())


def _plan(settings: RecordingSettings) -> Plan:
    return Plan(settings.keep, settings.masked, settings.before_s, settings.after_s)


def _limits(settings: RecordingSettings) -> Limits:
    most = None if settings.gigabytes is None else round(settings.gigabytes * GIGABYTE)
    return Limits(settings.days, most)
