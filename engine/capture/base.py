"""What all capture threads have in common: they put frames where the inference thread takes them."""

from typing import Protocol

from engine.handoff import Inlet
from engine.picture.frame import Frame


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

    def spoiled(self, time_s: float, error: Exception) -> None:
        """Takes the blame for a frame of this time that came and could not be counted; any thread may call."""
        ...

    @property
    def running(self) -> bool:
        """Whether its thread was started and has not ended."""
        ...

    def start(self) -> None:
        """Starts the thread."""
        ...

    def end(self) -> None:
        """Has the thread end, without waiting for it; may be called twice."""
        ...

    def stop(self, timeout_s: float | None = None) -> None:
        """Ends the thread and waits for it, for so long at most; may be called twice."""
        ...
