"""How far a command is, in the terminal, where it lasts."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import Progress

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
        bar.stop()
