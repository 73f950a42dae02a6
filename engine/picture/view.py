"""How a camera's pictures are seen: the grid of tiles, and what masks leave of them."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from engine.picture.layout import Layout, SeenGrid, fitted, laid_out
from engine.picture.masks import BLACK, Mask, blank_outside, blank_private, blank_private_tiles
from engine.picture.room import TILES
from engine.picture.shot import Shot
from engine.picture.tiling import Grid

NO_MASK = Mask()


@dataclass(frozen=True, slots=True)
class View:
    """What of a picture the model and people see."""

    grid: Grid | None = None
    """None takes what was seen, or the grid that keeps each picture nearest to its own size."""
    included: Mask = NO_MASK
    """The part in which people count; the model sees no other."""
    private: Mask = NO_MASK
    """What neither the model nor people see."""
    aspect: Fraction | None = None
    """Width over height of the picture as shown; None takes what the stream says of its pixels."""
    seen: SeenGrid | None = None
    """The grid that was chosen by what is seen; None while nobody looked, or where the size says it."""

    @property
    def tiles_shape(self) -> tuple[int, int] | None:
        """Rows and columns of the grid that was configured or chosen; None where each picture's size says it."""
        grid = self.grid or (self.seen.grid if self.seen else None)
        return None if grid is None else (grid.rows, grid.columns)

    def layout(self, shot: Shot) -> Layout:
        """Returns how large a picture is shown, and the grid that it is divided into."""
        return laid_out(shot.size, shot.pixel, aspect=self.aspect, grid=self.grid, seen=self.seen)

    def tiles(self, shot: Shot, grid: Grid) -> NDArray[np.uint8]:
        """Returns what the model sees: uint8 (grid.tiles, 384, 512, 3), to be given back to `TILES` if it is over."""
        tiles = TILES.take(grid.tiles)
        shot.tiles(grid, tiles)
        blank_private_tiles(tiles, grid, self.private)
        blank_outside(tiles, grid, self.included)
        return tiles

    def picture(self, shot: Shot, within: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """Returns what people see: RGB (H, W, 3), with square pixels; as large as fits into (height, width) if given.

        It is never enlarged: whoever draws it does that for nothing.
        """
        size = self.layout(shot).size
        picture = shot.rgb(*(fitted(size, within) if within else size), quick=True)
        if not self.private:
            return picture
        blanked = picture.copy()  # what a shot returns may be its own
        blank_private(blanked, self.private, BLACK)
        return blanked


PLAIN = View()
"""All of a picture, divided by its size."""
