"""The frames of a recording that lie in a span; those before it are decoded too, since only so times are known."""

from collections.abc import Callable, Iterator
from math import inf

from engine.picture.frame import Frame
from engine.sources.base import Source
from engine.sources.flaws import Flaws


class Stretch:
    """A source of the frames of a span, which is read no further than to its end."""

    def __init__(
        self, source: Source, from_s: float | None, to_s: float | None, is_wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Takes over a source.

        Args:
            source: that was read no further yet.
            from_s: where the span begins, in seconds; None is the beginning.
            to_s: where it ends; None is the end.
            is_wanted: asked in the thread that reads; once it is not, there are no more frames.
        """
        self.name, self.expected_frames = source.name, source.expected_frames
        self.is_through = False
        """Whether the source was read to its end."""
        self._source, self._is_wanted = source, is_wanted
        self._from_s, self._to_s = from_s or 0.0, inf if to_s is None else to_s

    @property
    def flaws(self) -> Flaws:
        """What was wrong in all that was read so far."""
        return self._source.flaws

    @property
    def is_whole(self) -> bool:
        """Whether it was all of the source."""
        return self.is_through and self._from_s <= 0

    def frames(self) -> Iterator[Frame]:
        """Yields the frames; raises SourceError where the source breaks off."""
        for frame in self._source.frames():
            if frame.time_s >= self._to_s or not self._is_wanted():
                return
            if frame.time_s >= self._from_s:
                yield frame
        self.is_through = True

    def close(self) -> None:
        """Lets go of the file; may be called twice."""
        self._source.close()
