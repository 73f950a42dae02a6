"""How far a command is, in the terminal, where it lasts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from engine.evidence.order import Step

PATIENCE_S = 2.0  # above which people are shown how far it is


@contextmanager
def progress(words: str) -> Iterator[Callable[[float], None]]:
    """Yields what takes the share that is done; it is shown where it lasts."""
    bar, began_s = Progress(console=Console(file=sys.stderr), transient=True), monotonic()
    task = bar.add_task(words, total=1.0)

    def advance(share: float) -> None:
        bar.update(task, completed=share)
        if monotonic() - began_s > PATIENCE_S and not bar.live.is_started:
            bar.start()

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()


class Bar:
    """A bar that is shown as long as it is entered."""

    _bar: Progress

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class StepBar(Bar):
    """Shows the steps of some work one after the other, each with its rate and the time left."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), _Share(), _Rate(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False, transient=True)
        self._words, self._task = "", self._bar.add_task("", total=None, unit="")

    def show(self, step: Step) -> None:
        """Shows how far it is."""
        if step.words != self._words:
            self._words = step.words
            self._bar.reset(self._task, description=step.words, unit=step.unit)
        self._bar.update(self._task, completed=step.done, total=step.total, unit=step.unit)


class _Share(ProgressColumn):
    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        if unit == "frames":
            return Text(f"{task.completed:,.0f}/{'?' if task.total is None else f'{task.total:,.0f}'} frames")
        return Text(f"{task.percentage:.0f} %")


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed, unit = task.speed or 0.0, task.fields["unit"]
        if unit == "bytes":
            return Text(f"{speed / 1e6:.0f} MB/s")
        return Text(f"{speed:.1f} frames/s" if unit == "frames" else "")
