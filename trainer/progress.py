"""Progress on stderr: a bar at a terminal; elsewhere nothing but the lines that are meant for a log."""

from collections.abc import Iterator
from datetime import timedelta

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
from trainer.dataset import Annotated, Dataset
from trainer.log import Evaluation


class _Rate(ProgressColumn):
    """Pictures per second; a task that counts in batches says so in its field `batch`."""

    def render(self, task: Task) -> Text:
        return Text(_rate(task))


class TrainingProgress:
    """The bar of a training, to be used as a context."""

    def __init__(self, config: TrainConfig, steps_done: int) -> None:
        self._steps = config.steps
        self._bar = _bar()
        self._task = self._bar.add_task(
            "training", total=config.steps, completed=steps_done, batch=config.batch, note=""
        )

    def __enter__(self) -> "TrainingProgress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def stepped(self, steps_done: int, loss: float) -> None:
        """Moves the bar."""
        self._bar.update(self._task, completed=steps_done, note=f"loss {loss:.3f}")

    def evaluated(self, now: Evaluation, best: Evaluation) -> None:
        """Prints one line, at a terminal above the bar."""
        task = self._bar.tasks[self._task]
        left = f"{timedelta(seconds=round(task.time_remaining))} left" if task.time_remaining is not None else "-"
        parts = [f"step {now.step}/{self._steps}", _rate(task), left, f"loss {now.loss:.4f}"]
        parts += [f"MAE {now.mae:.2f}", f"RMSE {now.rmse:.2f}", f"best {best.mae:.2f} at {best.step}"]
        self._bar.console.print(", ".join(parts), soft_wrap=True, highlight=False, markup=False)


def with_bar(pictures: Dataset, title: str) -> Iterator[Annotated]:
    """Yields the pictures, moving a bar as they are used."""
    with _bar() as bar:
        task = bar.add_task(title, total=len(pictures), batch=1, note="")
        for index in range(len(pictures)):
            yield pictures[index]
            bar.advance(task)


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    more = (TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, *more, console=console, disable=not console.is_terminal)


def _rate(task: Task) -> str:
    return f"{task.speed * task.fields['batch']:.1f} pictures/s" if task.speed else "- pictures/s"
