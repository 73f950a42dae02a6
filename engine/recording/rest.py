"""A recording of which some frames were counted before: what of it is still to be counted, and what is recalled."""

from collections.abc import Iterator

from engine.counting.reading import Reading
from engine.picture.frame import Frame
from engine.recording.spans import Spans
from engine.sources.base import Source
from engine.sources.flaws import Flaws


class Rest:
    """A source of some frames; the others are decoded too, since only so times and flaws are known."""

    def __init__(self, source: Source) -> None:
        """Takes over a source."""
        self.name, self.expected_frames = source.name, source.expected_frames
        self.known = Spans()
        """The numbers of the frames that are not wanted; to be set before they are read."""
        self._source = source

    @property
    def flaws(self) -> Flaws:
        """What was wrong in all that was read so far."""
        return self._source.flaws

    def frames(self) -> Iterator[Frame]:
        """Yields the frames; raises SourceError where it breaks off."""
        return (frame for frame in self._source.frames() if frame.index not in self.known)

    def close(self) -> None:
        """Lets go of the file; may be called twice."""
        self._source.close()


class Recalled:
    """The readings that were known before, in the order of their frames."""

    def __init__(self, readings: Iterator[Reading]) -> None:
        """Takes all of them."""
        self._readings = readings
        self._next = next(readings, None)

    def before(self, number: int) -> Iterator[Reading]:
        """Takes out those of the frames before one."""
        while self._next is not None and self._next.frame.index < number:
            yield self._next
            self._next = next(self._readings, None)
