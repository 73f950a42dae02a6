"""What the page of recordings needs of the window and of what is configured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from PyQt6.QtGui import QAction

from app.running.footage_log import Logged
from engine.settings.config import Config


class Known(NamedTuple):
    """What is known of the cameras whose footage is shown."""

    config: Callable[[], Config]
    """What is configured now."""
    log: Callable[[], Logged | None]
    """Where their counts and alerts are now; None where that is nowhere."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the page needs that is not its own."""

    opening: QAction
    """The window's action that asks for a recording."""
    on_demo: Callable[[], None]
    """Opens the demonstration clip."""
    known: Known
    counts_of: str = ""
    """Whose counts are shown, where none are written here."""
