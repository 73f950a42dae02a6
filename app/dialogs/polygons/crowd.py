"""How many people stand in a polygon while it is drawn, by the newest density map."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.dialogs.polygons.edits import refusal, sound
from engine.picture.polygon import Point, Polygon
from engine.picture.zones import Zone, zone_counts


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """The people of one frame."""

    density: NDArray[np.float32] = field(repr=False)
    """People per cell (h, w), which add up to the count of the frame."""
    _known: dict[tuple[Point, ...], float | None] = field(default_factory=dict, init=False, repr=False)

    def within(self, corners: Sequence[Point]) -> float | None:
        """Returns the people in a polygon as a zone counts them; None where the corners are no polygon."""
        key = tuple(corners)
        if key not in self._known:
            self._known[key] = None if refusal(key) else self._counted(sound(key))
        return self._known[key]

    def _counted(self, polygon: Polygon) -> float:
        people = float(self.density.sum())
        return zone_counts(people, self.density, [Zone("drawn", polygon)])[0].people
