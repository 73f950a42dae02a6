"""Capture threads: one for each camera, which puts its frames where the inference thread takes them."""

from typing import Protocol

from engine.frame import Frame
from engine.handoff import Inlet, Line
from engine.playback import Playback
from engine.sources import Source
from engine.worker import Worker

FRAMES_AHEAD = 2  # decoded frames of a recording that wait for the model: enough to keep both threads busy


class Capture(Protocol):
    """A camera being read, in a thread of its own."""

    name: str
    """What people call the camera; holds no secret."""

    @property
    def frames(self) -> Inlet[Frame]:
        """Where the frames come out; closed when no more will come."""
        ...

    @property
    def failure(self) -> Exception | None:
        """Why it ended before its time, or None."""
        ...

    def start(self) -> None:
        """Starts the thread."""
        ...

    def stop(self) -> None:
        """Ends the thread and waits for it; may be called twice."""
        ...


class RecordingCapture:
    """Reads a recording whole: frames wait until they are counted, none is lost."""

    def __init__(self, source: Source, playback: Playback) -> None:
        """Takes over the source, and closes it at the end."""
        self.name, self.playback = source.name, playback
        self._source = source
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

    def stop(self) -> None:
        """Ends the thread and waits for it; may be called twice."""
        self.playback.stop()
        self._frames.close()
        self._worker.finish()
        self._source.close()

    def _read(self) -> None:
        try:
            for frame in self._source.frames():
                frame.prepare()  # here, beside the model's thread, and not in it
                if not (self.playback.wait(frame.time_s) and self._frames.put(frame)):
                    break
        finally:
            self._frames.close()
