"""Which models are found, and how fast they are here: read and measured in threads."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

from PyQt6.QtCore import QObject, pyqtSignal

from app.running.task import Task
from engine.inference.known import KnownModel, known_models
from engine.inference.session import RunOptions
from engine.inference.variants import main_file
from engine.monitor.speed import Speed, measured_speeds
from engine.paths import default_models
from engine.settings.config import Config

Wanted = tuple[frozenset[Path], RunOptions, tuple[tuple[Path, float], ...]]
"""Files that a configuration names, how they are run, and what lies in the folder of learnt models."""
END_S = 2.0
"""Given at the end to what is read or measured."""


class Models(QObject):
    """What the window knows of models; for the GUI thread."""

    changed = pyqtSignal()
    """Other models are known, or other speeds."""

    def __init__(self) -> None:
        super().__init__()
        self.known: tuple[KnownModel, ...] = ()
        self.speeds: tuple[Speed, ...] = ()
        self.problem = ""
        """Why the models could not be read, or their speeds not be measured."""
        self._wanted: Wanted | None = None
        self._read: Wanted | None = None
        self._reading: Task | None = None
        self._measuring: Task | None = None
        self._stop = Event()

    @property
    def is_measuring(self) -> bool:
        """Whether speeds are being measured."""
        return self._measuring is not None

    def look(self, config: Config) -> None:
        """Has the models read that a configuration may use, unless they are known as they are."""
        paths, options = named(config), RunOptions(config.provider, strict=config.strict_provider)
        found = tuple(sorted((path, path.stat().st_mtime) for path in default_models().glob("*/*.onnx")))
        self._wanted = frozenset(paths), options, found
        self._read_what_is_wanted()

    def measure(self) -> None:
        """Measures the speed of all that are known, on all that can run them; what counts meanwhile goes on."""
        if self.is_measuring:
            return
        self._stop, self.speeds, self.problem = Event(), (), ""
        stop, models = self._stop, tuple(Path(model.name) for model in self.known if not model.problem)
        self._measuring = Task.of_steps("measurement of models", lambda: measured_speeds(stop, models))
        self._measuring.step.connect(self._add)
        self._measuring.done.connect(lambda _: self._end())
        self._measuring.failed.connect(self._fail)
        self._measuring.start()
        self.changed.emit()

    def stop(self) -> None:
        """Nobody wants to know any more; what is being measured ends soon."""
        self._stop.set()
        for task in (self._reading, self._measuring):
            if task is not None:
                task.drop()
                task.finish(END_S)

    def speeds_of(self, model: KnownModel) -> Iterator[Speed]:
        """Yields what was measured of a model."""
        return (speed for speed in self.speeds if speed.model == Path(model.name).name)

    def _read_what_is_wanted(self) -> None:
        """Reads anew, one time after the other, where there is more than what was read."""
        if self._wanted is None or (self._reading is not None and self._reading.is_running):
            return
        (paths, *facts), before = self._wanted, self._read
        if before is not None and facts == list(before[1:]) and paths <= before[0]:
            return
        self._read, options = self._wanted, self._wanted[1]
        self._reading = Task("reading of models", lambda: tuple(known_models(paths, options)))
        self._reading.done.connect(self._take)
        self._reading.failed.connect(self._fail)
        self._reading.start()

    def _take(self, known: object) -> None:
        assert isinstance(known, tuple)
        self.known = known
        self.changed.emit()
        self._read_what_is_wanted()

    def _add(self, speed: object) -> None:
        assert isinstance(speed, Speed)
        self.speeds = (*self.speeds, speed)
        self.changed.emit()

    def _end(self) -> None:
        self._measuring = None
        self.changed.emit()

    def _fail(self, problem: str) -> None:
        self.problem = problem
        self._end()


def named(config: Config) -> tuple[Path, ...]:
    """Returns the files of models that a configuration names."""
    models = (config.model, *(camera.model for camera in config.cameras))
    return tuple(sorted({main_file(model.path).absolute() for model in models if model is not None}))
