"""What the window asks of a page."""

from collections.abc import Sequence

from PyQt6.QtGui import QAction, QFocusEvent
from PyQt6.QtWidgets import QWidget


class Page(QWidget):
    """One of the pages of the window; only the one that is visible is asked for its pulls.

    A page gets what it needs when it is made: what runs (`app.running`) and callbacks, never the window
    or another page. What it shows now, such as a file's name, is its `windowTitle`; the window shows it in its own.
    Actions that are in no toolbar it adds to itself (`addAction`): their shortcuts are active while it is visible, and
    they are in its menu and in the list of keys.
    """

    name = ""
    """Its place, one of `app.places.PLACES`."""
    title = ""
    """Its word in the navigation, such as 'Live'."""
    icon = ""
    """See `app.icons`."""
    is_numbered = False
    """Whether a number may stand beside its word, of what waits there."""

    def enter(self) -> None:
        """It is visible from now on."""

    def leave(self) -> None:
        """It is hidden from now on; it asks for no more pictures."""

    def finish(self) -> None:
        """It will not be seen again; it ends what it reads and writes, and waits for it. Called once."""

    def fill(self, full: bool) -> None:
        """It fills the screen from now on, or no longer: then it shows what is watched, and nothing to work with."""

    def pull_pictures(self) -> None:
        """Takes what is new for the eye; called at the screen's pace while it is visible, must be quick."""

    def pull_numbers(self) -> None:
        """Takes what is new to read; called some eight times a second while it is visible."""

    def commands(self) -> Sequence[QAction]:
        """What belongs into the toolbar while it is visible; shortcuts are active meanwhile."""
        return ()

    def state(self) -> dict[str, object]:
        """What is to be found again at the next start: plain values for TOML."""
        return {}

    def restore(self, state: dict[str, object]) -> None:
        """Takes what `state` returned at an earlier time, or a part of it, or nonsense from a file edited by hand."""

    def focusInEvent(self, event: QFocusEvent | None) -> None:  # noqa: N802
        """Hands the keyboard on to the window, unless a page has a better place for it."""
        super().focusInEvent(event)
        window = self.window()
        assert window is not None
        window.setFocus()
