"""Looks at recordings and counts pieces of them, wherever there is room: what a worker does."""

from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.archive.pieces import Job, Manner, Piece, Place, Survey, cut
from engine.counting.batch import Due, count_tiles, readings_of
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.errors import SourceError
from engine.inference.model import Model
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.counts import COLUMNS, DOUBTS
from engine.recording.identity import identity_of
from engine.recording.index import read_through
from engine.recording.sighting import seen_in
from engine.recording.track import Track
from engine.sources import FileSource, FolderSource
from engine.sources.flaws import Flaws


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A recording that was looked at."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a piece."""

    rows: NDArray[np.float64] = field(repr=False)
    """(N, 6): frame, time, people, own time, consistency, number of the doubt; NaN for what is unknown."""
    remarks: tuple[str, ...] = ()
    """What was said of its frames."""
    flaws: Flaws = field(default_factory=Flaws)
    """What was wrong in it, where it is all of the recording."""
    is_torn: bool = False
    """Whether pictures are damaged or lost, so that the recording has to be read from its beginning."""


Result = Surveyed | Counted


def do(job: Job, path: Path, manner: Manner, model: Model) -> Result:
    """Does a job.

    Args:
        job: what is to be done.
        path: where the recording lies here.
        manner: how it is counted.
        model: by which.

    Raises:
        EngineError: the recording cannot be read, or is another; or the model failed.
    """
    _check(job.place, path)
    if isinstance(job, Survey):
        return _surveyed(job.place, path, manner, model)
    view = View(manner.view.grid, aspect=manner.aspect, seen=job.seen)
    return _whole(path, manner, view, model) if job.index is None else _part(job, path, manner, view, model)


def _check(place: Place, path: Path) -> None:
    if "://" not in place.address and identity_of(path) != place.identity:
        raise SourceError(f"{path} is no longer the recording that was listed; count it again when nobody writes to it")


def _surveyed(place: Place, path: Path, manner: Manner, model: Model) -> Surveyed:
    seen = seen_in(path, manner.view, partial(readings_of, model)).seen
    if path.is_dir():
        with closing(FolderSource(path, max_fps=manner.max_fps)) as source:
            return Surveyed((Piece(place, seen, source.expected_frames or 0),))
    index, is_whole = read_through(path)
    return Surveyed(tuple(cut(place, index, seen, manner.max_fps, is_whole=is_whole)))


def _whole(path: Path, manner: Manner, view: View, model: Model) -> Counted:
    """Counts a recording from its beginning; where it breaks off, that is among its flaws."""
    kind = FolderSource if path.is_dir() else FileSource
    rows = _Rows(manner.density, model)
    with closing(kind(path, max_fps=manner.max_fps, view=view)) as source:
        try:
            for frame in source.frames():
                rows.add(frame)
        except SourceError:
            if not (rows.values and source.flaws.breaks_off):
                raise
        return rows.counted(source.flaws)


def _part(piece: Piece, path: Path, manner: Manner, view: View, model: Model) -> Counted:
    """Counts the pictures of a piece from its key frame on, as long as none of them is missing or damaged."""
    assert piece.index is not None
    rows = _Rows(manner.density, model)
    with closing(Track(path, piece.index, view)) as track:
        expected = iter(range(len(piece.index)))
        for number, picture in track.pictures(0):
            if number != next(expected, None) or picture.is_corrupt:
                return Counted(np.empty((0, COLUMNS)), is_torn=True)
            if piece.wanted is None or piece.wanted[number]:
                frame = track.frame(number, picture)
                rows.add(frame, piece.first)
            if number == len(piece.index) - 1:
                return rows.counted()
    return Counted(np.empty((0, COLUMNS)), is_torn=True)


class _Rows:
    """Counts frames one after the other."""

    def __init__(self, density: bool, model: Model) -> None:
        self.values: list[tuple[float, ...]] = []
        self._density, self._model, self._counter = density, model, Counter()
        self._remarks: list[str] = []

    def add(self, frame: Frame, first: int = 0) -> None:
        """Counts a frame of a piece that begins with the frame `first`."""
        reading = self._reading(frame)
        remark, unknown = frame.layout.remark, float("nan")
        if remark and remark not in self._remarks:
            self._remarks.append(remark)
        own_s = unknown if frame.own_s is None else frame.own_s
        consistency = unknown if reading.consistency is None else reading.consistency
        doubt = DOUBTS.index(reading.doubt)
        self.values.append((first + frame.index, frame.time_s, reading.count, own_s, consistency, doubt))

    def counted(self, flaws: Flaws | None = None) -> Counted:
        """Returns what there is."""
        rows = np.array(self.values, np.float64).reshape(-1, COLUMNS)
        return Counted(rows, tuple(self._remarks), flaws or Flaws())

    def _reading(self, frame: Frame) -> Reading:
        try:
            due = Due(self._counter, frame, with_density=self._density)
        except Exception as error:  # whatever is wrong with the frame, as with any that is counted
            kind = type(error).__name__
            raise SourceError(f"the frame at {frame.time_s:.1f} s cannot be counted ({kind})") from error
        while due.left:
            count_tiles(self._model, [due])
        return due.reading()
