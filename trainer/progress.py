"""Bars on stderr; where that is no terminal, a line when work begins to take long, and then about one a minute."""

import math
import os
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
)
from rich.text import Text

Item_co = TypeVar("Item_co", covariant=True)
Given = ParamSpec("Given")
Returned = TypeVar("Returned")

PICTURES = "pictures"
PACE_OVER_S = 120.0
"""A step of a large network on a busy processor can take half a minute."""
QUIET_S = 2.0
"""In a log nothing is said of work that takes less."""
LINE_EVERY_S = 60.0
"""In a log, from then on."""


class _Rate(ProgressColumn):
    """Pictures per second, or what else the task's field `unit` names; its field `batch` says how many a step is."""

    def render(self, task: Task) -> Text:
        return Text(rate(task))


class _Left(ProgressColumn):
    """How long it will take yet."""

    def render(self, task: Task) -> Text:
        return Text(left(task))


class Readable(Protocol[Item_co]):
    """Pictures that are read one at a time, such as a data set."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Item_co:
        """Reads one."""


def with_bar(items: Readable[Item_co], title: str, unit: str = PICTURES) -> Iterator[Item_co]:
    """Yields the pictures, or what else `unit` calls them, showing how far it is as they are used."""
    with _shown(title, len(items), unit) as advance:
        for index in range(len(items)):
            yield items[index]
            advance()


@contextmanager
def calls_with_bar(
    function: Callable[Given, Returned], calls: int, title: str, unit: str = PICTURES
) -> Iterator[Callable[Given, Returned]]:
    """Yields the function, showing how far it is with each of its calls, of which there are `calls` at most."""
    with _shown(title, calls, unit) as advance:

        def called(*values: Given.args, **named: Given.kwargs) -> Returned:
            found = function(*values, **named)
            advance()
            return found

        yield called


@contextmanager
def _shown(title: str, total: int, unit: str) -> Iterator[Callable[[], None]]:
    """Yields what says that one more is done."""
    with bar() as shown:
        task = shown.add_task(title, total=total, batch=1, note="", unit=unit)
        lines = Lines(shown)

        def advance() -> None:
            shown.advance(task)
            lines.advanced()

        yield advance
        shown.update(task, completed=total)


class Lines:
    """What a log is told in place of a bar; nothing at a terminal."""

    def __init__(self, shown: Progress, *, clock: Callable[[], float] = monotonic) -> None:
        """Takes the bar, which has one task."""
        self._console, self._task, self._clock = shown.console, shown.tasks[0], clock
        self._is_quiet = shown.console.is_terminal or _is_another_process()
        self._next_s = clock() + QUIET_S
        self._has_begun = False

    def advanced(self) -> None:
        """Prints a line if it is time for one."""
        if self._is_quiet or self._clock() < self._next_s:
            return
        task, unit = self._task, self._task.fields["unit"]
        line = f"{task.description}: {task.total:.0f} {unit}"
        if self._has_begun:
            line = f"{task.description}: {task.completed:.0f} of {task.total:.0f} {unit}, {rate(task)}, {left(task)}"
        self._console.print(line, soft_wrap=True, highlight=False, markup=False)
        self._has_begun, self._next_s = True, self._clock() + LINE_EVERY_S


def word(text: str) -> None:
    """Says on stderr what is being done that takes a while and cannot be counted."""
    if not _is_another_process():
        Console(stderr=True).print(text, soft_wrap=True, highlight=False, markup=False)


def _is_another_process() -> bool:
    """Says whether `torchrun` started this process and it is not the first."""
    return os.environ.get("RANK", "0") != "0"


def bar(*, quiet: bool = False, clock: Callable[[], float] = monotonic) -> Progress:
    """Returns a bar for tasks with the fields `batch`, `note` and `unit`; it shows nothing if quiet or no terminal.

    A task that has to end by the clock may have the field `end_s`.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    more = (TextColumn("{task.fields[note]}"), TimeElapsedColumn(), _Left())
    off = quiet or not console.is_terminal or _is_another_process()
    return Progress(*columns, *more, console=console, disable=off, get_time=clock, speed_estimate_period=PACE_OVER_S)


def rate(task: Task) -> str:
    """Says how fast a task goes."""
    unit = f"{task.fields['unit']}/s"
    return f"{task.speed * task.fields['batch']:.1f} {unit}" if task.speed else f"- {unit}"


def left(task: Task) -> str:
    """Says how long a task will take yet, at most until its field `end_s`."""
    seconds = [task.time_remaining] if task.time_remaining is not None else []
    if math.isfinite(end_s := task.fields.get("end_s", math.inf)):
        seconds.append(max(0.0, end_s - task.get_time()))
    return f"{timedelta(seconds=round(min(seconds)))} left" if seconds else "-"
