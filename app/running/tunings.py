"""Models that learn from the checked frames of their cameras, each in a process; they go on when dialogs are closed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from app.running.task import Task
from engine.checks.judging import Verdict
from engine.checks.kept import checks_of, picture_folder
from engine.checks.tuning import Progress, Tuning, TuningOrder, folder_of
from engine.inference.contract import ModelFile
from engine.log.database import open_as_reader
from engine.paths import default_models

END_S = 5.0
"""Given at the end to a process that was told to stop; it keeps what was learnt by itself."""
MINUTES = 10.0


class TuningJob:
    """The learning of one camera; for the GUI thread, which asks it how far it is."""

    def __init__(self, camera: str, database: str, model: ModelFile, settings: tuple[str, ...] = ()) -> None:
        """Takes the camera, the log with its checks, the model to start from, and values of the training."""
        self.camera, self._database = camera, database
        folder, start = folder_of(default_models(), camera), _whole(model.path)
        self._order = TuningOrder(camera, folder, start, minutes=MINUTES, settings=settings)
        self._tuning = Tuning(self._order)
        self._task: Task | None = None
        self.progress: Progress | None = None
        """None while nothing is done."""
        self.problem = ""
        self.verdict = self._tuning.verdict

    @property
    def model(self) -> Path:
        """Where the model lies, once it is through."""
        return self._tuning.model

    @property
    def is_running(self) -> bool:
        """Whether it learns now."""
        return self._task is not None and self._task.is_running

    @property
    def can_go_on(self) -> bool:
        """Whether it was stopped and can go on."""
        return not self.is_running and self._tuning.can_go_on

    def start(self, counts: Path | None = None, used: Iterable[Path] = ()) -> None:
        """Begins, or goes on with what was stopped.

        Args:
            counts: the model that the camera has of its own, which goes on counting; None where it has none.
            used: by any camera; they stay as they are.
        """
        if self.is_running:
            return
        self._order = replace(self._order, counts=counts, used=frozenset(used))
        self._tuning = Tuning(self._order)
        if self.verdict is not None:
            self._tuning.forget()
        self.verdict, self.problem = None, ""
        self.progress = Progress("")
        self._task = Task.of_steps(f"learning of {self.camera}", self._steps)
        self._task.step.connect(self._take)
        self._task.failed.connect(self._fail)
        self._task.start()

    def stop(self) -> None:
        """Stops it; it can go on."""
        self._tuning.stop()

    def close(self) -> None:
        """Stops it, and waits for a little."""
        if self._task is not None:
            self._task.drop()
            self.stop()
            self._task.finish(END_S)

    def _steps(self) -> Iterator[Progress | Verdict]:
        engine = open_as_reader(self._database)
        try:
            checks = [check for check in checks_of(engine, self.camera) if check.source_sha256 is None]
            folder = picture_folder(engine.url)
        finally:
            engine.dispose()
        yield from self._tuning.steps(checks, folder)

    def _take(self, step: object) -> None:
        match step:
            case Verdict():
                self.verdict, self.progress = step, None
            case Progress():
                self.progress = step

    def _fail(self, problem: str) -> None:
        self.problem, self.progress = problem, None


class Tunings:
    """The learning of all cameras."""

    def __init__(self, settings: tuple[str, ...] = ()) -> None:
        """Takes values of all trainings in place of those of their preset, such as 'steps=2'."""
        self._settings, self._jobs = settings, dict[str, TuningJob]()

    def of(self, camera: str, database: str, model: ModelFile) -> TuningJob:
        """Returns that of a camera, which may be at work."""
        if camera not in self._jobs or not self._jobs[camera].is_running:
            self._jobs[camera] = TuningJob(camera, database, model, self._settings)
        return self._jobs[camera]

    def close(self) -> None:
        """Stops all; may be called twice."""
        for job in self._jobs.values():
            job.close()


def _whole(path: Path) -> Path:
    """Returns the file with all bits of a model of which one with fewer runs."""
    whole = path.with_name(f"{path.name.partition('.')[0]}.onnx")
    return whole if whole.is_file() else path
