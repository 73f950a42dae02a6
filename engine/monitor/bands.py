"""How crowded the ground is, as colours that lie over a picture: one for each of Fruin's bands; pure."""

import numpy as np
from numpy.typing import NDArray

from engine.calibration.crowding import BANDS, around
from engine.calibration.ground import Ground

COLOURS = ("#2b83ba", "#80bf80", "#d9ef8b", "#fec44f", "#f16913", "#a50f15")
"""Of the bands A to F; told apart without red and green too, from cold and dark over light to hot and dark."""
LEAST = 0.05
"""People per square metre below which the ground stays as it is."""
ALPHA = 190  # of 255
PALETTE = np.array([[*bytes.fromhex(colour[1:]), ALPHA] for colour in COLOURS], np.uint8)


def banded(density: NDArray[np.float32], ground: Ground) -> NDArray[np.uint8]:
    """Returns the colours of the ground's bands, RGBA (h, w, 4); where nobody stands and above the horizon none.

    Args:
        density: people per cell over the whole picture, (h, w).
        ground: of its camera.
    """
    per_m2 = around(density, ground)
    known = np.nan_to_num(per_m2, nan=0.0)
    places = np.searchsorted([band.above for band in BANDS], known, side="right") - 1
    colours = PALETTE[places]
    colours[~(known >= LEAST)] = 0
    return colours
