"""The capture thread of a recording, which is counted whole."""

from engine.handoff import Line
from engine.picture.frame import Frame
from engine.sources import Source
from engine.sources.playback import Playback
from engine.worker import Worker

STOP_S = 4.0  # for the frame that is being decoded
FRAMES_AHEAD = 2  # decoded frames of a recording that wait for the model: enough to keep both threads busy


class RecordingCapture:
    """Reads a recording whole: frames wait until they are counted, none is lost."""

    def __init__(self, source: Source, playback: Playback) -> None:
        """Takes over the source, and closes it at the end."""
        self.name, self.playback = source.name, playback
        self.source = source
        self._frames: Line[Frame] = Line(FRAMES_AHEAD)
        self._worker = Worker(f"capture of {source.name}", self._read)

    @property
    def frames(self) -> Line[Frame]:
        """Where the frames come out."""
        return self._frames

    @property
    def failure(self) -> Exception | None:
        """Why the recording broke off, or None."""
        return self._worker.failure

    def start(self) -> None:
        """Starts the thread."""
        self._worker.start()

    def stop(self, timeout_s: float | None = None) -> None:
        """Ends the thread and waits for it, for `STOP_S` unless told otherwise; may be called twice."""
        self.playback.stop()
        self._frames.close()
        if self._worker.finish(STOP_S if timeout_s is None else timeout_s):
            self.source.close()  # never while a library still reads from it

    def _read(self) -> None:
        try:
            for frame in self.source.frames():
                frame.prepare()  # here, beside the model's thread, and not in it
                if not (self.playback.wait(frame.time_s) and self._frames.put(frame)):
                    break
        finally:
            self._frames.close()
