"""Bars on stderr, at a terminal; elsewhere nothing is shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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

Item_co = TypeVar("Item_co", covariant=True)
Given = ParamSpec("Given")
Returned = TypeVar("Returned")

PICTURES = "pictures"
PACE_OVER_S = 120.0
"""A step of a large network on a busy processor can take half a minute."""


class _Rate(ProgressColumn):
    """Pictures per second, or what else the task's field `unit` names; its field `batch` says how many a step is."""

    def render(self, task: Task) -> Text:
        return Text(rate(task))


class Readable(Protocol[Item_co]):
    """Pictures that are read one at a time, such as a data set."""

    def __len__(self) -> int:
        """Returns the number of pictures."""

    def __getitem__(self, index: int) -> Item_co:
        """Reads one."""


def with_bar(items: Readable[Item_co], title: str, unit: str = PICTURES) -> Iterator[Item_co]:
    """Yields the pictures, or what else `unit` calls them, moving a bar as they are used."""
    with bar() as shown:
        task = shown.add_task(title, total=len(items), batch=1, note="", unit=unit)
        for index in range(len(items)):
            yield items[index]
            shown.advance(task)


@contextmanager
def calls_with_bar(
    function: Callable[Given, Returned], calls: int, title: str, unit: str = PICTURES
) -> Iterator[Callable[Given, Returned]]:
    """Yields the function, moving a bar with each of its calls, of which there are `calls` at most."""
    with bar() as shown:
        task = shown.add_task(title, total=calls, batch=1, note="", unit=unit)

        def called(*values: Given.args, **named: Given.kwargs) -> Returned:
            found = function(*values, **named)
            shown.advance(task)
            return found

        yield called
        shown.update(task, completed=calls)


def bar(*, quiet: bool = False, clock: Callable[[], float] = monotonic) -> Progress:
    """Returns a bar for tasks with the fields `batch`, `note` and `unit`; it shows nothing if quiet or no terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate())
    more = (TextColumn("{task.fields[note]}"), TimeElapsedColumn(), TimeRemainingColumn())
    off = quiet or not console.is_terminal
    return Progress(*columns, *more, console=console, disable=off, get_time=clock, speed_estimate_period=PACE_OVER_S)


def rate(task: Task) -> str:
    """Says how fast a task goes."""
    unit = f"{task.fields['unit']}/s"
    return f"{task.speed * task.fields['batch']:.1f} {unit}" if task.speed else f"- {unit}"
