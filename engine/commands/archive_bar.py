"""The progress of an archive in the terminal: one bar over everything, with rate and time left."""

import sys
from datetime import timedelta
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from engine.archive.result import Progress as Reached
from engine.commands.progress import Bar

LEAST_SHARE = 0.001  # below which nobody knows how long the rest takes


class ArchiveBar(Bar):
    """Shows how many recordings are through, how many frames were counted, at which rate, and the time left."""

    def __init__(self) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[left]}")
        self._bar = Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False, transient=True)
        self._task = self._bar.add_task("looking at the first recordings", total=1.0, left="")
        self._began_s = monotonic()
        self.frames = 0
        """That were counted, as was said last."""

    def show(self, reached: Reached) -> None:
        """Shows how far it is."""
        self.frames, elapsed_s = reached.frames, monotonic() - self._began_s
        rate = f", {reached.frames / elapsed_s:.1f} frames/s by {reached.workers}" if reached.frames else ""
        words = f"{reached.recordings}/{reached.total} recordings, {reached.frames:,} frames{rate}"
        self._bar.update(self._task, completed=reached.share, description=words, left=left(reached.share, elapsed_s))


def left(share: float, elapsed_s: float) -> str:
    """Returns how long the rest takes, for people; empty while nobody knows."""
    if not LEAST_SHARE < share < 1:
        return ""
    return f"{timedelta(seconds=round(elapsed_s * (1 - share) / share))} left"
