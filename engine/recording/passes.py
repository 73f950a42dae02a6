"""Footage gone through file by file, each from its beginning: to be counted once more, whatever it is made of.

A frame has the number and the time that it has in its file, so that what is kept of a segment is known again in every
span of which it is a part.
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import SourceError
from engine.picture.frame import Frame
from engine.picture.view import View
from engine.recording.counts import KeptCounts
from engine.recording.identity import Identity, identity_of
from engine.recording.reel import Part
from engine.recording.spans import Spans
from engine.recording.track import Track
from engine.sources import FileSource

logger = logging.getLogger(__name__)


class Pass(Protocol):
    """One file, to be gone through once."""

    @property
    def offset_s(self) -> float:
        """When its time 0 is in the whole."""
        ...

    @property
    def expected(self) -> int | None:
        """How many of its frames are wanted, as far as is known."""
        ...

    @property
    def view(self) -> View:
        """How its pictures are seen."""
        ...

    def identity(self) -> Identity:
        """Returns by what its counts are known again; raises SourceError."""
        ...

    def wants(self, number: int) -> bool:
        """Whether a frame of it is a part of the whole."""
        ...

    def frames(self, known: Spans) -> Iterator[Frame]:
        """Yields its frames, perhaps without those that are `known`; raises SourceError where it breaks off."""
        ...

    def finish(self, kept: KeptCounts) -> None:
        """Notes in what is kept of it that it was gone through."""
        ...

    def close(self) -> None:
        """Closes what is open; may be called twice."""
        ...


class FilePass:
    """A file that is the whole."""

    offset_s = 0.0

    def __init__(self, path: Path, view: View) -> None:
        """Opens the file; raises SourceError."""
        self._path, self.view, self._source = path, view, FileSource(path, view=view)
        self.expected = self._source.expected_frames

    def identity(self) -> Identity:
        """Returns that of the file."""
        return identity_of(self._path)

    def wants(self, number: int) -> bool:
        """Wants all of them."""
        return True

    def frames(self, known: Spans) -> Iterator[Frame]:
        """Yields all of them."""
        yield from self._source.frames()

    def finish(self, kept: KeptCounts) -> None:
        """Notes all that was wrong in it."""
        kept.finish(self._source.flaws)

    def close(self) -> None:
        """Closes the file."""
        self._source.close()


@dataclass(frozen=True, slots=True)
class SegmentPass:
    """One segment of a camera, as far as it lies in the span."""

    part: Part
    view: View

    @property
    def offset_s(self) -> float:
        """When its first picture is, or would be."""
        return float(self.part.times[0] - self.part.index.times[self.part.skipped])

    @property
    def expected(self) -> int:
        """Its pictures in the span."""
        return len(self.part)

    def identity(self) -> Identity:
        """Returns that of the segment."""
        return identity_of(self.part.path)

    def wants(self, number: int) -> bool:
        """Wants those in the span."""
        return self.part.skipped <= number < self.part.skipped + len(self.part)

    def frames(self, known: Spans) -> Iterator[Frame]:
        """Yields what is not known; a segment that is no longer there, or damaged, has none, as it has in the curve."""
        part = self.part
        first = known.next_missing(part.skipped)
        if not self.wants(first):
            return
        try:
            with closing(Track(part.path, part.index, self.view)) as track:
                for number, picture in track.pictures(part.index.key(first)):
                    if number >= part.skipped + len(part):
                        return
                    if number >= first and number not in known:
                        yield track.frame(number, picture)
        except SourceError as error:
            logger.warning("%s", error)

    def finish(self, kept: KeptCounts) -> None:
        """Keeps what there is; frames that are lost are looked for again."""
        kept.save()

    def close(self) -> None:
        """Holds nothing open."""
