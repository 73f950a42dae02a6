"""What all sources have in common."""

from collections.abc import Iterator
from typing import Protocol

from engine.picture.frame import Frame
from engine.sources.flaws import Flaws


class Source(Protocol):
    """Where the frames of a recording come from: all of them, in order."""

    name: str
    """What people call it; holds no secret."""
    expected_frames: int | None
    """How many frames `frames` will give, where that is known."""

    @property
    def flaws(self) -> Flaws:
        """What was wrong in what was read so far."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Yields the frames in order; raises SourceError where it breaks off."""
        ...

    def close(self) -> None:
        """Lets go of the file; may be called twice."""
        ...


class Pace:
    """Which frames are wanted: at most so many a second, as evenly as they come."""

    def __init__(self, max_fps: float | None) -> None:
        self._interval_s = 1 / max_fps if max_fps else 0.0
        self._due_s = float("-inf")
        self._last_s = float("-inf")

    def is_due(self, time_s: float) -> bool:
        """Says whether a frame of this time would be wanted, and asks for none."""
        return time_s >= self._due_s - 1e-6 or time_s < self._last_s

    def wants(self, time_s: float, *, early_s: float = 0.0) -> bool:
        """Says whether the frame of this time in seconds is wanted, also if it comes so much too early.

        A clock that jumps back starts afresh.
        """
        if time_s < self._last_s:
            self._due_s = float("-inf")
        self._last_s = time_s
        if time_s < self._due_s - early_s - 1e-6:
            return False
        late = time_s - self._due_s > self._interval_s
        self._due_s = (time_s if late else self._due_s) + self._interval_s
        return True
