"""How a camera's pictures are seen: the grid of tiles, and what masks leave of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.picture.masks import Mask, blank_outside, blank_private
from engine.picture.shot import Shot
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, divide, grid_for

NO_MASK = Mask()


@dataclass(frozen=True, slots=True)
class View:
    """What of a picture the model and people see."""

    grid: Grid | None = None
    """None takes the grid that keeps each picture nearest to its own size."""
    included: Mask = NO_MASK
    """The part in which people count; the model sees no other."""
    private: Mask = NO_MASK
    """What neither the model nor people see."""

    def grid_for(self, shot: Shot) -> Grid:
        """Returns the grid that a picture is divided into."""
        return self.grid or grid_for(*shot.size)

    def tiles(self, shot: Shot, grid: Grid) -> NDArray[np.uint8]:
        """Returns what the model sees: uint8 (grid.tiles, 384, 512, 3)."""
        picture = self._seen(shot, grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH)
        return blank_outside(divide(picture, grid), grid, self.included)

    def picture(self, shot: Shot) -> NDArray[np.uint8]:
        """Returns what people see: RGB (H, W, 3)."""
        return self._seen(shot, *shot.size)

    def _seen(self, shot: Shot, height: int, width: int) -> NDArray[np.uint8]:
        picture = shot.rgb(height, width)
        if not self.private:
            return picture
        blanked = picture.copy()  # what a shot returns may be its own
        blank_private(blanked, self.private)
        return blanked


PLAIN = View()
"""All of a picture, divided by its size."""
