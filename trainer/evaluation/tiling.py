"""Division and combination (paper, section 3.6): a picture becomes a grid of whole tiles, their counts are summed."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.geometry import TILE, grid_for

USUAL = 50
"""Tiles that say enough of how two ways to compute the same agree."""


def cut(picture: NDArray[np.uint8], tile: tuple[int, int] = TILE) -> NDArray[np.uint8]:
    """Resizes a picture uint8 (H, W, 3) to its grid and cuts it: uint8 (rows * columns, *tile, 3), row by row."""
    high, wide = tile
    rows, columns = grid_for(picture.shape[0], picture.shape[1], tile)
    size = (columns * wide, rows * high)
    shrinks = size[0] < picture.shape[1] or size[1] < picture.shape[0]
    if size != (picture.shape[1], picture.shape[0]):
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
    tiles = picture.reshape(rows, high, columns, wide, 3).swapaxes(1, 2)
    return np.ascontiguousarray(tiles.reshape(-1, high, wide, 3))


def people_per_tile(annotated: Annotated, tile: tuple[int, int] = TILE) -> NDArray[np.float64]:
    """Returns how many head points lie in each tile of a picture's grid, (rows * columns,), row by row."""
    height, width = annotated.picture.shape[:2]
    x, y = annotated.points.T
    return np.asarray(
        np.histogram2d(y, x, bins=grid_for(height, width, tile), range=[(0, height), (0, width)])[0].ravel(), np.float64
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
