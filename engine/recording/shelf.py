"""A video file with its index, which is read once and found again; whether the file is still the one that was opened.

A recorder may still be writing it: then it grows, and the index is read again.
"""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic, time

from engine.errors import SourceError
from engine.handoff import WAIT_S
from engine.recording.cache import Cache
from engine.recording.identity import identity_of
from engine.recording.index import Index, index_of, read_index
from engine.redaction import readable

STILL_S = 3.0  # after which a file that did not grow is whole
PATIENCE = 5  # times as long as reading the index took is waited before it is read again
GROWING = frozenset({".mkv", ".webm", ".ts", ".mts", ".m2ts", ".flv", ".mpg", ".mpeg"})
"""Files that can be read while they are written; others are noticed once they have grown."""


class Shelf:
    """One video file; any thread may use it."""

    def __init__(self, path: Path) -> None:
        """Notes how large the file is; raises SourceError where it is not there."""
        self.path, self.name = path, readable(path.name)
        self.newest: Index | None = None
        """The index, as far as somebody asked for it."""
        self._reading = Lock()
        self._facts = self._found()
        self._again_s = 0.0

    def index(self, is_wanted: Callable[[], bool]) -> Index | None:
        """Returns the index, which may take time; None where that is no longer wanted; raises SourceError."""
        while not self._reading.acquire(timeout=WAIT_S):  # another reads it
            if not is_wanted():
                return None
        try:
            if self.newest is None and is_wanted():
                begun_s = monotonic()
                index = index_of(self.path, identity_of(self.path), Cache(), is_wanted)
                self._again_s = (1 + PATIENCE) * monotonic() - PATIENCE * begun_s
                self.newest = index if is_wanted() else None
            return self.newest
        finally:
            self._reading.release()

    def follow(self, is_wanted: Callable[[], bool]) -> None:
        """Reads the index again, since the file has grown; raises SourceError."""
        with self._reading:
            self._facts, begun_s = self._found(), monotonic()
            index = read_index(self.path, is_wanted)
            self._again_s = (1 + PATIENCE) * monotonic() - PATIENCE * begun_s
            if is_wanted():
                self.newest = index

    @property
    def has_grown(self) -> bool:
        """Whether the file is larger than when its index was read, and the same; raises SourceError."""
        return self.check().st_size > self._facts.st_size and monotonic() >= self._again_s

    @property
    def may_grow(self) -> bool:
        """Whether somebody has just written to the file, and could go on; raises SourceError."""
        facts = self.check()
        is_fresh = abs(time() - facts.st_mtime) < STILL_S
        return facts.st_size > self._facts.st_size or (is_fresh and self.path.suffix.lower() in GROWING)

    def check(self) -> os.stat_result:
        """Returns what the system says of the file; raises SourceError where it is no longer the one that it was."""
        now, before = self._found(), self._facts
        if (now.st_dev, now.st_ino) != (before.st_dev, before.st_ino):
            raise SourceError(f"{self.name} was replaced by another file while it was open; open it again")
        if now.st_size < before.st_size:
            raise SourceError(
                f"{self.name} became shorter while it was open ({before.st_size} bytes, now {now.st_size}); "
                "what was counted is kept, open it again to see what is left"
            )
        return now

    def _found(self) -> os.stat_result:
        try:
            return self.path.stat()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SourceError(f"{self.path} cannot be read: {reason}; what was counted is kept") from error
