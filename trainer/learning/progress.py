"""Progress of a training on stderr: a bar at a terminal; elsewhere nothing but the lines that are meant for a log."""

import math
from collections.abc import Callable
from time import monotonic
from typing import Any

from trainer.config import TrainConfig
from trainer.learning.log import Evaluation
from trainer.learning.training import Trainer
from trainer.progress import LINE_EVERY_S, PICTURES, bar, left, rate


class TrainingProgress:
    """The bar of a training; where stderr is no terminal, a line about once a minute."""

    def __init__(
        self,
        config: TrainConfig,
        steps_done: int,
        end_s: float = math.inf,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Takes what the training is and how far it was.

        Args:
            config: of the training.
            steps_done: in earlier processes.
            end_s: when it ends at the latest, by the clock.
            quiet: shows nothing, as in all processes but the first.
            clock: seconds that only ever grow.
        """
        self._steps, self._clock = config.steps, clock
        self._bar = bar(quiet=quiet, clock=clock)
        self._logs = not quiet and not self._bar.console.is_terminal
        self._last_line_s = clock()
        fields: dict[str, Any] = {"batch": config.batch, "note": "", "unit": PICTURES, "end_s": end_s}
        self._task = self._bar.add_task("training", total=config.steps, completed=steps_done, **fields)

    def start(self) -> None:
        """Shows the bar."""
        self._bar.start()

    def stop(self) -> None:
        """Leaves the bar as it is."""
        self._bar.stop()

    @property
    def pictures_per_s(self) -> float:
        """Pace of the last two minutes, evaluations included; 0 while it is not known."""
        task = self._bar.tasks[self._task]
        return (task.speed or 0.0) * float(task.fields["batch"])

    def stepped(self, trainer: Trainer) -> None:
        """Moves the bar; in a log, prints one line when a minute has passed since the last."""
        note = f"loss {trainer.loss:.3f}, tile MAE {trainer.tile_mae:.1f}"
        self._bar.update(self._task, completed=trainer.steps_done, note=note)
        if self._logs and self._clock() - self._last_line_s >= LINE_EVERY_S:
            self._print(trainer.steps_done, trainer.loss, trainer.tile_mae)

    def evaluated(self, trainer: Trainer, now: Evaluation, best: Evaluation) -> None:
        """Prints one line, at a terminal above the bar."""
        errors = f"MAE {now.mae:.2f}", f"RMSE {now.rmse:.2f}", f"best {best.mae:.2f} at {best.step}"
        self._print(now.step, now.loss, trainer.tile_mae, *errors)

    def _print(self, step: int, loss: float, tile_mae: float, *more: str) -> None:
        task = self._bar.tasks[self._task]
        learnt = [f"loss {loss:.4f}", f"tile MAE {tile_mae:.2f}"] if math.isfinite(loss) else []
        parts = [f"step {step}/{self._steps}", rate(task), left(task), *learnt, *more]
        self._bar.console.print(", ".join(parts), soft_wrap=True, highlight=False, markup=False)
        self._last_line_s = self._clock()
