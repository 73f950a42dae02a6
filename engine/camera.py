"""A camera as the pipeline is given it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.capture.base import Capture
from engine.counting.counter import Counter
from engine.counting.grid_finder import GridFinder
from engine.counting.reading import Reading
from engine.counting.schedule import DensitySchedule
from engine.handoff import Outlet
from engine.inference.model import Model
from engine.picture.frame import Frame
from engine.picture.tiling import MOST_TILES
from engine.picture.view import View

EACH_WITHIN_S = 1.0
"""Pictures are enlarged for counting while all cameras could be counted so, one after the other, in this time."""


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A camera that is counted: where its frames come from, what is made of them, where its readings go."""

    capture: Capture
    outlets: Sequence[Outlet[Reading]]
    counter: Counter = field(default_factory=Counter)
    density: DensitySchedule = field(default_factory=DensitySchedule)
    view: View | None = None
    """How its frames are cut and masked when they are counted, however they came; None takes them as they came."""
    is_counted: bool = True
    """Whether the model sees it; without, its frames are let go."""
    weight: float = 1.0
    """How often it is counted beside the others, where the model cannot count them all."""
    model: Model | None = None
    """That counts this camera; None takes that of all."""
    finder: GridFinder | None = None
    """Who finds the grid that suits its view; None leaves it to the view."""

    def seen(self, frame: Frame) -> Frame:
        """Returns a frame as it is to be counted."""
        view = frame.view if self.view is None else self.view
        if self.finder is not None:
            view = self.finder.seen(view)
        return frame if view is frame.view or view == frame.view else frame.seen_by(view)

    def look(self, reading: Reading, tile_s: float) -> None:
        """Has its grid found from a reading; what is counted in another one begins anew.

        So it does behind one that was being counted in the old grid meanwhile.

        Args:
            reading: of a frame as it was counted.
            tile_s: that a tile of each camera takes, all together.
        """
        most = int(EACH_WITHIN_S / max(tile_s, EACH_WITHIN_S / MOST_TILES))
        if self.finder is not None:
            changes = self.finder.take(reading, most=most)
            if changes or self.seen(reading.frame) is not reading.frame:
                self.counter.begin_anew()
