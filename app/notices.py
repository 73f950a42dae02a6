"""What went wrong or is worth knowing, wherever it arose: kept, counted where it comes again, shown until it is seen.

Any thread may post; everything else belongs to the GUI thread.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from time import time

from PyQt6.QtCore import QObject, pyqtSignal

from engine.redaction import redacted

MOST_NOTICES = 200
LONGEST_WORDS = 2000  # characters


class Level(IntEnum):
    """How much a notice matters."""

    NEWS = 0
    WARNING = 1
    PROBLEM = 2


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that was said, perhaps several times."""

    level: Level
    source: str
    """What it is about: 'recording', 'cameras', 'configuration', 'window', or a page's name."""
    words: str
    remedy: str = ""
    time_s: float = 0.0
    """When it was said last, in seconds since 1970."""
    times: int = 1
    seen: bool = False
    """Whether it was dismissed, or is over."""
    retry: Callable[[], object] | None = None
    """Tries again what failed."""
    place: Path | None = None
    """A file that was written."""

    @property
    def text(self) -> str:
        """The whole of it in one line."""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.words}{remedy}" + (f" (×{self.times})" if self.times > 1 else "")


class Notices(QObject):
    """The newest notices, bounded."""

    changed = pyqtSignal()
    told = pyqtSignal(object)
    """One `Notice` was posted, however often it was before."""
    _posted = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._all: list[Notice] = []
        self._posted.connect(self._take)

    def post(
        self,
        level: Level,
        source: str,
        words: str,
        *,
        remedy: str = "",
        retry: Callable[[], object] | None = None,
        place: Path | None = None,
    ) -> None:
        """Says something; what was said before is counted and moves to the end."""
        cleaned = redacted(words)[:LONGEST_WORDS]
        self._posted.emit(Notice(level, source, cleaned, remedy, time(), retry=retry, place=place))

    @property
    def all(self) -> tuple[Notice, ...]:
        """All that are kept, the newest last."""
        return tuple(self._all)

    @property
    def unseen(self) -> tuple[Notice, ...]:
        """Those that were not dismissed, the newest last."""
        return tuple(notice for notice in self._all if not notice.seen)

    def dismiss(self, source: str | None = None) -> None:
        """Takes all notices, or those of one source, as seen; they are kept."""
        self._all = [
            replace(notice, seen=True, retry=None) if source in (None, notice.source) else notice
            for notice in self._all
        ]
        self.changed.emit()

    def _take(self, notice: Notice) -> None:
        before = next((known for known in self._all if _same(known, notice)), None)
        if before is not None:
            self._all.remove(before)
            notice = replace(notice, times=before.times + 1)
        self._all = [*self._all, notice][-MOST_NOTICES:]
        self.told.emit(notice)
        self.changed.emit()


def _same(one: Notice, other: Notice) -> bool:
    return (one.source, one.words, one.remedy) == (other.source, other.words, other.remedy)
