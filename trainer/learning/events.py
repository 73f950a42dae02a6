"""The figures of a training for TensorBoard: `tensorboard --logdir RUN` shows them while it runs."""

from math import isfinite
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from trainer.errors import TrainerError
from trainer.files import reason
from trainer.learning.log import Evaluation


class Events:
    """Appends to an event file in the run folder; there is one for each time that the training was started."""

    def __init__(self, folder: Path, steps_done: int) -> None:
        self._folder, self._steps_done = folder, steps_done
        self._writer: SummaryWriter | None = None  # made with the first figures, for a finished run has none to add

    def evaluated(self, now: Evaluation, more: dict[str, float]) -> None:
        """Adds the figures of one evaluation, and others of the same step under their own names.

        Raises:
            TrainerError: the file cannot be written.
        """
        figures = {
            "training/loss": now.loss,
            "held out/MAE": now.mae,
            "held out/RMSE": now.rmse,
            "held out/bias": now.bias,
        }
        figures |= {f"maps/MAE of {name}": value for name, value in now.maps.items()} | more
        try:
            if self._writer is None:  # what an earlier start wrote of later steps is void
                self._writer = SummaryWriter(str(self._folder), purge_step=self._steps_done + 1)
            for name, value in figures.items():
                if isfinite(value):  # before the first step there is no loss
                    self._writer.add_scalar(name, value, now.step)
            self._writer.flush()
        except OSError as error:
            raise TrainerError(f"event file in {self._folder} cannot be written: {reason(error)}") from error

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()
