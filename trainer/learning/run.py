"""The run folder of a training: what is written there, and when it is whole."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from trainer.checkpoints import save_checkpoint
from trainer.datasets import Annotated
from trainer.evaluation.evaluate import Measured, write_csv
from trainer.files import written_whole
from trainer.learning.curves import draw_curves
from trainer.learning.environment import environment
from trainer.learning.events import Events
from trainer.learning.log import Evaluation, evaluation, read_log, write_log
from trainer.learning.parallel import is_first
from trainer.learning.progress import TrainingProgress
from trainer.learning.training import MEASURED, Trainer

LAST, BEST, LOG, CURVES = "last.safetensors", "best.safetensors", "log.csv", "curves.png"
CONFIG, ENVIRONMENT = "config.toml", "environment.json"
STARTED_WITH, BEST_FOUND = "start.csv", "best.csv"
"""What was found on the held-out pictures at the start, if it was measured, and with the best weights."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a training learns from, what it is measured on, where it writes, and for how long."""

    folder: Path
    data: Sequence[Annotated] = field(repr=False)
    held_out: Sequence[Annotated] = field(repr=False)
    minutes: float = math.inf
    """In which it ends, evaluated, with a cooled rate, though it could go on."""
    began_s: float = field(default_factory=monotonic)
    """When the minutes began, on the monotonic clock."""
    measures_start: bool = False
    """Whether the weights that it starts from are measured, as step 0, and may be the best."""


class Record:
    """What a training leaves in its folder and says on stderr; every process reads it, only the first one writes.

    To be used as a context.
    """

    def __init__(self, run: Run, trainer: Trainer) -> None:
        self._folder, self._trainer, self._writes = run.folder, trainer, is_first()
        self.log = [entry for entry in read_log(run.folder / LOG) if entry.step <= trainer.steps_done]
        end_s = run.began_s + 60 * run.minutes
        self._progress = TrainingProgress(trainer.config, trainer.steps_done, end_s, quiet=not self._writes)
        self._events = Events(run.folder, trainer.steps_done)

    def __enter__(self) -> "Record":
        if self._writes:
            self._describe()
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
        self._events.close()

    @property
    def best(self) -> Evaluation:
        """The evaluation with the lowest MAE, of which there must be one."""
        return min(self.log, key=lambda entry: entry.mae)

    @property
    def is_up_to_date(self) -> bool:
        """Whether the weights as they are now have been evaluated."""
        return bool(self.log) and self.log[-1].step == self._trainer.steps_done

    def has_waited(self, patience: int) -> bool:
        """Says whether the last `patience` evaluations brought nothing better; never for 0."""
        return bool(patience and self.log) and len(self.log) - 1 - self.log.index(self.best) >= patience

    def stepped(self) -> None:
        """Shows how far the training is."""
        self._progress.stepped(self._trainer)

    def evaluated(self, found: Sequence[Measured]) -> None:
        """Writes all files; the log last, for it says which evaluations need not be done again."""
        now = evaluation(self._trainer.steps_done, self._trainer.loss, found)
        is_better = not self.log or now.mae < self.best.mae
        self.log.append(now)
        if not self._writes:
            return
        if now.step == 0:
            write_csv(found, self._folder / STARTED_WITH)
        if is_better:
            write_csv(found, self._folder / BEST_FOUND)
        facts = {MEASURED + "mae": f"{now.mae:.3f}", MEASURED + "rmse": f"{now.rmse:.3f}"}
        if is_better:
            save_checkpoint(self._trainer.checkpoint(facts, resumable=False), self._folder / BEST)
        save_checkpoint(self._trainer.checkpoint(facts, resumable=True), self._folder / LAST)
        draw_curves(self.log, self._folder / CURVES)
        rate = {"training/rate": self._trainer.rate, "training/tile MAE": self._trainer.tile_mae}
        self._events.evaluated(now, rate | {"training/pictures a second": self._progress.pictures_per_s})
        write_log(self.log, self._folder / LOG)
        self._progress.evaluated(self._trainer, now, self.best)

    def interrupted(self) -> None:
        """Saves what is not saved yet."""
        if self._writes and not self.is_up_to_date:
            save_checkpoint(self._trainer.checkpoint(resumable=True), self._folder / LAST)

    def _describe(self) -> None:
        with written_whole(self._folder / CONFIG, "configuration") as partial:
            partial.write_text(self._trainer.config.to_toml(), "utf-8")
        with written_whole(self._folder / ENVIRONMENT, "environment") as partial:
            partial.write_text(json.dumps(environment(self._trainer.device), indent=2) + "\n", "utf-8")
