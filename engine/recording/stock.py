"""All recordings of one folder, as one program knows them: what is there, what has to go, and whether there is room.

Any thread may ask. Cameras add what they finished; a thread of its own calls `tidy` now and then.
"""

import logging
import shutil
from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from engine.recording.retention import Limits, oldest, superfluous
from engine.recording.segments import GIGABYTE, Segment, camera_folder, read_cameras, read_segments

FULL_BYTES = 16 << 20
"""That are made room for where a disk was full in spite of what is to be left free."""

logger = logging.getLogger(__name__)


class Stock:
    """The recordings of one folder."""

    def __init__(
        self, root: Path, free_bytes: int, *, free: Callable[[Path], int] = lambda root: shutil.disk_usage(root).free
    ) -> None:
        """Reads nothing yet.

        Args:
            root: the folder of all cameras.
            free_bytes: so much of the disk is to be left free.
            free: says how much there is.
        """
        self.root, self.free_bytes, self._free = root, free_bytes, free
        self._segments: dict[str, list[Segment]] = {}
        self._bytes: dict[str, int] = {}
        self._known: set[Path] = set()
        self._lock, self._is_read, self._was_full, self._is_told = Lock(), False, False, False
        self.problem = ""
        """Why nothing can be written now, in a sentence."""

    def add(self, camera: str, segment: Segment) -> None:
        """Takes up a segment that was finished."""
        with self._lock:
            if segment.path not in self._known:
                self._known.add(segment.path)
                insort(self._segments.setdefault(camera, []), segment)
                self._bytes[camera] = self._bytes.get(camera, 0) + segment.bytes

    def held(self, camera: str) -> tuple[int, float | None]:
        """Returns how many bytes there are of a camera, and since when."""
        with self._lock:
            own = self._segments.get(camera)
            return self._bytes.get(camera, 0), own[0].begin_s if own else None

    def was_full(self) -> None:
        """Has room made, since a disk is full in spite of what is to be left free."""
        self._was_full = True

    def tidy(self, limits: Mapping[str, Limits], now_s: float) -> None:
        """Deletes what is beyond its limits, and the oldest of all where the disk has too little room."""
        self._read()
        self._delete(superfluous(self._copy(), limits, now_s))
        was_full, self._was_full = self._was_full, False
        short = self._short(FULL_BYTES if was_full else 0)
        if short > 0:
            self._tell(self._delete(oldest(self._copy(), short)))
        self._judge()

    def _copy(self) -> dict[str, list[Segment]]:
        with self._lock:
            return {camera: list(own) for camera, own in self._segments.items()}

    def _short(self, least: int) -> int:
        """Returns how many bytes are to be freed."""
        try:
            return max(least, self.free_bytes - self._free(self.root))
        except OSError:
            return 0

    def _judge(self) -> None:
        """Says why nothing can be written, or that something can."""
        try:
            free = self._free(self.root)
        except FileNotFoundError:
            self.problem = ""  # nothing was written yet
            return
        except OSError as error:
            self._complain(f"{self.root} cannot be read: {(error.strerror or str(error)).lower()}")
            return
        if free >= self.free_bytes:
            self.problem = ""
        else:
            has, expected = (f"{number / GIGABYTE:.1f} GB" for number in (free, self.free_bytes))
            self._complain(f"disk full: {self.root} has {has} of room, expected {expected}; make room")

    def _complain(self, problem: str) -> None:
        if not self.problem:
            logger.warning("nothing is recorded: %s", problem)
        self.problem = problem

    def _tell(self, gone: int) -> None:
        """Says once that recordings go before their time."""
        if gone and not self._is_told:
            self._is_told = True
            logger.warning(
                "the disk of %s has less than %.1f GB of room: the oldest recordings are deleted; make room",
                self.root,
                self.free_bytes / GIGABYTE,
            )

    def _delete(self, segments: Iterable[tuple[str, Segment]]) -> int:
        """Deletes files and forgets them; returns how many."""
        gone = 0
        for camera, segment in segments:
            try:
                segment.path.unlink(missing_ok=True)
            except OSError:  # somebody looks at it on Windows, or the disk is read-only
                continue
            gone += 1
            with suppress(OSError):
                segment.path.parent.rmdir()  # where it was the last of its day
            with self._lock:
                self._segments[camera].remove(segment)
                self._bytes[camera] -= segment.bytes
                self._known.discard(segment.path)
        return gone

    def _read(self) -> None:
        """Reads what was there before; once."""
        if self._is_read:
            return
        self._is_read = True
        for camera in read_cameras(self.root):
            for segment in read_segments(camera_folder(self.root, camera)):
                self.add(camera, segment)
