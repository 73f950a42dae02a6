"""Collects Python's cycles in the GUI thread alone.

A collection runs in whichever thread makes the object that is one too many. In a thread of the engine it would destroy
widgets that are only held by a cycle, and Qt may only be touched by its own thread.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QObject, QTimer

LOOK_MS = 500


def collect_if_due() -> None:
    """Does what the collector would have done by itself; for the GUI thread."""
    due = [
        age
        for age, (objects, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if objects > most
    ]
    if due:
        gc.collect(max(due))


@contextmanager
def collected_in_this_thread(parent: QObject) -> Iterator[None]:
    """Collects in this thread, whose loop has to run, and in no other; what was made before is left alone for good.

    Afterwards Python collects by itself again if it did before.
    """
    was_on = gc.isenabled()
    gc.freeze()  # without a look at it: nearly all of it was imported, and stays
    gc.disable()
    look = QTimer(parent)
    look.timeout.connect(collect_if_due)
    look.start(LOOK_MS)
    try:
        yield
    finally:
        look.stop()
        if was_on:
            gc.enable()
        gc.unfreeze()
