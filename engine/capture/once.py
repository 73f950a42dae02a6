"""One frame that was read before, and is to be counted once more."""

from engine.handoff import LatestSlot
from engine.picture.frame import Frame


class OneFrame:
    """A camera that has a single frame; it has no thread."""

    def __init__(self, name: str, frame: Frame) -> None:
        """Takes what people call the camera, and the frame."""
        self.name = name
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.failure: Exception | None = None
        self.frames.put(frame)
        self.frames.close()

    def spoiled(self, time_s: float, error: Exception) -> None:
        """Keeps why the frame could not be counted."""
        self.failure = error

    @property
    def running(self) -> bool:
        """Never: there is no thread."""
        return False

    def start(self) -> None:
        """Nothing is to be started."""

    def end(self) -> None:
        """Nothing has to be ended."""

    def give_up(self) -> None:
        """Nobody wants the frame counted any more."""
        self.frames.give_up()

    def stop(self, timeout_s: float | None = None) -> None:
        """Nothing has to be waited for."""
