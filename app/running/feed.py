"""What the window has not seen yet of one recording: every count, and what was logged of them."""

from threading import Lock

from engine.counting.reading import Sample
from engine.monitor.playing import Point
from engine.recording.counts import Counts

__all__ = ["Feed", "Point"]


class Feed:
    """Follows a recording and never waits: the engine's threads put in, the window takes out."""

    def __init__(self) -> None:
        self._points: list[Point] = []
        self._samples: list[Sample] = []
        self._known = Counts.none()
        self._adding = Lock()

    def recalled(self, counts: Counts) -> None:
        """Takes what was counted before it was opened."""
        with self._adding:
            self._known = counts

    def counted(self, point: Point) -> None:
        """Takes a count; called in the inference thread."""
        with self._adding:
            self._points.append(point)

    def logged(self, samples: list[Sample]) -> None:
        """Takes samples that are safely in the log; called in its thread."""
        with self._adding:
            self._samples += samples

    def known(self) -> Counts:
        """Takes out, once, what was counted before it was opened."""
        with self._adding:
            known, self._known = self._known, Counts.none()
        return known

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
