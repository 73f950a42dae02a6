"""A recording in pieces that can be counted anywhere, each for itself, and give together what it gives as a whole.

A piece begins with a key frame and is decoded from there. Where a recording cannot be relied on to be the same from
there on (damaged, cut off, with jumps in its time, or without time stamps), it is one piece, read from its beginning.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.picture.layout import SeenGrid
from engine.picture.tiling import Grid
from engine.picture.view import View
from engine.recording.counts import Way
from engine.recording.identity import Identity
from engine.recording.index import UNSTAMPED, Index
from engine.sources.base import Pace

PIECE_S = 60.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How recordings are counted, the same everywhere."""

    max_fps: float | None = None
    grid: tuple[int, int] | None = None
    """Rows and columns of tiles; None takes what suits each recording."""
    aspect: Fraction | None = None
    """Width over height of pictures as shown; None takes what a recording says."""
    density: bool = True
    """Whether maps are made, by which it is known where count and map disagree."""

    @property
    def view(self) -> View:
        """How recordings are seen, before anybody looked at one."""
        return View(Grid(*self.grid) if self.grid else None, aspect=self.aspect)

    def key(self, identity: Identity, model_sha256: str, provider: str) -> str:
        """Returns by what the counts of a recording by a model are known."""
        way = Way(model_sha256, provider, self.max_fps, self.grid, self.aspect)
        return f"{way.key(identity)}{'' if self.density else '-plain'}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recording lies, and which it is."""

    address: str = field(repr=False)
    """A path, or a URL that fsspec knows; may hold a secret."""
    identity: Identity
    inside: str = ""
    """Path in the file system of the URL."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A recording is to be looked at."""

    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a recording is to be counted."""

    place: Place
    seen: SeenGrid | None
    """The grid that suits all of the recording."""
    frames: int
    """That are expected to be counted; 0 where nobody knows."""
    first: int = 0
    """Number of its first frame in the recording."""
    index: Index | None = field(default=None, repr=False)
    """Of its pictures alone, which has one key frame; None where all is read from the beginning."""
    wanted: NDArray[np.bool_] | None = field(default=None, repr=False)
    """Which of its pictures are counted; None for all."""

    @property
    def name(self) -> str:
        """By which it is known among those of its recording."""
        return "whole" if self.index is None else f"{self.first}-{self.first + len(self.index)}"

    @property
    def span_s(self) -> tuple[float, float] | None:
        """From when to when it goes, in seconds of the recording; None where it is all of it."""
        return None if self.index is None else (float(self.index.times[0]), self.index.duration_s)

    def as_whole(self, frames: int) -> "Piece":
        """Returns all of its recording as one piece, of which so many frames are expected to be counted."""
        return replace(self, frames=frames, first=0, index=None, wanted=None)


Job = Survey | Piece


def cut(place: Place, index: Index, seen: SeenGrid | None, max_fps: float | None, *, is_whole: bool) -> list[Piece]:
    """Returns a recording in pieces that begin with a key frame.

    Args:
        place: of the recording.
        index: of all of it.
        seen: the grid that suits it.
        max_fps: frames per second to keep at most; None keeps all.
        is_whole: whether all that belongs to the file could be read.
    """
    begins = len(index.keys) > 0 and index.keys[0] == 0
    is_plain = is_whole and begins and not index.jumps[0] and not (index.stamps == UNSTAMPED).any()
    wanted = _wanted(index, max_fps)
    frames = len(index) if wanted is None else int(wanted.sum())
    whole = Piece(place, seen, frames)
    if not is_plain:
        return [whole]
    pieces = []
    for key, end in _spans(index):
        first = int(index.keys[key])
        own = None if wanted is None else wanted[first:end]
        number = end - first if own is None else int(own.sum())
        pieces.append(replace(whole, frames=number, first=first, index=index.part(key, end), wanted=own))
    return pieces


def _spans(index: Index) -> Iterator[tuple[int, int]]:
    """Yields the number of each key frame that begins a piece, and the picture before which the piece ends."""
    times = index.times[index.keys]
    start = 0
    for key in range(1, len(times)):
        if times[key] - times[start] >= PIECE_S and index.keys[key] > index.keys[start]:
            yield start, int(index.keys[key])
            start = key
    yield start, len(index)


def _wanted(index: Index, max_fps: float | None) -> NDArray[np.bool_] | None:
    if max_fps is None:
        return None
    pace = Pace(max_fps)
    return np.array([pace.wants(time_s) for time_s in index.times.tolist()], np.bool_)
