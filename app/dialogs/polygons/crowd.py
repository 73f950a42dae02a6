"""How many people stand in a polygon while it is drawn, by the newest density map."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.dialogs.polygons.edits import refusal, sound
from engine.picture.polygon import Point
from engine.picture.zones import Zone, zone_counts


@dataclass(frozen=True, slots=True)
class Crowd:
    """The people of one frame."""

    density: NDArray[np.float32] = field(compare=False, repr=False)
    """People per cell (h, w), which add up to the count of the frame."""

    def within(self, corners: Sequence[Point]) -> float | None:
        """Returns the people in a polygon as a zone counts them; None where the corners are no polygon."""
        if refusal(corners):
            return None
        people = float(self.density.sum())
        return zone_counts(people, self.density, [Zone("drawn", sound(corners))])[0].people
