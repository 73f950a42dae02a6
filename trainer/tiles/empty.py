"""Parts of photographs that show nobody: what is counted there beside a crowd is counted wrongly.

Most photographs of crowds have none; those that have show sky, fronts of buildings, signs, trees or paving.
"""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.geometry import TILE
from trainer.tiles.plan import Window, part_size

ABOVE_PX = 384
"""How far above a part no head may be: people are annotated at their heads, and their bodies hang below. In the
foreground of a street somebody is about half as tall as the picture; in ShanghaiTech's part B 340 still let in legs."""
BESIDE_PX = 64
"""Likewise to the left and right, for arms and bags."""
BELOW_PX = 40
"""Likewise below, for what is above the point that marks a head."""
LARGEST_SCALE = 2.0
SCALES = 4
"""How many sizes of parts are tried, the largest part first."""
STEP_PX = 16


def are_empty(
    points: NDArray[np.float32], *, tops: NDArray[np.intp], lefts: NDArray[np.intp], size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Says which parts of a picture show nobody, neither heads nor bodies, (r, c).

    Args:
        points: head points of the picture (n, 2), x and y.
        tops: upper edges of parts (r,), in pixels of the picture.
        lefts: left edges (c,); there is a part at each top with each left.
        size: height and width of all parts.
    """
    x, y = points.T
    within = (tops[:, None] - ABOVE_PX < y) & (y < tops[:, None] + size[0] + BELOW_PX)
    between = (lefts[:, None] - BESIDE_PX < x) & (x < lefts[:, None] + size[1] + BESIDE_PX)
    return np.asarray(~(within @ between.T))  # of booleans, so no threads of BLAS, for which training leaves no core


def empty_window(
    points: NDArray[np.float32], size: tuple[int, int], rng: Generator, tile: tuple[int, int] = TILE
) -> Window | None:
    """Draws a part of a picture that shows nobody, for a tile enlarged 1 to 2 times; None where none was found.

    Sizes and places are random to the pixel, so that neither tells a network that nobody is there.

    Args:
        points: head points of the picture (n, 2), x and y.
        size: of the picture, height and width.
        rng: how much is drawn from it depends on nothing but the others.
        tile: its height and width.
    """
    for scale in np.sort(LARGEST_SCALE ** rng.random(SCALES)).tolist():
        part = part_size(size, scale, tile)
        tops, lefts = (_places(whole - extent, rng) for whole, extent in zip(size, part, strict=True))
        free = np.argwhere(are_empty(points, tops=tops, lefts=lefts, size=part))
        if len(free):
            row, column = free[rng.integers(len(free))]
            return Window(int(tops[row]), int(lefts[column]), *part)
    return None


def may_have_empty(source: Annotated, tile: tuple[int, int] = TILE) -> bool:
    """Whether `empty_window` finds a part of a picture that shows nobody, if it draws the smallest one."""
    size = source.picture.shape[:2]
    part = part_size((size[0], size[1]), LARGEST_SCALE, tile)
    tops, lefts = (np.arange(0, whole - extent + 1, STEP_PX) for whole, extent in zip(size, part, strict=True))
    return bool(are_empty(source.points, tops=tops, lefts=lefts, size=part).any())


def _places(last: int, rng: Generator) -> NDArray[np.intp]:
    """Returns places from 0 to the last one, a step apart, of which the first is random."""
    return np.arange(min(int(rng.integers(STEP_PX)), last), last + 1, STEP_PX)
