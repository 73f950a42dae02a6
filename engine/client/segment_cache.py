"""Segments that were fetched: a folder of this process in the user's cache folder, deleted with it.

What a process that died left there is deleted by the next one. Nobody else may read it.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock

from engine.errors import OutputError, SourceError
from engine.files import claim, written_whole
from engine.paths import cache_folder
from engine.recording.segments import camera_folder

MOST_BYTES = 4 << 30
PREFIX = "footage-"
NAME = re.compile(r"\d{4}-\d\d-\d\d/[0-9][\w.-]{0,59}")
"""Of a segment: what a service says becomes a path here."""


class SegmentCache:
    """Files by camera and name; makes nothing before the first is asked for."""

    def __init__(self, root: Path | None = None, *, most_bytes: int = MOST_BYTES) -> None:
        """The usual `root` is the user's cache folder."""
        self.most_bytes = most_bytes
        self._root, self._lock = root or cache_folder(), Lock()
        self._folder: Path | None = None
        self._claim: int | None = None

    def path(self, camera: str, name: str) -> Path:
        """Returns where a segment lies, or would.

        Raises:
            SourceError: nothing can be called so.
            OutputError: nothing can be written there.
        """
        if not NAME.fullmatch(name):
            raise SourceError("a segment has a name that none can have; is it a service of DeepCount that answers?")
        return camera_folder(self._own(), camera) / name

    def has(self, path: Path, size: int) -> bool:
        """Whether a segment of so many bytes is there; it was used then."""
        with suppress(OSError):
            os.utime(path)
            return path.stat().st_size == size
        return False

    @contextmanager
    def making(self, path: Path, size: int) -> Iterator[Path]:
        """Yields where a segment is to be written, which is there if the block succeeds; makes room for it first.

        Raises:
            OutputError: it cannot be written.
        """
        self._make_room(size)
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as partial:
            yield partial

    def close(self) -> None:
        """Deletes everything; may be called twice."""
        with self._lock:
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)
            if self._claim is not None:
                os.close(self._claim)
            self._folder = self._claim = None

    def _own(self) -> Path:
        with self._lock:
            if self._folder is None:
                try:
                    self._root.mkdir(parents=True, exist_ok=True)
                    _tidy(self._root)
                    self._folder = Path(mkdtemp(prefix=PREFIX, dir=self._root))
                    self._claim = claim(self._folder)
                except OSError as error:
                    reason = (error.strerror or str(error)).lower()
                    raise OutputError(f"{self._root} cannot be written: {reason}; footage is fetched there") from error
            return self._folder

    def _make_room(self, size: int) -> None:
        """Deletes what was used longest ago, until there is room."""
        files = [(facts.st_mtime, facts.st_size, path) for path in self._own().rglob("*.*") if (facts := _facts(path))]
        over = sum(each[1] for each in files) + size - self.most_bytes
        for _, bytes_there, path in sorted(files):
            if over <= 0:
                break
            path.unlink(missing_ok=True)
            over -= bytes_there


def _facts(path: Path) -> os.stat_result | None:
    with suppress(OSError):
        return path.stat() if path.is_file() else None
    return None


def _tidy(root: Path) -> None:
    """Deletes the folders of processes that are no more."""
    for left in root.glob(f"{PREFIX}*"):
        with suppress(OSError):
            place = claim(left)
            if place is not None:
                shutil.rmtree(left, ignore_errors=True)
                os.close(place)
