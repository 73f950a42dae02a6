"""What the window has not seen yet of one recording: the newest reading, every count, and what was logged of them."""

from threading import Lock
from time import monotonic
from typing import NamedTuple

from engine.counting.reading import Reading, Sample
from engine.handoff import LatestSlot


class Point(NamedTuple):
    """One count on the curve."""

    time_s: float
    """Of the frame in its recording."""
    people: float
    arrived_s: float
    """When it was counted, on the monotonic clock."""
    missing: int = 0
    """Frames that were lost just before it, whose counts nobody knows."""


class Feed:
    """An outlet of the pipeline that never waits: the inference thread puts in, the window takes out."""

    def __init__(self) -> None:
        self._newest: LatestSlot[Reading] = LatestSlot()
        self._points: list[Point] = []
        self._samples: list[Sample] = []
        self._next = 0
        """Number of the frame that comes next where none is lost."""
        self._adding = Lock()

    def put(self, reading: Reading) -> bool:
        """Takes a reading; False after the end."""
        if not self._newest.put(reading):
            return False
        with self._adding:
            frame = reading.frame
            self._points.append(Point(frame.time_s, reading.count, monotonic(), frame.index - self._next))
            self._next = frame.index + 1
        return True

    def logged(self, samples: list[Sample]) -> None:
        """Takes samples that are safely in the log; called in its thread."""
        with self._adding:
            self._samples += samples

    def close(self) -> None:
        """What is there can still be fetched."""
        self._newest.close()

    def newest(self) -> Reading | None:
        """Takes out the newest reading; None if there was none since the last call."""
        return self._newest.get(timeout_s=0.0)

    def points(self) -> list[Point]:
        """Takes out the points since the last call, oldest first."""
        with self._adding:
            points, self._points = self._points, []
        return points

    def samples(self) -> list[Sample]:
        """Takes out the samples that were logged since the last call, oldest first."""
        with self._adding:
            samples, self._samples = self._samples, []
        return samples
