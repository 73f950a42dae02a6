"""What is played as one recording, whatever it is made of: a file, or the segments of a camera."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.picture.view import View
from engine.recording.counts import Counts
from engine.recording.excerpt import Excerpt, write_excerpt
from engine.recording.finder import Finder
from engine.recording.glimpse import Glimpse
from engine.recording.identity import Identity, identity_of
from engine.recording.passes import FilePass, Pass
from engine.recording.seeker import Seeker
from engine.recording.shelf import Shelf
from engine.recording.sighting import Counting, seen_in
from engine.recording.spans import Spans
from engine.recording.travel import FileTravel
from engine.redaction import readable
from engine.sources import FileSource
from engine.sources.base import Source
from engine.sources.playback import Playback


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

    @property
    def is_sequential(self) -> bool:
        """Whether it was read from its beginning, and nothing left out, so that `flaws` has all that was wrong."""
        ...

    @property
    def is_flawless(self) -> bool:
        """Whether nothing is wrong with the recording, in whichever order it was read."""
        ...

    @property
    def has_grown(self) -> bool:
        """Whether it became longer meanwhile, so that it is known otherwise now."""
        ...

    @property
    def total(self) -> int | None:
        """How many frames there are, once all came that can be had."""
        ...

    @property
    def left_out(self) -> Spans:
        """The numbers of frames that do not come since their counts are known."""
        ...

    def leave_out(self, known: Spans) -> None:
        """Has the frames of some numbers not come; to be said before they are asked for."""
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
    def logged_as(self) -> str:
        """Whose counts these are in the log."""
        ...

    @property
    def path(self) -> Path | None:
        """Of its file; None where it is made of several."""
        ...

    @property
    def begin_s(self) -> float | None:
        """When it begins by the clock on the wall, in seconds since 1970 (UTC); None where nobody knows."""
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

    def seen(self, view: View, counting: Counting) -> View:
        """Returns how its pictures are seen best: as they are wanted, else in the grid that suits what they show.

        Args:
            view: how they are wanted.
            counting: asked how many people are in some of them, where the choice of the grid depends on that.
        """
        ...

    def travel(self, view: View, playback: Playback) -> Travel:
        """Opens it to be counted; where nothing of it is to be counted, no frame comes.

        Args:
            view: how its pictures are seen.
            playback: that it gives way with, and whose end is the end of it.

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

    def glimpse(self, view: View) -> Glimpse | None:
        """Opens it to be looked at before its finder is there; None where that one comes at once.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def passes(self, view: View) -> Sequence[Pass]:
        """Returns its files, to be gone through apart from all else.

        Raises:
            SourceError: it cannot be read.
        """
        ...

    def save(
        self, path: Path, span: tuple[float, float], is_wanted: Callable[[], bool], on_step: Callable[[float], object]
    ) -> float:
        """Copies a part of it, from one time in seconds to another, into a file whole or not at all.

        Returns:
            When the file begins, in seconds.

        Raises:
            EngineError: it cannot be read, or the file cannot be written, or is no longer wanted.
        """
        ...


class FileFootage:
    """One video file."""

    begin_s = None
    """It does not say."""

    def __init__(self, path: Path) -> None:
        """Reads nothing yet."""
        self.path, self.name = path, readable(path.name)
        self.logged_as = self.name
        self._shelf: Shelf | None = None

    def identity(self) -> Identity:
        """Returns that of the file; raises SourceError."""
        return identity_of(self.path)

    def known(self) -> Counts:
        """Returns none."""
        return Counts.none()

    def seen(self, view: View, counting: Counting) -> View:
        """Looks at the beginning of the file; see `seen_in`."""
        return seen_in(self.path, view, counting)

    def travel(self, view: View, playback: Playback) -> FileTravel:
        """Opens the file; raises SourceError."""
        file = FileSource(self.path, view=view)
        self._shelf = shelf = Shelf(self.path)
        return FileTravel(file, shelf, view, playback)

    def finder(self, view: View, is_wanted: Callable[[], bool]) -> Seeker | None:
        """Opens the file, which is indexed first; raises SourceError."""
        shelf = self._shelf = self._shelf or Shelf(self.path)
        index = shelf.index(is_wanted)
        return None if index is None else Seeker(self.path, index, view=view, newest=lambda: shelf.newest)

    def glimpse(self, view: View) -> Glimpse:
        """Opens the file, of which nothing need be known; raises SourceError."""
        return Glimpse(self.path, view)

    def passes(self, view: View) -> Sequence[Pass]:
        """Returns the file; raises SourceError."""
        return [FilePass(self.path, view)]

    def save(
        self, path: Path, span: tuple[float, float], is_wanted: Callable[[], bool], on_step: Callable[[float], object]
    ) -> float:
        """Copies a part of the file, see `write_excerpt`."""
        return write_excerpt(path, Excerpt(self.path, *span), is_wanted=is_wanted, on_step=on_step)
