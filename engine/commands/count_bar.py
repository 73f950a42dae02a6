"""The progress of a count in the terminal: one bar over all recordings."""

import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from engine.commands.progress import Bar


class CountBar(Bar):
    """Shows how many frames were counted of those that are to be, at which rate, and the time left."""

    def __init__(self, expected: int | None, recordings: int) -> None:
        """Takes the frames of all recordings, None where nobody knows, and the number of these."""
        columns = (
            TextColumn("{task.description}"), BarColumn(), _Frames(), _Rate(), TextColumn("{task.fields[people]}"),
            TimeRemainingColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False)
        self._task = self._bar.add_task("", total=expected, people="", known=0)
        self.recordings, self._number = recordings, 0
        self._expected: int | None = None
        self._counted = 0

    def begin(self, name: str, *, expected: int | None) -> None:
        """Names the recording whose frames come next, and how many it promises."""
        self._number += 1
        self._expected, self._counted = expected, 0
        words = name if self.recordings == 1 else f"{name} ({self._number} of {self.recordings})"
        self._bar.update(self._task, description=words)

    def say(self, words: str) -> None:
        """Prints a line above the bar."""
        self._bar.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def advance(self, people: float) -> None:
        """Counts a frame."""
        self._counted += 1
        self._bar.update(self._task, advance=1, people=f"{people:.0f} people")

    def end(self, *, known: int) -> None:
        """Puts the frames that there were in place of those that were promised, without those known before."""
        if self._expected is None:
            if self._number == self.recordings:
                self._bar.update(self._task, total=self._bar.tasks[0].completed)
            return
        self._shorten(self._expected - known - self._counted)

    def leave_out(self, known: int) -> None:
        """Has frames that were counted before not wait to be counted."""
        self._bar.update(self._task, known=self._bar.tasks[0].fields["known"] + known)
        if self._expected is not None:
            self._shorten(known)

    def _shorten(self, frames: int) -> None:
        total = self._bar.tasks[0].total
        if total is not None:
            self._bar.update(self._task, total=max(0, int(total) - frames))


def frames_words(done: int, total: int | None, known: int) -> str:
    """Returns how far a count is.

    Args:
        done: frames that were counted now.
        total: frames that are to be; None where nobody knows.
        known: frames that were counted before, and are not again.
    """
    if total:
        return f"{done}/{total} frames"
    return f"{known} frames counted before" if known and not done else f"{done} frames"


class _Frames(ProgressColumn):
    def render(self, task: Task) -> Text:
        total = None if task.total is None else int(task.total)
        return Text(frames_words(int(task.completed), total, task.fields["known"]))


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        if not task.completed:
            return Text("")
        return Text(f"{task.finished_speed or task.speed or 0:.1f} frames/s")
