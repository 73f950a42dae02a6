"""Progress on stderr: a bar at a terminal; elsewhere nothing but the lines that are meant for a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import ParamSpec, Protocol, TypeVar

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
Given = ParamSpec("Given")
Returned = TypeVar("Returned")

PICTURES = "pictures"
LINE_EVERY_S = 60.0
"""In a log; an evaluation has a line of its own."""
PACE_OVER_S = 120.0
"""A step of a large network on a busy processor can take half a minute."""


class _Rate(ProgressColumn):
    """Pictures per second, or what else the task's field `unit` names; its field `batch` says how many a step is."""

    def render(self, task: Task) -> Text:
        return Text(_rate(task))


class TrainingProgress:
    """The bar of a training; where stderr is no terminal, a line about once a minute."""

    def __init__(
        self, config: TrainConfig, steps_done: int, *, quiet: bool = False, clock: Callable[[], float] = monotonic
    ) -> None:
        """Takes what the training is and how far it was.

        Args:
            config: of the training.
            steps_done: in earlier processes.
            quiet: shows nothing, as in all processes but the first.
            clock: seconds that only ever grow.
        """
        self._steps, self._clock = config.steps, clock
        self._bar = _bar(quiet=quiet, clock=clock)
        self._logs = not quiet and not self._bar.console.is_terminal
        self._last_line_s = clock()
        self._task = self._bar.add_task(
            "training", total=config.steps, completed=steps_done, batch=config.batch, note="", unit=PICTURES
        )

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
        left = f"{timedelta(seconds=round(task.time_remaining))} left" if task.time_remaining is not None else "-"
        parts = [f"step {step}/{self._steps}", _rate(task), left, f"loss {loss:.4f}", f"tile MAE {tile_mae:.2f}", *more]
        self._bar.console.print(", ".join(parts), soft_wrap=True, highlight=False, markup=False)
        self._last_line_s = self._clock()


class Readable(Protocol[Item_co]):
    """Pictures that are read one at a time, such as a data set."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Item_co:
        """Reads one."""


def with_bar(items: Readable[Item_co], title: str, unit: str = PICTURES) -> Iterator[Item_co]:
    """Yields the pictures, or what else `unit` calls them, moving a bar as they are used."""
    with _bar() as bar:
        task = bar.add_task(title, total=len(items), batch=1, note="", unit=unit)
        for index in range(len(items)):
            yield items[index]
            bar.advance(task)


@contextmanager
def calls_with_bar(
    function: Callable[Given, Returned], calls: int, title: str, unit: str = PICTURES
) -> Iterator[Callable[Given, Returned]]:
    """Yields the function, moving a bar with each of its calls, of which there are `calls` at most."""
    with _bar() as bar:
        task = bar.add_task(title, total=calls, batch=1, note="", unit=unit)

        def called(*values: Given.args, **named: Given.kwargs) -> Returned:
            found = function(*values, **named)
            bar.advance(task)
            return found

        yield called
        bar.update(task, completed=calls)


def _bar(*, quiet: bool = False, clock: Callable[[], float] = monotonic) -> Progress:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    more = (TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn())
    off = quiet or not console.is_terminal
    return Progress(*columns, *more, console=console, disable=off, get_time=clock, speed_estimate_period=PACE_OVER_S)


def _rate(task: Task) -> str:
    unit = f"{task.fields['unit']}/s"
    return f"{task.speed * task.fields['batch']:.1f} {unit}" if task.speed else f"- {unit}"
