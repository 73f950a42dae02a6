"""The pace at which the frames of a recording are counted, and played."""

from collections import deque

from app.running.feed import Point

PACE_WINDOW_S = 3.0
PACE_SETTLES_S = 1.0  # before that, a pace says nothing
REAL_TIME = 0.95  # of the recording's own speed counts as real time


class Pace:
    """How fast frames have been counted during the last seconds."""

    def __init__(self) -> None:
        self._recent: deque[Point] = deque()

    def add(self, points: list[Point]) -> None:
        """Takes further counts."""
        self._recent.extend(points)
        while self._recent and self._recent[0].arrived_s < self._recent[-1].arrived_s - PACE_WINDOW_S:
            self._recent.popleft()

    def restart(self) -> None:
        """Forgets what was before a pause."""
        self._recent.clear()

    @property
    def frames_per_s(self) -> float | None:
        """Frames counted in a second; None while unknown."""
        elapsed = self._elapsed_s()
        return (len(self._recent) - 1) / elapsed if elapsed else None

    @property
    def speed(self) -> float | None:
        """Seconds of the recording that went by in one second: 1 is real time; None while unknown."""
        elapsed = self._elapsed_s()
        return (self._recent[-1].time_s - self._recent[0].time_s) / elapsed if elapsed else None

    def _elapsed_s(self) -> float | None:
        if len(self._recent) < 2:
            return None
        elapsed = self._recent[-1].arrived_s - self._recent[0].arrived_s
        return elapsed if elapsed >= PACE_SETTLES_S else None


def speed_text(speed: float | None) -> str:
    """Returns whether a recording keeps its own speed, in words."""
    if speed is None:
        return "–"
    return "real time" if speed >= REAL_TIME else f"{speed:.1f}×: slower than real time"
