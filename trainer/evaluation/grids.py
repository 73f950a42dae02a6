"""The grid of tiles that the engine chooses for a picture by what is seen in it; a test holds both houses equal.

A picture with little in its finest half octave was enlarged on its way, and is divided as the size that it is worth.
One that fits a single tile and shows few people is enlarged to four. Here each picture is a camera of its own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.evaluation.counters import Counted, TileCounter
from trainer.evaluation.tiling import AS_ENGINE, Division, cut
from trainer.geometry import grid_for

CENTRE = (720, 1280)  # pixels, at most, that are looked at
LEAST_LINES = 256  # of a picture; smaller ones show too little to choose by
SPARSE = 20.0  # people in a picture of one tile; with fewer it is enlarged
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
    grid = grid_seen(picture)
    division = Division(shape=grid)
    found = counter(cut(picture, division))
    is_sparse = picture.shape[0] >= LEAST_LINES and float(found.people["count"].sum()) < SPARSE
    if grid == ONE_TILE and is_sparse:
        division = Division(shape=ENLARGED)
        found = counter(cut(picture, division))
    return division, found


def _split(picture: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """Returns the variance of the finest half octave, and the picture without it, smaller."""
    height, width = picture.shape
    size = max(1, round(width * STEP)), max(1, round(height * STEP))
    coarse = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    again = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return float(np.var(picture - again)), coarse
