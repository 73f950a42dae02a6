"""A folder of pictures as a recording: in the order of their names, numbers in names by value.

A picture that cannot be read is passed over, and noted in `flaws`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import cv2
import numpy as np

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.shot import Still
from engine.picture.view import PLAIN, View
from engine.redaction import readable
from engine.sources.base import Pace
from engine.sources.bounds import MOST_BYTES, excess
from engine.sources.flaws import Flaws, Hole
from engine.sources.packets import Coding, Piece, Tap
from engine.sources.picture_header import picture_size
from engine.sources.thrift import Thrift

CODINGS = {
    suffix: Coding(codec)
    for codec, suffixes in {
        "mjpeg": (".jpg", ".jpeg"),
        "png": (".png",),
        "bmp": (".bmp",),
        "webp": (".webp",),
        "tiff": (".tif", ".tiff"),
    }.items()
    for suffix in suffixes
}
SUFFIXES = frozenset(CODINGS)
PICTURES_PER_S = 1.0


class FolderSource:
    """The pictures of a folder, one a second."""

    def __init__(
        self, path: Path, *, rate: float = PICTURES_PER_S, max_fps: float | None = None, view: View = PLAIN
    ) -> None:
        """Lists a folder.

        Args:
            path: of the folder; pictures in folders inside of it are not taken.
            rate: pictures per second, by which they get their times.
            max_fps: at most so many of each second are kept; None keeps all.
            view: how they are seen.

        Raises:
            SourceError: no such folder, or no picture in it.
        """
        self.name, self.rate = readable(path.name or str(path)), rate
        self.flaws = Flaws()
        """What was wrong in what was read so far."""
        self._pace, self._view = Pace(max_fps), view
        self._tap: Tap | None = None
        try:
            self._pictures = sorted((p for p in path.iterdir() if p.suffix.lower() in SUFFIXES), key=_by_number)
        except OSError as error:
            raise SourceError(f"folder {path} cannot be read: {(error.strerror or str(error)).lower()}") from error
        if not self._pictures:
            raise SourceError(f"folder {path} holds no picture, expected some of {', '.join(sorted(SUFFIXES))}")
        keeps = 1.0 if max_fps is None else min(1.0, max_fps / rate)
        self.expected_frames: int | None = max(1, round(len(self._pictures) * keeps))

    def tap(self, tap: Tap) -> None:
        """Hands on the files' contents as they are read."""
        self._tap = tap

    def spare(self, thrift: Thrift) -> None:
        """All are read."""

    def frames(self) -> Iterator[Frame]:
        """Yields the pictures; raises SourceError where none can be read."""
        problem: SourceError | None = None
        read = 0
        for index, path in enumerate(self._pictures):
            time_s = index / self.rate
            if not self._pace.wants(time_s):
                continue
            try:
                content = _content(path)
                shot = _read(path, content)
            except SourceError as error:
                problem = problem or error
                self.flaws = self.flaws.plus(
                    undecoded=1, flaw=Hole(time_s, time_s + 1 / self.rate), unread=readable(path.name)
                )
                continue
            read += 1
            if self._tap is not None:
                self._tap.put(Piece(content, True, CODINGS[path.suffix.lower()]))
            yield Frame(index, time_s, shot, self._view, arrived_s=monotonic())
        if problem and not read:
            raise problem

    def close(self) -> None:
        """Nothing is held open."""


def _read(path: Path, content: bytes) -> Still:
    size = picture_size(content)
    if size is not None and (too_large := excess(*size)):
        raise SourceError(f"picture {path} {too_large}")
    try:
        picture = None if size is None else cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        picture = None
    if picture is None:
        raise SourceError(f"picture {path} cannot be read: it is damaged or no picture; take it out of the folder")
    return Still(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))


def _content(path: Path) -> bytes:
    """Reads the file ourselves, since OpenCV's own reading knows no error and few alphabets."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(f"picture {path} has more than {MOST_BYTES // 10**6} MB; make it smaller")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"picture {path} cannot be read: {(error.strerror or str(error)).lower()}") from error


def _by_number(path: Path) -> list[tuple[int, int, str]]:
    parts = re.findall(r"\d+|\D+", path.name)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]
