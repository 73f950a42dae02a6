"""The capture thread of a recording, which is counted whole."""

import logging
from collections.abc import Callable

from engine.errors import SourceError
from engine.handoff import WAIT_S, Line
from engine.picture.frame import Frame
from engine.sources import Source
from engine.sources.playback import Playback
from engine.worker import Worker

STOP_S = 4.0  # for the frame that is being decoded
FRAMES_AHEAD = 2  # decoded frames of a recording that wait for the model: enough to keep both threads busy

logger = logging.getLogger(__name__)


class _Patient(Line[Frame]):
    """Frames that wait while their playback gives way."""

    def __init__(self, playback: Playback) -> None:
        super().__init__(FRAMES_AHEAD)
        self._playback = playback

    @property
    def waits(self) -> bool:
        """Whether it gives way now."""
        return self._playback.gives_way

    @property
    def may_wait(self) -> bool:
        """Whether it gave way not long ago."""
        return self._playback.gave_way

    def get(self, timeout_s: float = WAIT_S) -> Frame | None:
        """Takes the oldest one; None while it gives way."""
        return None if self.waits else super().get(timeout_s)

    def give_up(self) -> None:
        """Lets go of what was not counted."""
        with self._changed:
            self.is_given_up = True
            self._items.clear()
        self._ring()


class RecordingCapture:
    """Reads a recording whole: frames wait until they are counted, none is lost."""

    def __init__(
        self, source: Source, playback: Playback, *, on_first: Callable[[Frame], None] = lambda frame: None
    ) -> None:
        """Takes over the source, and closes it at the end; `on_first` is given the first frame, before it is counted.

        It is called in the capture's thread.
        """
        self._on_first = on_first
        self.name, self.playback = source.name, playback
        self.source = source
        self._frames = _Patient(playback)
        self._spoil: SourceError | None = None
        self._worker = Worker(f"capture of {source.name}", self._read)

    @property
    def frames(self) -> Line[Frame]:
        """Where the frames come out."""
        return self._frames

    @property
    def failure(self) -> Exception | None:
        """Why the recording broke off, or None."""
        return self._spoil or self._worker.failure

    def spoiled(self, time_s: float, error: Exception) -> None:
        """Ends the recording, since all of it was to be counted."""
        if self._spoil is not None:
            return  # a frame that was read ahead
        logger.error("%s: a frame at %.1f s cannot be counted", self._worker.name, time_s, exc_info=error)
        self._spoil = SourceError(
            f"{self.name}: the frame at {time_s:.1f} s cannot be counted ({type(error).__name__}); "
            "the readings up to there are kept"
        )
        self.end()

    @property
    def running(self) -> bool:
        """Whether its thread was started and has not ended."""
        return self._worker.running

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def end(self) -> None:
        """Has the thread end, without waiting for it; may be called twice."""
        self.playback.stop()
        self._frames.close()

    def give_up(self) -> None:
        """Has the thread end, and what was read is not counted any more; may be called twice."""
        self.end()
        self._frames.give_up()

    def stop(self, timeout_s: float | None = None) -> None:
        """Ends the thread and waits for it, for `STOP_S` unless told otherwise; may be called twice."""
        self.end()
        if self._worker.finish(STOP_S if timeout_s is None else timeout_s):
            self.source.close()  # never while a library still reads from it

    def _read(self) -> None:
        is_first = True
        try:
            for frame in self.source.frames():
                if is_first:
                    self._on_first(frame)
                is_first = False
                if not (self._is_ready(frame) and self.playback.wait(frame.time_s) and self._frames.put(frame)):
                    break
        finally:
            self._frames.close()

    def _is_ready(self, frame: Frame) -> bool:
        """Makes the tiles here, beside the model's thread, and not in it."""
        try:
            frame.prepare()
        except Exception as error:  # whatever is wrong with the frame, it is the recording that ends
            self.spoiled(frame.time_s, error)
            return False
        return True
