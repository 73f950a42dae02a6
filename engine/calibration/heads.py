"""How tall heads are in a calibrated camera's picture, by which the grid of tiles is chosen; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.calibration.ground import Ground
from engine.picture.polygon import Polygon, coverage

TALL, HEAD = 1.7, 0.25
"""Of people and of their heads, in metres."""
SHAPE = 36, 64  # rows and columns of places at which somebody may stand
FARTHEST = 0.25
"""Nobody is thought of whose head would be a smaller share of the nearest one; or most would be at the horizon."""
INSIDE = 0.5  # of a place, from which on it is part of a zone


@dataclass(frozen=True, slots=True)
class Heads:
    """How tall the usual head is."""

    share: float
    """Of the picture's height."""
    ground: Ground
    """By which it is known."""

    def height(self, size: tuple[int, int]) -> float | None:
        """Returns pixels in a picture of this height and width; None where it is no picture of that camera any more."""
        return self.share * size[0] if self.ground.fits(size[1] / size[0]) else None


def heads_of(ground: Ground, parts: Sequence[Polygon] = ()) -> Heads | None:
    """Returns how tall heads are where half of the people are nearer, who stand evenly on the ground.

    Args:
        ground: of the camera.
        parts: of the picture in which people stand who count, on the ground; none is all of it.

    Returns:
        None where no ground is seen.
    """
    rows, columns = SHAPE
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    places = ground.on_ground(np.stack([x, y], axis=-1))
    ends = [ground.in_picture(places, above) * [ground.aspect, 1.0] for above in (TALL, TALL - HEAD)]
    heights, areas = np.linalg.norm(ends[0] - ends[1], axis=-1), ground.cell_areas(SHAPE)
    known = np.isfinite(heights) & np.isfinite(areas) & (ends[0][..., 1] >= 0)
    if parts:
        known &= np.max([coverage(part, SHAPE) for part in parts], axis=0) >= INSIDE
    if not known.any():
        return None
    known &= heights >= FARTHEST * heights[known].max()
    order = np.argsort(heights[known])
    before = np.cumsum(areas[known][order])
    return Heads(float(heights[known][order][np.searchsorted(before, before[-1] / 2)]), ground)
