"""A strip that says what went wrong, in the engine's own words, until it is dismissed."""

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from app.notices import Level, Notices
from app.panels.message import Message
from app.theme import em

MOST_PROBLEMS = 3


class Banner(QFrame):
    """Hidden while there is nothing to say; shows the newest notices that nobody has seen, one in each line."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._notices = notices
        self._words = Message()
        self.retry = QPushButton(self.tr("Try again"))
        self.retry.clicked.connect(self._try_again)
        self.show_place = QPushButton(self.tr("Show in folder"))
        self.show_place.clicked.connect(self._show_folder)
        self._dismiss = QPushButton(self.tr("Dismiss"))
        self._dismiss.clicked.connect(self._dismiss_all)
        row = QHBoxLayout(self)
        row.setContentsMargins(em(self, 1.1), em(self, 0.7), em(self, 0.9), em(self, 0.7))
        row.addWidget(self._words, stretch=1)
        for button in (self.retry, self.show_place, self._dismiss):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        notices.changed.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        """What it says now."""
        return "\n".join(notice.text for notice in self._notices.unseen[-MOST_PROBLEMS:])

    @property
    def place(self) -> Path | None:
        """The newest file that it tells of; None where it tells of none."""
        places = [notice.place for notice in self._notices.unseen if notice.place is not None]
        return places[-1] if places else None

    def _show(self) -> None:
        self._words.set_text(self.text)
        self._show_level()
        self.retry.setVisible(any(notice.retry for notice in self._notices.unseen))
        self.show_place.setVisible(self.place is not None)
        self.setVisible(bool(self._notices.unseen))

    def _show_level(self) -> None:
        """Wears the colours of the worst that it says."""
        level = max((notice.level for notice in self._notices.unseen[-MOST_PROBLEMS:]), default=Level.NEWS).name
        if level != self.property("level"):
            self.setProperty("level", level)
            style = self.style()
            assert style is not None
            for widget in (self, self._words.label, self.retry, self.show_place, self._dismiss):
                style.unpolish(widget)  # a sheet is asked for such a rule once only
                style.polish(widget)

    def _show_folder(self) -> None:
        if self.place is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.place.parent))):
            words = self.tr("this system has no program that shows folders, expected in {}").format(self.place.parent)
            self._notices.post(Level.NEWS, "window", words)

    def _dismiss_all(self) -> None:
        self._notices.dismiss()

    def _try_again(self) -> None:
        """Tries again everything that failed and can be tried."""
        tries = [notice.retry for notice in self._notices.unseen if notice.retry]
        self._notices.dismiss()
        for retry in tries:
            retry()
