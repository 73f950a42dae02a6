"""Which grid of tiles suits a view, by what is seen in its first pictures; pure.

By its size alone, a picture is divided so that nothing of it is lost. But many are larger than what they show: enlarged
by a recorder, by a cheap camera, out of focus. Such a picture hardly has anything in its finest half octave that is not
in the one below, so its *fineness*, the one's variance over the other's, is low; it is divided as the size that it is
worth: fewer tiles, in which heads are as large as the model learnt them. Where the model says how tall the heads are
that it sees, and they are too tall, there are fewer tiles too. And where a picture fits one tile and few people are in
it, they are small there: it is enlarged to four tiles; where few people are in it and their heads are said to be small,
to more. That counts of several grids agree with each other, or with their maps, was tried as a sign, and is a worse
one; so is a finer grid where the small heads are those of a crowd.
"""

import math
from collections.abc import Sequence
from statistics import fmean, median

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture.layout import SEEN, SeenGrid
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, grid_for

LOOKED_AT = 5  # pictures
EVERY_S = 0.5  # between two of them
CENTRE = (720, 1280)  # pixels of a picture, at most, that are looked at
LEAST_LINES = 256  # of a picture; smaller ones show too little to choose by
SPARSE = 20.0  # people in a picture of one tile; with fewer it is enlarged
FEW = 40.0  # people in a picture; with fewer it is enlarged where heads are small
LEAST_PEOPLE = 2.0  # in a picture, by whose heads something can be told
AGAIN_S = 20.0  # between two pictures in which a live camera's heads are looked at after the first
SIGHTINGS = 11  # of its heads by whose median the grid is chosen; those of the first pictures are outnumbered
MOST_LOOKED = 12  # tiles in which each picture of a recording is looked at, and to which small heads enlarge any
ENLARGED = Grid(2, 2)
ONE_TILE = Grid(1, 1)
COARSE, WORTH = 0.54, 0.5
"""Below which fineness, and which share of its sides a picture is worth then. Pictures that were enlarged twice have
0.39 to 0.6, those that were not 0.57 to 1.5; of those enlarged 1.4 times (0.44 to 0.78) some pass for sharp ones."""
STEP = 0.5**0.5  # half an octave
SHARP = 1.0  # the fineness of what shows nothing, by which nothing is chosen
LEAST_HEAD, MOST_HEAD = 8.0, 20.0
"""Heights in pixels of a tile between which heads are counted best. Of 38 pictures with boxes around the heads (rooms
that no shipped model learnt from, and photographs) the mean normalised error was 0.24 in the grids nearest to 8, 12, 16
or 20, 0.43 to 0.66 in those nearest to 24 to 40, and 0.70 in the grid by the picture's size. Of two clips of walkers
that no model learnt from, at five sizes each, the best of three grids was that in which 14 to 16 are told, but for one
size."""
LEAST_VARIANCE = 0.25  # of grey levels squared; less is nothing but rounding


def is_large_enough(size: tuple[int, int]) -> bool:
    """Whether a picture of this height and width shows enough to choose by."""
    return size[0] >= LEAST_LINES


def fineness(luma: NDArray[np.uint8]) -> float:
    """Returns how much there is in the finest half octave of a picture (H, W), over what is in the next."""
    top, left = (max(0, side - most) // 2 for side, most in zip(luma.shape, CENTRE, strict=True))
    fine = luma[top : top + CENTRE[0], left : left + CENTRE[1]].astype(np.float32)
    first, coarse = _split(fine)
    second, _ = _split(coarse)
    return first / second if second > LEAST_VARIANCE else SHARP


def grid_seen(size: tuple[int, int], finenesses: Sequence[float]) -> Grid:
    """Returns the grid of pictures of this height and width as shown, by the median of what some of them have."""
    found = median(finenesses)
    share = WORTH if found < COARSE else 1.0
    return grid_for(*(max(1, round(side * share)) for side in size))


def usual_head(
    heads: NDArray[np.float32], people: NDArray[np.float32], grid: Grid, size: tuple[int, int]
) -> float | None:
    """Returns how tall the usual head of a picture is, in its pixels as shown; None where too few people are seen.

    It is the mean of the logarithms, each tile weighing as much as it has people.

    Args:
        heads: how tall they are in each tile, in its pixels, (tiles,).
        people: in each tile, (tiles,).
        grid: of the tiles.
        size: height and width of the picture as shown.
    """
    people = np.maximum(people, 0.0)
    total = float(people.sum())
    if total < LEAST_PEOPLE:
        return None
    return math.exp(float((np.log(np.maximum(heads, 1.0)) * people).sum()) / total) / _zoom(size, grid)


def suited(
    size: tuple[int, int], grid: Grid, counts: Sequence[float], heads: Sequence[float], *, most: int = MOST_LOOKED
) -> Grid:
    """Returns the grid of a view by who is seen in some pictures, where they show how tall heads are.

    Where heads are taller than they are counted best, it is coarser; one tile with few people becomes four, unless
    heads would be too tall in them; where the heads of few people are small, it is finer.

    Args:
        size: height and width of the picture as shown.
        grid: of `grid_seen`.
        counts: people in each picture.
        heads: how tall the usual head is in those in which it is seen, in their pixels; none where nobody knows.
        most: tiles that there is time for, where it is enlarged.
    """
    people, head = fmean(counts) if counts else FEW, median(heads) if heads else 0.0
    is_sparse = grid == ONE_TILE and people < SPARSE and ENLARGED.tiles <= most
    grid = _coarser(size, ENLARGED if is_sparse else grid, head)
    return _finer(size, grid, head, most) if people < FEW else grid


def are_small(size: tuple[int, int], grid: Grid, heads: Sequence[float]) -> bool:
    """Whether heads, in pixels of pictures of this size, are smaller in a grid than they are counted best."""
    return bool(heads) and median(heads) * _zoom(size, grid) < LEAST_HEAD


def grid_to_look(size: tuple[int, int], grid: Grid) -> Grid:
    """Returns the grid, or one of `MOST_LOOKED` tiles at most, in which large heads are seen as well."""
    while grid.tiles > MOST_LOOKED and grid.columns > 1:
        grid = _with_columns(size, grid.columns - 1)
    return grid


def grid_by_heads(size: tuple[int, int], head: float, most: int) -> Grid:
    """Returns the grid nearest to that by size in which heads are as tall as they are counted best.

    Args:
        size: height and width of the picture as shown.
        head: how tall the usual head is in it, in pixels.
        most: tiles that there is time for, where it would be enlarged.
    """
    grid, tall = grid_for(*size), head * TILE_HEIGHT / size[0]
    while tall * grid.rows > MOST_HEAD and grid.columns > 1:
        grid = _with_columns(size, grid.columns - 1)
    while tall * grid.rows < LEAST_HEAD:
        larger = _with_columns(size, grid.columns + 1)
        if not grid.tiles < larger.tiles <= most:
            break
        grid = larger
    return grid


def _zoom(size: tuple[int, int], grid: Grid) -> float:
    """Returns how many times as large things are in tiles as in a picture of this size, in the mean of both ways."""
    return math.sqrt(grid.tiles * TILE_HEIGHT * TILE_WIDTH / (size[0] * size[1]))


def _coarser(size: tuple[int, int], grid: Grid, head: float) -> Grid:
    """Returns the grid, or where heads are too tall the coarser one in which they are nearest to `MOST_HEAD`."""
    while head * _zoom(size, grid) > MOST_HEAD and grid.columns > 1:
        coarser = _with_columns(size, grid.columns - 1)
        if head**2 * _zoom(size, grid) * _zoom(size, coarser) < MOST_HEAD**2:  # in it they are as much too small
            break
        grid = coarser
    return grid


def _finer(size: tuple[int, int], grid: Grid, head: float, most: int) -> Grid:
    """Returns the grid, or where heads are small the finer one that brings them nearest to what is best."""
    while head:
        finer = _with_columns(size, grid.columns + 1)
        are_taller = head**2 * _zoom(size, grid) * _zoom(size, finer) > LEAST_HEAD * MOST_HEAD  # than now too small
        if not grid.tiles < finer.tiles <= most or are_taller:
            break
        grid = finer
    return grid


def _with_columns(size: tuple[int, int], columns: int) -> Grid:
    return grid_for(round(TILE_WIDTH * columns * size[0] / size[1]), TILE_WIDTH * columns)


def as_seen(size: tuple[int, int], grid: Grid, why: str = SEEN) -> SeenGrid | None:
    """Returns what is to be kept of a choice; None where it is the grid by size."""
    return None if grid == grid_for(*size) else SeenGrid(size, grid, why)


def _split(picture: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """Returns the variance of the finest half octave, and the picture without it, smaller."""
    height, width = picture.shape
    size = max(1, round(width * STEP)), max(1, round(height * STEP))
    coarse = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    again = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return float(np.var(picture - again)), coarse
