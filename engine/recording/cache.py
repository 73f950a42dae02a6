"""What can be made again, kept in files of the user's cache folder: so many bytes, those that were not used longest go.

An entry is whole or it is none: it bears a hash of itself. A folder that cannot be written costs time, nothing else.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.errors import OutputError
from engine.files import written_whole
from engine.paths import cache_folder

MOST_BYTES = 1 << 30
HASH_BYTES = 32

logger = logging.getLogger(__name__)


class Cache:
    """Entries by name; of one thread, while other programs may use the same folder."""

    def __init__(self, folder: Path | None = None, *, most_bytes: int = MOST_BYTES) -> None:
        """Makes nothing yet; the usual folder is that of recordings in the user's cache folder."""
        self._folder = folder or cache_folder() / "recordings"
        self._most_bytes = most_bytes
        self._is_told = False

    def read(self, name: str) -> bytes | None:
        """Returns an entry, which so was used; None where there is none, or none that is whole, which is said."""
        path = self._folder / name
        try:
            content = path.read_bytes()
        except OSError:
            return None
        digest, rest = content[:HASH_BYTES], content[HASH_BYTES:]
        if hashlib.sha256(rest).digest() != digest:
            logger.warning("%s is damaged, and is made anew", path)
            self.remove(name)
            return None
        with suppress(OSError):
            os.utime(path)
        return rest

    def write(self, name: str, content: bytes) -> None:
        """Puts an entry in place of the one before; where that cannot be done it is said once."""
        path = self._folder / name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with written_whole(path) as partial:
                partial.write_bytes(hashlib.sha256(content).digest() + content)
            self._make_room()
        except (OSError, OutputError) as error:
            cause = error.__cause__ if isinstance(error, OutputError) else error
            if not self._is_told:
                logger.warning("nothing is kept in %s for the next time: %s", self._folder, cause)
            self._is_told = True

    def remove(self, name: str) -> None:
        """Forgets an entry."""
        with suppress(OSError):
            (self._folder / name).unlink()

    def _make_room(self) -> None:
        """Deletes what was not used longest, until the rest fits; the newest stays however large it is."""
        files = sorted(self._files(), key=lambda file: file.used_s)
        over = sum(file.size for file in files) - self._most_bytes
        for file in files[:-1]:
            if over <= 0:
                break
            with suppress(OSError):
                file.path.unlink()
            over -= file.size

    def _files(self) -> "Iterator[_File]":
        for path in self._folder.iterdir():
            with suppress(OSError):
                facts = path.stat()
                yield _File(path, facts.st_size, facts.st_mtime)


class _File(NamedTuple):
    path: Path
    size: int
    used_s: float
