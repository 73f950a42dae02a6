"""A recording in place of a live camera: at its own speed, again and again if wanted."""

from collections.abc import Iterator

from engine.sources.arrival import Arrival, Link
from engine.sources.folder import FolderSource
from engine.sources.opening import LiveOrder
from engine.sources.playback import Playback
from engine.sources.recording import FileSource


class Rerun:
    """A file or a folder of pictures, played."""

    def __init__(self, order: LiveOrder, playback: Playback) -> None:
        """Opens it; raises SourceError if it cannot be read. A `playback` that is stopped ends it."""
        self._order, self._playback = order, playback
        self._source = self._opened()

    @property
    def link(self) -> Link:
        """It is decoded as recordings are."""
        return Link("pictures" if isinstance(self._source, FolderSource) else "recording")

    def arrivals(self) -> Iterator[Arrival]:
        """Yields each picture when it is due; raises SourceError where the recording breaks off."""
        start_s = 0.0
        while True:
            time_s = start_s
            for frame in self._source.frames():
                time_s = start_s + frame.time_s
                if not self._playback.wait(time_s):
                    return
                yield Arrival(frame.shot)
            if not self._order.loop:
                return
            start_s = time_s + 1 / self._source.rate
            self._source.close()
            self._source = self._opened()

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._source.close()

    def _opened(self) -> FileSource | FolderSource:
        path = self._order.address.path
        return (FolderSource if path.is_dir() else FileSource)(path)
