"""What was recorded of cameras, wherever it lies: on this computer, or with a service; and the former."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from engine.history.footage import camera_at, footage_of, recorded_at
from engine.monitor.session import view_of
from engine.paths import default_recordings
from engine.recording.camera_footage import CameraFootage
from engine.recording.segments import Span, camera_folder, read_cameras, read_segments, spans_of
from engine.settings.config import Config


class Recorded(Protocol):
    """Recordings by camera; all methods take time, and raise EngineError where they cannot say."""

    @property
    def place(self) -> str:
        """Where they lie, for people."""
        ...

    @property
    def around_s(self) -> float:
        """How much before and after a moment is opened with it, in seconds."""
        ...

    def cameras(self) -> list[str]:
        """Returns the cameras of which there are recordings."""
        ...

    def spans(self, camera: str) -> list[Span]:
        """Returns the times of which there are recordings of a camera, in order."""
        ...

    def recorded_at(self, cameras: Sequence[str], at_s: float) -> str | None:
        """Returns the first of some cameras of which a moment, in seconds since 1970, was recorded; None: of none."""
        ...

    def camera_at(self, cameras: Sequence[str], at_s: float) -> str:
        """Returns the same; raises SourceError where there is none."""
        ...

    def footage(
        self, camera: str, span: tuple[float, float], is_wanted: Callable[[], bool]
    ) -> Iterator[float | CameraFootage]:
        """Yields which share of what was recorded in a span is at hand, then the recording; stops if it is unwanted.

        Args:
            camera: its name.
            span: from when to when, in seconds since 1970 (UTC).
            is_wanted: asked meanwhile.

        Raises:
            EngineError: nothing was recorded then, or it cannot be had.
        """
        ...


class OwnRecordings:
    """Those that lie on this computer, with the counts of the log."""

    around_s = 900.0

    def __init__(self, config: Config) -> None:
        """Takes what is watched now."""
        folder = config.recordings.folder
        self._config, self._root = config, folder.path if folder else default_recordings()

    @property
    def place(self) -> str:
        """Their folder."""
        return str(self._root)

    def cameras(self) -> list[str]:
        """Returns those that have a folder."""
        return read_cameras(self._root)

    def spans(self, camera: str) -> list[Span]:
        """Returns the times that finished segments cover."""
        return spans_of(read_segments(camera_folder(self._root, camera)))

    def recorded_at(self, cameras: Sequence[str], at_s: float) -> str | None:
        """Returns the first of which the moment is in a finished segment."""
        return recorded_at(cameras, self._root, at_s)

    def camera_at(self, cameras: Sequence[str], at_s: float) -> str:
        """Returns the same; raises SourceError where there is none."""
        return camera_at(cameras, self._root, at_s)

    def footage(
        self, camera: str, span: tuple[float, float], _is_wanted: Callable[[], bool] = lambda: True
    ) -> Iterator[float | CameraFootage]:
        """Yields it at once; raises SourceError where nothing was recorded."""
        config = self._config
        settings = next((each for each in config.cameras if each.name == camera), None)
        log, view = config.database.full if config.database else None, view_of(settings) if settings else None
        yield footage_of(camera, self._root, span, log=log, view=view)
