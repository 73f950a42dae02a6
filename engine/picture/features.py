"""What a picture looks like, in a dozen numbers that the model's training pictures had too; pure.

They are found on the model's own tiles, some rows and columns of them, and cost little beside it. The trainer computes
the very same.
"""

import numpy as np
from numpy.typing import NDArray

START, STEP = 4, 8  # of so many rows and columns one is looked at
FLAT, STEEP = 1.5, 40  # mean change within a block that shows nothing, and change from pixel to pixel at an edge
LEAST_LEVEL = 0.3
FEATURES = 12


def features(tiles: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Returns what a picture looks like, (12,): brightness, contrast, detail, noise, flat and dark parts, colour.

    Args:
        tiles: of one picture, uint8 (N, 384, 512, 3) RGB.
    """
    rows = tiles[:, START::STEP, :, 1].astype(np.float32)
    columns = tiles[:, :, START::STEP, 1].astype(np.float32)
    small = tiles[:, START::STEP, START::STEP].astype(np.float32)
    green, colour = small[..., 1], small.max(-1) - small.min(-1)
    across, bent = np.abs(np.diff(rows, axis=2)), np.abs(np.diff(rows, 2, axis=2))
    down, far = np.abs(np.diff(columns, axis=1)), np.abs(np.diff(green, axis=2))
    blocks = across[:, :, : 8 * 63].reshape(len(tiles), 6, 8, 8, 63).mean((2, 4))
    detail = _level(across)
    return np.array(
        [
            green.mean() / 32,
            2 * np.log(green.std() + 2),
            2 * detail,
            4 * (_level(bent) - detail),
            2 * (_level(far) - detail),
            4 * (_level(down) - detail),
            6 * (across <= 1).mean(),
            6 * (green < 24).mean(),
            6 * (green > 235).mean(),
            2 * np.log(colour.mean() + 2),
            6 * (blocks < FLAT).mean(),
            20 * (across > STEEP).mean(),
        ],
        np.float64,
    )


def _level(differences: NDArray[np.float32]) -> float:
    return float(np.log(differences.mean() + LEAST_LEVEL))
