"""Masks: the parts of a picture that nobody may see, and the part in which people count.

A private pixel is any that a polygon touches. It is blanked in the picture itself, before anything else looks at it.
The area that does not count is blanked only in the tiles: the operator goes on seeing it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture.polygon import Polygon, coverage
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid

BLANK = 114
"""What the model sees in place of what it shall not: neutral, and not the grey of a decoder that lacks something."""
BLACK = 0
"""What people see there: nothing that could be taken for a picture."""


@dataclass(frozen=True, slots=True)
class Mask:
    """The union of some polygons; false where there are none."""

    polygons: tuple[Polygon, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.polygons)


@dataclass(frozen=True, slots=True)
class _Patch:
    """Pixels of a picture that are to be blanked, within their bounding box."""

    rows: slice
    columns: slice
    chosen: NDArray[np.uint8]
    """255 where blanked, (h, w)."""
    blank: NDArray[np.uint8]
    """What is put there, (h, w, 3)."""

    def apply(self, picture: NDArray[np.uint8]) -> None:
        part = picture[self.rows, self.columns]
        cv2.copyTo(self.blank, self.chosen, part)


def blank_private(picture: NDArray[np.uint8], private: Mask, shade: int) -> None:
    """Gives every pixel of a picture RGB (H, W, 3) that the mask touches one shade, in place."""
    for polygon in private.polygons:
        _private_patch(polygon, (picture.shape[0], picture.shape[1]), shade).apply(picture)


def blank_private_tiles(tiles: NDArray[np.uint8], grid: Grid, private: Mask) -> None:
    """Blanks every pixel that the mask touches in tiles uint8 (N, 384, 512, 3), as `Shot.tiles` cuts them, in place."""
    if private:
        _apply(_private_patches(private, grid), tiles)


def blank_outside(tiles: NDArray[np.uint8], grid: Grid, included: Mask) -> None:
    """Blanks tiles uint8 (N, 384, 512, 3) outside the mask, in place; an empty mask includes everything."""
    if included:
        _apply(_outside_patches(included, grid), tiles)


def _apply(patches: Sequence[_Patch | None], tiles: NDArray[np.uint8]) -> None:
    for tile, patch in zip(tiles, patches, strict=True):
        if patch is not None:
            patch.apply(tile)


def keep_inside(density: NDArray[np.float32], included: Mask) -> NDArray[np.float32]:
    """Returns a density map (h, w) without the people outside the mask; an empty mask includes everything."""
    if not included:
        return density
    return (density * inside(included, (density.shape[0], density.shape[1]))).astype(np.float32)


@lru_cache(maxsize=64)
def inside(mask: Mask, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Returns the share of every cell (rows, columns) that the mask covers: 0 to 1, read-only.

    Where polygons overlap partly inside one cell, the larger share is taken.
    """
    shares = np.zeros(shape)
    for polygon in mask.polygons:
        np.maximum(shares, coverage(polygon, shape), out=shares)
    shares.setflags(write=False)
    return shares


@lru_cache(maxsize=64)
def _private_patch(polygon: Polygon, shape: tuple[int, int], shade: int) -> _Patch:
    patch = _patch(coverage.__wrapped__(polygon, shape) > 0, shade)  # a raster of pixels is too large to be kept twice
    assert patch is not None, "a sound polygon touches at least one pixel"
    return patch


@lru_cache(maxsize=64)
def _outside_patches(included: Mask, grid: Grid) -> tuple[_Patch | None, ...]:
    return _tile_patches(_inside_pixels(included, grid) < 0.5, grid)


@lru_cache(maxsize=64)
def _private_patches(private: Mask, grid: Grid) -> tuple[_Patch | None, ...]:
    return _tile_patches(_inside_pixels(private, grid) > 0, grid)


def _inside_pixels(mask: Mask, grid: Grid) -> NDArray[np.float64]:
    return inside.__wrapped__(mask, (grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH))


def _tile_patches(chosen: NDArray[np.bool_], grid: Grid) -> tuple[_Patch | None, ...]:
    parts = chosen.reshape(grid.rows, TILE_HEIGHT, grid.columns, TILE_WIDTH).swapaxes(1, 2)
    return tuple(_patch(part, BLANK) for part in parts.reshape(grid.tiles, TILE_HEIGHT, TILE_WIDTH))


def _patch(chosen: NDArray[np.bool_], shade: int) -> _Patch | None:
    rows, columns = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
    if not rows.size:
        return None
    box = slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
    part = np.ascontiguousarray(chosen[box], np.uint8) * np.uint8(255)
    return _Patch(*box, part, np.full((*part.shape, 3), shade, np.uint8))
