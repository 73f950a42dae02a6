"""The line at the foot of the window: what is open, where it is, whether it keeps up, and where the log is."""

from pathlib import Path

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QStatusBar

from app.panels.elided import ElidedLabel
from app.theme import em
from engine.redaction import readable, redacted_address

PARTS = ("file", "size", "position", "speed")
LOG = "log"
FIRST_TO_GO = ("size", LOG, "speed", "file", "position")
"""Where there is no room, not even for them shortened."""
SHORTENED = ("file", LOG)
GAP_EM = 0.6  # that Qt leaves between parts, at most


class StatusLine(QStatusBar):
    """Named parts from left to right, the log at the right end; it never makes the window wider."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizeGripEnabled(False)
        self._parts = {name: ElidedLabel() for name in (*PARTS, LOG)}
        for name in PARTS:
            self.addWidget(self._parts[name])
        for name, label in self._parts.items():
            width = QSizePolicy.Policy.Maximum if name in SHORTENED else QSizePolicy.Policy.Fixed
            label.setSizePolicy(width, QSizePolicy.Policy.Preferred)
            label.hide()
        self._parts[LOG].setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._parts[LOG].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.addPermanentWidget(self._parts[LOG], stretch=1)

    def show_part(self, name: str, text: str, tip: str = "") -> None:
        """Sets one of `PARTS`, and what is said of it under the mouse; '' hides it."""
        if self._parts[name].set_words(text, tip):
            self._fit()

    def show_log(self, text: str) -> None:
        """Sets where the log is; shortened in the middle if there is no room."""
        self.show_part(LOG, text)

    def part(self, name: str) -> str:
        """Returns one of `PARTS`, in full."""
        return self._parts[name].words

    @property
    def log(self) -> str:
        """Where the log is, in full."""
        return self.part(LOG)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as anybody likes: parts go where there is no room."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Shows what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        shown = {name: self._least(name) + em(self, GAP_EM) for name, label in self._parts.items() if label.words}
        for name in FIRST_TO_GO:
            if sum(shown.values()) > self.width() and len(shown) > 1:
                shown.pop(name, None)
        for name, label in self._parts.items():
            label.setVisible(name in shown)

    def _least(self, name: str) -> int:
        label = self._parts[name]
        return label.minimumSizeHint().width() if name in SHORTENED else label.whole_width()


def place_text(database: str | Path) -> str:
    """Returns where a log is, for people: without a password, and ~ for the home folder."""
    if isinstance(database, Path) and database.is_relative_to(Path.home()):
        database = Path("~", database.relative_to(Path.home()))
    return redacted_address(readable(str(database)))
