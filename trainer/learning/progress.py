"""Progress on stderr: a bar at a terminal; elsewhere nothing but the lines that are meant for a log."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from trainer.config import TrainConfig
from trainer.learning.log import Evaluation
from trainer.learning.training import Trainer

Item_co = TypeVar("Item_co", covariant=True)


class _Rate(ProgressColumn):
    """Pictures per second; a task that counts in batches says so in its field `batch`."""

    def render(self, task: Task) -> Text:
        return Text(_rate(task))


class TrainingProgress:
    """The bar of a training."""

    def __init__(self, config: TrainConfig, steps_done: int, *, quiet: bool = False) -> None:
        self._steps = config.steps
        self._bar = _bar(quiet=quiet)
        self._task = self._bar.add_task(
            "training", total=config.steps, completed=steps_done, batch=config.batch, note=""
        )

    def start(self) -> None:
        """Shows the bar."""
        self._bar.start()

    def stop(self) -> None:
        """Leaves the bar as it is."""
        self._bar.stop()

    @property
    def pictures_per_s(self) -> float:
        """Pace of the last half minute, evaluations included; 0 while it is not known."""
        task = self._bar.tasks[self._task]
        return (task.speed or 0.0) * float(task.fields["batch"])

    def stepped(self, trainer: Trainer) -> None:
        """Moves the bar."""
        note = f"loss {trainer.loss:.3f}, tile MAE {trainer.tile_mae:.1f}"
        self._bar.update(self._task, completed=trainer.steps_done, note=note)

    def evaluated(self, trainer: Trainer, now: Evaluation, best: Evaluation) -> None:
        """Prints one line, at a terminal above the bar."""
        task = self._bar.tasks[self._task]
        left = f"{timedelta(seconds=round(task.time_remaining))} left" if task.time_remaining is not None else "-"
        parts = [f"step {now.step}/{self._steps}", _rate(task), left, f"loss {now.loss:.4f}"]
        parts.append(f"tile MAE {trainer.tile_mae:.2f}")
        parts += [f"MAE {now.mae:.2f}", f"RMSE {now.rmse:.2f}", f"best {best.mae:.2f} at {best.step}"]
        self._bar.console.print(", ".join(parts), soft_wrap=True, highlight=False, markup=False)


class Readable(Protocol[Item_co]):
    """Pictures that are read one at a time, such as a data set."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Item_co:
        """Reads one."""


def with_bar(pictures: Readable[Item_co], title: str) -> Iterator[Item_co]:
    """Yields the pictures, moving a bar as they are used."""
    with _bar() as bar:
        task = bar.add_task(title, total=len(pictures), batch=1, note="")
        for index in range(len(pictures)):
            yield pictures[index]
            bar.advance(task)


def _bar(*, quiet: bool = False) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    more = (TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, *more, console=console, disable=quiet or not console.is_terminal)


def _rate(task: Task) -> str:
    return f"{task.speed * task.fields['batch']:.1f} pictures/s" if task.speed else "- pictures/s"
