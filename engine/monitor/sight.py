"""What is shown of a recording: what is counted now, or what somebody looks at instead."""

from engine.capture.onlookers import Onlookers
from engine.counting.reading import Reading
from engine.picture.frame import Frame
from engine.recording.finder import Found


class Sight:
    """An outlet that shows each frame when it was counted, so that picture, map and count agree.

    Once somebody looks elsewhere in the recording, it shows what is looked at instead.
    """

    def __init__(self) -> None:
        self.onlookers = Onlookers()
        self.frame: Frame | None = None
        self.is_elsewhere = False
        """Whether what is shown is not what is counted; set once somebody looks."""
        self.is_settled = False
        """Whether the frame that is looked at is the one that was wanted, and stays."""

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        if not self.is_elsewhere:
            self._show(reading.frame)
        return True

    def begin(self, frame: Frame) -> None:
        """Shows the first frame, before it is counted."""
        if not self.is_elsewhere and self.frame is None:
            self._show(frame)

    def look(self, found: Found) -> None:
        """Shows what was found."""
        self.is_settled = found.is_exact
        self._show(found.frame)

    def close(self) -> None:
        """The newest frame stays."""

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        self.onlookers.put(frame)
