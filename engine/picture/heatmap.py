"""The picture of a density map: transparent where nobody is, from blue to bright yellow where people stand close."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture.tiling import TILE_WIDTH, Grid

FULL_SCALE = 0.10 / 64  # people per square pixel of a tile that is drawn in the strongest colour
BLUR_CELLS = 1.5  # cells are drawn soft, for their edges mean nothing
LARGEST_ALPHA = 0.85


def _palette() -> NDArray[np.uint8]:
    """Smith and van der Walt's "plasma": equal steps look equal and get lighter, for colour-blind people too."""
    ramp = np.arange(256, dtype=np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(ramp[:, None], cv2.COLORMAP_PLASMA), cv2.COLOR_BGR2RGB)[:, 0]
    alpha = 255 * LARGEST_ALPHA * np.clip(ramp / 96.0, 0, 1)  # opaque from a little over a third on
    return np.concatenate([colours, alpha.astype(np.uint8)[:, None]], axis=1)


PALETTE = _palette()
"""RGBA, (256, 4): the colour of each strength from nobody to crowded."""


def coloured(density: NDArray[np.float32], grid: Grid) -> NDArray[np.uint8]:
    """Returns a density map (h, w), in people per cell, as colours RGBA uint8 (h, w, 4)."""
    cell = grid.columns * TILE_WIDTH / density.shape[1]
    soft = cv2.GaussianBlur(density, (0, 0), BLUR_CELLS, borderType=cv2.BORDER_CONSTANT)
    strength = np.clip(soft * (255 / (FULL_SCALE * cell * cell)), 0, 255).astype(np.uint8)
    return np.asarray(PALETTE[strength], np.uint8)


def blended(picture: NDArray[np.uint8], colours: NDArray[np.uint8], opacity: float = 0.7) -> NDArray[np.uint8]:
    """Lays colours RGBA (h, w, 4) over a picture RGB (H, W, 3); opacity 0 to 1."""
    height, width = picture.shape[:2]
    large = cv2.resize(colours, (width, height), interpolation=cv2.INTER_LINEAR)
    alpha = large[:, :, 3:].astype(np.uint16) * round(opacity * 256) >> 8
    mixed = (picture.astype(np.uint16) * (255 - alpha) + large[:, :, :3].astype(np.uint16) * alpha) // 255
    return mixed.astype(np.uint8)
