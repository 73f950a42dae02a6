"""Division and combination: a frame becomes a grid of whole tiles, the tiles' maps become one map again.

Source: DeepCount paper, section 3.6, with the authors' rule for the grid: the picture is resized to whole tiles, as
many as keep it nearest to its own size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE_HEIGHT, TILE_WIDTH = 384, 512  # pixels


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns of tiles that a frame is divided into."""

    rows: int
    columns: int

    def __post_init__(self) -> None:
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"grid is {self.rows}x{self.columns}, expected at least one row and one column")

    @property
    def tiles(self) -> int:
        """How many tiles the grid has."""
        return self.rows * self.columns

    def __str__(self) -> str:
        return f"{self.rows}x{self.columns}"


def grid_for(height: int, width: int) -> Grid:
    """Returns the grid that keeps a frame of this size in pixels nearest to its own size."""
    columns = max(1, round(width / TILE_WIDTH))
    rows = max(1, round(TILE_WIDTH * columns * height / width / TILE_HEIGHT))
    return Grid(rows, columns)


def divide(picture: NDArray[np.uint8], grid: Grid) -> NDArray[np.uint8]:
    """Cuts a picture of exactly the grid's size: uint8 (grid.tiles, 384, 512, 3), row by row."""
    parts = picture.reshape(grid.rows, TILE_HEIGHT, grid.columns, TILE_WIDTH, 3).swapaxes(1, 2)
    return np.ascontiguousarray(parts).reshape(grid.tiles, TILE_HEIGHT, TILE_WIDTH, 3)


def combine(densities: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Joins the tiles' density maps (grid.tiles, h, w) to one map (rows * h, columns * w)."""
    _, h, w = densities.shape
    parts = densities.reshape(grid.rows, grid.columns, h, w).swapaxes(1, 2)
    return np.ascontiguousarray(parts.reshape(grid.rows * h, grid.columns * w))
