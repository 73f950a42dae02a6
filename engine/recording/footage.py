"""What is played as one recording, whatever it is made of: a file, or the segments of a camera."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.picture.view import View
from engine.recording.cache import Cache
from engine.recording.counts import Counts
from engine.recording.finder import Finder
from engine.recording.identity import Identity, identity_of
from engine.recording.index import Index, index_of
from engine.recording.seeker import Seeker
from engine.recording.spans import Spans
from engine.redaction import readable
from engine.sources import FileSource
from engine.sources.base import Source


class Travel(Source, Protocol):
    """A source whose frames come in the order in which they are wanted; their numbers and times stay the same."""

    rate: float
    """Frames per second, on average."""

    @property
    def duration_s(self) -> float | None:
        """How long it is, as far as is known by now."""
        ...

    @property
    def times(self) -> NDArray[np.float64] | None:
        """Of all frames by their numbers, in seconds, rising; None until they are known."""
        ...

    @property
    def lost(self) -> Spans:
        """The numbers of frames that were passed over, since they cannot be had."""
        ...

    def go_to(self, time_s: float) -> None:
        """Has the frames of a time come next, unless they came already; any thread may call, and never waits."""
        ...


class Footage(Protocol):
    """A recording that can be played."""

    @property
    def name(self) -> str:
        """What people call it; holds no secret."""
        ...

    @property
    def path(self) -> Path | None:
        """Of its file; None where it is made of several."""
        ...

    def identity(self) -> Identity | None:
        """Returns by what its counts are known again; None where they are kept elsewhere.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def known(self) -> Counts:
        """Returns the counts that are kept elsewhere, as those of a camera are in the log."""
        ...

    def travel(self, view: View) -> Travel:
        """Opens it to be counted; where nothing of it is to be counted, no frame comes.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def finder(self, view: View, is_wanted: Callable[[], bool]) -> Finder | None:
        """Opens it to be looked at, which may take time; None where that is no longer wanted meanwhile.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def close(self) -> None:
        """Lets go of what it holds; what it opened has to be closed before."""
        ...


class FileFootage:
    """One video file."""

    def __init__(self, path: Path) -> None:
        """Reads nothing yet."""
        self.path, self.name = path, readable(path.name)
        self._indexing = Lock()
        self._index: Index | None = None

    def identity(self) -> Identity:
        """Returns that of the file; raises SourceError."""
        return identity_of(self.path)

    def known(self) -> Counts:
        """Returns none."""
        return Counts.none()

    def travel(self, view: View) -> "_Through":
        """Opens the file; raises SourceError."""
        return _Through(self.path, view=view)

    def finder(self, view: View, is_wanted: Callable[[], bool]) -> Seeker | None:
        """Opens the file, which is indexed first; raises SourceError."""
        index = self.index(is_wanted)
        return None if index is None else Seeker(self.path, index, view=view)

    def index(self, is_wanted: Callable[[], bool]) -> Index | None:
        """Returns where its pictures are; None where that is no longer wanted; raises SourceError."""
        with self._indexing:
            if self._index is None and is_wanted():
                index = index_of(self.path, identity_of(self.path), Cache(), is_wanted)
                self._index = index if is_wanted() else None
            return self._index

    def close(self) -> None:
        """Holds nothing open."""


class _Through(FileSource):
    """A file from its beginning to its end."""

    def go_to(self, time_s: float) -> None:
        """Goes nowhere else."""

    @property
    def duration_s(self) -> float | None:
        """As far as the file says."""
        return None if self.expected_frames is None else self.expected_frames / self.rate

    @property
    def times(self) -> None:
        """Not known."""

    @property
    def lost(self) -> Spans:
        """None."""
        return Spans()
