"""The grid of tiles that the engine chooses for a picture by what is seen in it; a test holds both houses equal.

A picture with little in its finest half octave was enlarged on its way, and is divided as the size that it is worth.
One in which heads are taller than they are counted best, by a model that says how tall they are, is divided into fewer
tiles. One that fits a single tile and shows few people is enlarged to four, one of few people with small heads to more.
Here each picture is a camera of its own.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.counters import Counted, TileCounter
from trainer.evaluation.tiling import AS_ENGINE, Division, cut
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH, grid_for

CENTRE = (720, 1280)  # pixels, at most, that are looked at
LEAST_LINES = 256  # of a picture; smaller ones show too little to choose by
SPARSE = 20.0  # people in a picture of one tile; with fewer it is enlarged
FEW = 40.0  # people in a picture; with fewer it is enlarged where heads are small
LEAST_PEOPLE = 2.0  # in a picture, by whose heads something can be told
LEAST_HEAD, MOST_HEAD = 8.0, 20.0
"""Heights in pixels of a tile between which heads are counted best."""
MOST_TILES = 12  # to which they enlarge a picture
ONE_TILE, ENLARGED = (1, 1), (2, 2)
COARSE, WORTH = 0.54, 0.5
"""Below which fineness, and which share of its sides a picture is worth then."""
STEP = 0.5**0.5  # half an octave
SHARP = 1.0  # the fineness of what shows nothing
LEAST_VARIANCE = 0.25  # of grey levels squared; less is nothing but rounding


def fineness(picture: NDArray[np.uint8]) -> float:
    """Returns how much there is in the finest half octave of a picture (H, W, 3), over what is in the next."""
    luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    top, left = (max(0, side - most) // 2 for side, most in zip(luma.shape, CENTRE, strict=True))
    fine = luma[top : top + CENTRE[0], left : left + CENTRE[1]].astype(np.float32)
    first, coarse = _split(fine)
    second, _ = _split(coarse)
    return first / second if second > LEAST_VARIANCE else SHARP


def grid_seen(picture: NDArray[np.uint8]) -> tuple[int, int]:
    """Returns (rows, columns) for a picture by how fine it is."""
    size = picture.shape[0], picture.shape[1]
    if size[0] < LEAST_LINES:
        return grid_for(*size)
    found = fineness(picture)
    share = WORTH if found < COARSE else 1.0
    return grid_for(*(max(1, round(side * share)) for side in size))


def counted_as_seen(counter: TileCounter, picture: NDArray[np.uint8]) -> tuple[Division, Counted]:
    """Counts a picture as the engine does; a model for which pictures are divided otherwise, by the picture's size."""
    if counter.division != AS_ENGINE:
        return counter.division, counter(cut(picture, counter.division))
    size, division = (picture.shape[0], picture.shape[1]), Division(shape=grid_seen(picture))
    found = counter(cut(picture, division))
    suited = Division(shape=_suited(size, division.grid(*size), found))
    return (division, found) if suited == division else (suited, counter(cut(picture, suited)))


def _suited(size: tuple[int, int], grid: tuple[int, int], found: Counted) -> tuple[int, int]:
    """Returns the grid for a picture by who was seen in it in another."""
    if size[0] < LEAST_LINES:
        return grid
    people = found.people["count"]
    head = usual_head(found.heads, people) / zoom(size, grid)
    if grid == ONE_TILE and people.sum() < SPARSE:
        grid = ENLARGED
    grid = _coarser(size, grid, head)
    return _finer(size, grid, head) if people.sum() < FEW else grid


def _coarser(size: tuple[int, int], grid: tuple[int, int], head: float) -> tuple[int, int]:
    """Returns the grid, or where heads are too tall the coarser one in which they are nearest to `MOST_HEAD`."""
    while head * zoom(size, grid) > MOST_HEAD and grid[1] > 1:
        coarser = _with_columns(size, grid[1] - 1)
        if head**2 * zoom(size, grid) * zoom(size, coarser) < MOST_HEAD**2:  # in it they are as much too small
            break
        grid = coarser
    return grid


def _finer(size: tuple[int, int], grid: tuple[int, int], head: float) -> tuple[int, int]:
    """Returns the grid, or where heads are small the finer one that brings them nearest to what is best."""
    while head:
        finer = _with_columns(size, grid[1] + 1)
        tiles = finer[0] * finer[1]
        are_taller = head**2 * zoom(size, grid) * zoom(size, finer) > LEAST_HEAD * MOST_HEAD  # than now too small
        if not grid[0] * grid[1] < tiles <= MOST_TILES or are_taller:
            break
        grid = finer
    return grid


def _with_columns(size: tuple[int, int], columns: int) -> tuple[int, int]:
    return grid_for(round(TILE_WIDTH * columns * size[0] / size[1]), TILE_WIDTH * columns)


def zoom(size: tuple[int, int], grid: tuple[int, int]) -> float:
    """Returns how many times as large things are in tiles as in a picture of this size, in the mean of both ways."""
    return math.sqrt(grid[0] * grid[1] * TILE_HEIGHT * TILE_WIDTH / (size[0] * size[1]))


def usual_head(heads: NDArray[np.float32] | None, people: NDArray[np.float32]) -> float:
    """Returns how tall the usual head is in tiles, in their pixels, which have so many people (N,); 0 if unknown.

    It is the mean of the logarithms, each tile weighing as much as it has people.
    """
    people = np.maximum(people, 0.0)
    total = float(people.sum())
    if heads is None or total < LEAST_PEOPLE:
        return 0.0
    return math.exp(float((np.log(np.maximum(heads, 1.0)) * people).sum()) / total)


def _split(picture: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """Returns the variance of the finest half octave, and the picture without it, smaller."""
    height, width = picture.shape
    size = max(1, round(width * STEP)), max(1, round(height * STEP))
    coarse = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    again = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return float(np.var(picture - again)), coarse
