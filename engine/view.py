"""How a camera's pictures are seen: the grid of tiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.shot import Shot
from engine.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, divide, grid_for


@dataclass(frozen=True, slots=True)
class View:
    """What of a picture the model and people see."""

    grid: Grid | None = None
    """None takes the grid that keeps each picture nearest to its own size."""

    def grid_for(self, shot: Shot) -> Grid:
        """Returns the grid that a picture is divided into."""
        return self.grid or grid_for(*shot.size)

    def tiles(self, shot: Shot, grid: Grid) -> NDArray[np.uint8]:
        """Returns what the model sees: uint8 (grid.tiles, 384, 512, 3)."""
        return divide(shot.rgb(grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH), grid)

    def picture(self, shot: Shot) -> NDArray[np.uint8]:
        """Returns what people see: RGB (H, W, 3)."""
        return shot.rgb(*shot.size)


PLAIN = View()
"""All of a picture, divided by its size."""
