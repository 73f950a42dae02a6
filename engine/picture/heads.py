"""Where heads are, as points: the local maxima of a density map that hold enough of its people."""

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_MASS = 0.5  # people who flow together at a maximum, so that half a person is none
BLUR_CELLS = 0.8  # before maxima are looked for: the noise of single cells is no head
STEPS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def heads(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns where heads are.

    Each cell belongs to the maximum that is found from it by going uphill, so that no person is seen twice; where
    people stand close, one maximum may be several of them.

    Args:
        density: people per cell (h, w), as fine as there is.

    Returns:
        (n, 2): x and y from 0 to 1, at the maxima's centres of mass; the strongest first.
    """
    rows, columns = density.shape
    people = np.nan_to_num(density, nan=0.0, posinf=0.0, neginf=0.0).clip(min=0.0).astype(np.float32)
    soft = cv2.GaussianBlur(people, (0, 0), BLUR_CELLS, borderType=cv2.BORDER_CONSTANT)
    summit = _summits(np.asarray(soft, np.float32))
    mass = np.bincount(summit, people.ravel(), people.size)
    y, x = np.indices((rows, columns), np.float32) + 0.5
    chosen = np.flatnonzero(mass >= LEAST_MASS)
    chosen = chosen[np.argsort(-mass[chosen], kind="stable")]
    centres = [np.bincount(summit, (people * place).ravel(), people.size)[chosen] for place in (x, y)]
    points = np.stack(centres, axis=1) / mass[chosen, None] / (columns, rows)
    return np.asarray(points, np.float32)


def _summits(heights: NDArray[np.float32]) -> NDArray[np.intp]:
    """Returns for each cell, row by row, the number of the cell that steepest ascent ends at."""
    rows, columns = heights.shape
    padded = np.pad(heights, 1, constant_values=-1.0)
    highest, step = heights.copy(), np.zeros(heights.shape, np.intp)
    for down, right in STEPS:
        neighbour = padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        is_higher = neighbour > highest
        if (down, right) < (0, 0):  # of cells that are as high as each other the first is the summit
            is_higher |= (neighbour == heights) & (step == 0)
        np.copyto(highest, neighbour, where=is_higher)
        step[is_higher] = down * columns + right
    uphill = (np.arange(heights.size).reshape(heights.shape) + step).ravel()
    while True:  # each round doubles the way that is gone
        further = uphill[uphill]
        if np.array_equal(further, uphill):
            return uphill
        uphill = further
