"""What of a recording is still to be counted: the frames behind one that was counted before."""

from collections.abc import Iterator

from engine.picture.frame import Frame
from engine.sources.base import Source
from engine.sources.flaws import Flaws


class Rest:
    """A source of the frames behind one; those before are decoded, since only so their times and flaws are known."""

    def __init__(self, source: Source) -> None:
        """Takes over a source."""
        self.name, self.expected_frames = source.name, source.expected_frames
        self.after = -1
        """The number of the last frame that is not wanted; to be set before they are read."""
        self._source = source

    @property
    def flaws(self) -> Flaws:
        """What was wrong in all that was read so far."""
        return self._source.flaws

    def frames(self) -> Iterator[Frame]:
        """Yields the frames; raises SourceError where it breaks off."""
        return (frame for frame in self._source.frames() if frame.index > self.after)

    def close(self) -> None:
        """Lets go of the file; may be called twice."""
        self._source.close()
