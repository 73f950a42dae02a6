"""How a picture becomes what a network sees, and how the parts are put together again.

Division and combination (paper, section 3.6): a picture becomes a grid of whole tiles, whose counts are summed. A
network without layers that see a whole tile can also be given the picture as it is, or all of it resized to one tile.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.geometry import TILE, grid_for

USUAL = 50
"""Tiles that say enough of how two ways to compute the same agree."""


TILES, WHOLE, RESIZED = "tiles", "whole", "resized"
WAYS = (TILES, WHOLE, RESIZED)


@dataclass(frozen=True, slots=True)
class Division:
    """How pictures are divided."""

    tile: tuple[int, int] = TILE
    """Height and width in pixels, of tiles and of what a whole picture is resized to."""
    way: str = TILES
    """tiles: a grid of them. whole: the picture at the next multiple of `stride` to its size. resized: to one tile."""
    stride: int = 1
    shape: tuple[int, int] | None = None
    """Rows and columns of tiles; None takes those of the picture's size."""

    def grid(self, height: int, width: int) -> tuple[int, int]:
        """Returns (rows, columns) of the parts of a picture."""
        return self.shape or (grid_for(height, width, self.tile) if self.way == TILES else (1, 1))

    def part(self, height: int, width: int) -> tuple[int, int]:
        """Returns height and width of each part of a picture, in pixels."""
        if self.way != WHOLE:
            return self.tile
        return max(1, round(height / self.stride)) * self.stride, max(1, round(width / self.stride)) * self.stride


AS_ENGINE = Division()
"""As the engine divides pictures, for every exported model."""


def cut(picture: NDArray[np.uint8], division: Division = AS_ENGINE) -> NDArray[np.uint8]:
    """Resizes a picture uint8 (H, W, 3) to its parts and cuts it: uint8 (rows * columns, h, w, 3), row by row."""
    high, wide = division.part(picture.shape[0], picture.shape[1])
    rows, columns = division.grid(picture.shape[0], picture.shape[1])
    size = (columns * wide, rows * high)
    shrinks = size[0] < picture.shape[1] or size[1] < picture.shape[0]
    if size != (picture.shape[1], picture.shape[0]):
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
    tiles = picture.reshape(rows, high, columns, wide, 3).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, high, wide, 3))


def people_per_tile(annotated: Annotated, division: Division = AS_ENGINE) -> NDArray[np.float64]:
    """Returns how many head points lie in each part of a picture, (rows * columns,), row by row."""
    height, width = annotated.picture.shape[:2]
    x, y = annotated.points.T
    return np.asarray(
        np.histogram2d(y, x, bins=division.grid(height, width), range=[(0, height), (0, width)])[0].ravel(), np.float64
    )


def joined(densities: NDArray[np.float32], grid: tuple[int, int]) -> NDArray[np.float32]:
    """Joins the maps (rows * columns, h, w) of a grid's tiles, row by row, to one of (rows * h, columns * w)."""
    rows, columns = grid
    _, high, wide = densities.shape
    return densities.reshape(rows, columns, high, wide).swapaxes(1, 2).reshape(rows * high, columns * wide)


def sample_tiles(pictures: Sequence[Annotated], count: int | None = None) -> NDArray[np.uint8]:
    """Returns tiles spread evenly over all tiles of the pictures, uint8 (n, 384, 512, 3).

    Args:
        pictures: at least one.
        count: how many; None for `USUAL`, or all where there are fewer.

    Raises:
        TrainerError: the pictures have fewer tiles.
    """
    tiles = np.concatenate([cut(annotated.picture) for annotated in pictures])
    count = min(len(tiles), USUAL) if count is None else count
    if not 1 <= count <= len(tiles):
        raise TrainerError(f"{count} tiles were asked for, {len(pictures)} pictures give 1 to {len(tiles)}")
    return np.take(tiles, np.linspace(0, len(tiles) - 1, count).round().astype(int), axis=0)
