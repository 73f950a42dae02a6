"""Division and combination: a frame becomes a grid of whole tiles, the tiles' maps become one map again.

Source: DeepCount paper, section 3.6, with the authors' rule for the grid: the picture is resized to whole tiles, as
many as keep it nearest to its own size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TILE_HEIGHT, TILE_WIDTH = 384, 512  # pixels
MOST_TILES = 64  # of one frame, so that none holds up all others: 4K pictures have 48


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows and columns of tiles that a frame is divided into."""

    rows: int
    columns: int

    def __post_init__(self) -> None:
        if not (self.rows >= 1 and self.columns >= 1 and self.tiles <= MOST_TILES):
            raise ValueError(f"grid is {self}, expected rows x columns such as 2x3, at most {MOST_TILES} tiles")

    @property
    def tiles(self) -> int:
        """How many tiles the grid has."""
        return self.rows * self.columns

    def __str__(self) -> str:
        return f"{self.rows}x{self.columns}"


def own_tiles(height: int, width: int) -> int:
    """Returns how many tiles keep a frame of this size in pixels nearest to its own size, without a bound."""
    rows, columns = _own_grid(height, width)
    return rows * columns


def grid_for(height: int, width: int) -> Grid:
    """Returns the grid that keeps a frame of this size in pixels nearest to its own size; of 64 tiles at most."""
    rows, columns = _own_grid(height, width)
    if rows * columns > MOST_TILES:
        share = math.sqrt(MOST_TILES / (rows * columns))
        columns = min(MOST_TILES, max(1, int(columns * share)))
        rows = min(MOST_TILES // columns, max(1, int(rows * share)))
    return Grid(rows, columns)


def _own_grid(height: int, width: int) -> tuple[int, int]:
    columns = max(1, round(width / TILE_WIDTH))
    return max(1, round(TILE_WIDTH * columns * height / width / TILE_HEIGHT)), columns


def divide(picture: NDArray[np.uint8], grid: Grid, into: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Cuts a picture of exactly the grid's size: uint8 (grid.tiles, 384, 512, 3), row by row; `into` this if given."""
    tiles = np.empty((grid.tiles, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8) if into is None else into
    parts = picture.reshape(grid.rows, TILE_HEIGHT, grid.columns, TILE_WIDTH, 3).swapaxes(1, 2)
    tiles.reshape(parts.shape)[:] = parts
    return tiles


def combine(densities: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """Joins the tiles' density maps (grid.tiles, h, w) to one map (rows * h, columns * w)."""
    _, h, w = densities.shape
    parts = densities.reshape(grid.rows, grid.columns, h, w).swapaxes(1, 2)
    return np.ascontiguousarray(parts.reshape(grid.rows * h, grid.columns * w))
