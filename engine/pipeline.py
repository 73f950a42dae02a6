"""The way of a frame: a capture thread reads it, an inference thread counts it, outlets take the reading.

Threads carry, pure functions decide; what each thread does is in `Source`, `Counter` and the outlets.
"""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from engine.counter import Counter
from engine.frame import Frame
from engine.handoff import Line, Outlet
from engine.playback import Playback
from engine.reading import Reading
from engine.source import Source
from engine.worker import Worker

FRAMES_AHEAD = 2  # decoded frames that wait for the model: enough to keep both threads busy


class DensitySchedule:
    """Whether a frame is due for a density map: never, or when an interval in seconds has passed since the last."""

    def __init__(self, interval_s: float | None = 0.0) -> None:
        """`interval_s` may be changed at any time: None is never, 0 is every frame."""
        self.interval_s = interval_s
        self._last_s: float | None = None

    def due(self, time_s: float) -> bool:
        """Whether the frame of this time is to be mapped; if so, the interval starts again."""
        if self.interval_s is None:
            return False
        waited = None if self._last_s is None else time_s - self._last_s
        if waited is not None and 0 <= waited < self.interval_s:
            return False
        self._last_s = time_s
        return True


class Pipeline:
    """One recording being counted; used as a context manager it is stopped and joined at the end."""

    def __init__(
        self,
        source: Source,
        counter: Counter,
        outlets: Sequence[Outlet[Reading]],
        *,
        playback: Playback,
        density: DensitySchedule,
    ) -> None:
        """Takes over the source and the outlets, and closes them at the end."""
        self.playback, self.density = playback, density
        self._source, self._counter, self._outlets = source, counter, outlets
        self._frames: Line[Frame] = Line(FRAMES_AHEAD)
        self._capture = Worker(f"capture of {source.name}", self._read_frames)
        self._inference = Worker(f"inference of {source.name}", self._count_frames)

    @property
    def failure(self) -> Exception | None:
        """Why it ended before the source did, or None."""
        return self._inference.failure or self._capture.failure

    @property
    def running(self) -> bool:
        """Whether more readings may come."""
        return self._inference.is_alive()

    def start(self) -> None:
        """Starts both threads."""
        self._inference.start()
        self._capture.start()

    def stop(self) -> None:
        """Ends the threads in the order of the flow and waits for them; may be called twice."""
        self.playback.stop()
        self._frames.close()
        self._capture.finish()
        self._source.close()
        for outlet in self._outlets:
            outlet.close()
        self._inference.finish()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _read_frames(self) -> None:
        try:
            for frame in self._source.frames():
                if not (self.playback.wait(frame.time_s) and self._frames.put(frame)):
                    break
        finally:
            self._frames.close()

    def _count_frames(self) -> None:
        try:
            for frame in self._frames:
                reading = self._counter.read(frame, with_density=self.density.due(frame.time_s))
                for outlet in self._outlets:
                    outlet.put(reading)
        finally:
            self._frames.close()
            for outlet in self._outlets:
                outlet.close()
