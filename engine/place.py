"""A camera's place at the model, and a change that is to be made between two of its frames."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event

from engine.camera import Camera
from engine.capture.base import Capture
from engine.counting.batch import Due
from engine.counting.schedule import LoadMeter
from engine.inference.model import Model
from engine.picture.frame import Frame


@dataclass(eq=False, slots=True)
class Place:
    """A camera's place in the pipeline; changed by the inference thread alone, but for the meter, which is locked."""

    camera: Camera
    meter: LoadMeter = field(default_factory=LoadMeter)
    begun: list[Due] = field(default_factory=list)
    """Its frames that are being counted, the oldest first; the model was asked for all tiles of all but the last."""
    idle: Frame | None = None
    """One in which nothing moves, and that waits for the count of those."""
    tiles: int = 0
    """Of the last one that was begun."""
    over: Event = field(default_factory=Event)
    """Set when nothing more will come of it, and its outlets are closed."""

    @property
    def underway(self) -> Due | None:
        """The frame of which more tiles are to be counted than the model was asked for."""
        return self.begun[-1] if self.begun and self.begun[-1].unasked else None

    @property
    def capture(self) -> Capture:
        """Where its frames come from."""
        return self.camera.capture

    def give_up(self) -> None:
        """Forgets its frames; what the model was asked for is counted in vain."""
        self.begun.clear()
        self.idle = None

    def close(self) -> None:
        """Closes the outlets."""
        for outlet in self.camera.outlets:
            outlet.close()
        self.over.set()


@dataclass(eq=False, slots=True)
class Change:
    """Cameras to be counted in another way, and by another model."""

    cameras: Mapping[Capture, Camera]
    model: Model | None
    made: Event = field(default_factory=Event)

    def concerns(self, place: Place) -> bool:
        """Whether a camera's frames are counted in another way after it."""
        return self.model is not None or place.capture in self.cameras
