"""What the page of recordings needs of the window and of what is configured."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtGui import QAction

from engine.settings.config import Config


@dataclass(frozen=True, slots=True)
class Outside:
    """What the page needs that is not its own."""

    opening: QAction
    """The window's action that asks for a file."""
    on_demo: Callable[[], None]
    """Opens the demonstration clip."""
    config: Callable[[], Config]
    """What is configured now."""
