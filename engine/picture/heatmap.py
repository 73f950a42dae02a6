"""The picture of a density map: transparent where nobody is, from blue to bright yellow where people stand close."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.picture.tiling import TILE_WIDTH, Grid

FULL_SCALE = 0.10 / 64  # people per square pixel of a tile that is drawn in the strongest colour
BLUR_CELLS = 1.5
FALL_S = 20.0  # in which an automatic scale falls to a third
LARGEST_ALPHA = 0.85
DARKEST = 64  # of 256 colours of the scale: those before it are as dark as people's clothes, and hard to tell apart


def _palette() -> NDArray[np.uint8]:
    """Smith and van der Walt's "plasma": equal steps look equal and get lighter, for colour-blind people too."""
    ramp = np.arange(256, dtype=np.uint8)
    places = np.linspace(DARKEST, 255, 256).round().astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(places[:, None], cv2.COLORMAP_PLASMA), cv2.COLOR_BGR2RGB)[:, 0]
    alpha = 255 * LARGEST_ALPHA * np.clip(ramp / 96.0, 0, 1)  # opaque from a little over a third on
    return np.concatenate([colours, alpha.astype(np.uint8)[:, None]], axis=1)


PALETTE = _palette()
"""RGBA, (256, 4): the colour of each strength from nobody to crowded."""


class Scale:
    """How many people per cell are drawn in the strongest colour: rises at once, and falls slowly, without flicker."""

    def __init__(self) -> None:
        self._most, self._time_s = 0.0, 0.0

    def most(self, peak: float, time_s: float, *, least: float) -> float:
        """Returns what suits a map.

        Args:
            peak: of the map, softened.
            time_s: of the map, on a clock that only goes forwards.
            least: so that the noise of an empty place is not drawn as a crowd.
        """
        fallen = self._most * math.exp(-max(0.0, time_s - self._time_s) / FALL_S)
        self._most, self._time_s = max(peak, least, fallen), time_s
        return self._most


def usual_most(density: NDArray[np.float32], grid: Grid) -> float:
    """Returns the people per cell that are drawn in the strongest colour where nothing else is said."""
    cell: float = grid.columns * TILE_WIDTH / density.shape[1]
    return FULL_SCALE * cell * cell


def softened(density: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns a density map as it is drawn: soft, since the edges of its cells mean nothing."""
    soft = cv2.GaussianBlur(density, (0, 0), BLUR_CELLS, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)


def coloured(soft: NDArray[np.float32], most: float) -> NDArray[np.uint8]:
    """Returns a softened map (h, w), in people per cell, as colours RGBA uint8 (h, w, 4).

    Args:
        soft: from `softened`.
        most: people per cell in the strongest colour.
    """
    strength = np.clip(soft * (255 / most), 0, 255).astype(np.uint8)
    return np.asarray(PALETTE[strength], np.uint8)


def blended(picture: NDArray[np.uint8], colours: NDArray[np.uint8], opacity: float = 0.7) -> NDArray[np.uint8]:
    """Lays colours RGBA (h, w, 4) over a picture RGB (H, W, 3); opacity 0 to 1."""
    height, width = picture.shape[:2]
    large = cv2.resize(colours, (width, height), interpolation=cv2.INTER_LINEAR)
    alpha = large[:, :, 3:].astype(np.uint16) * round(opacity * 256) >> 8
    mixed = (picture.astype(np.uint16) * (255 - alpha) + large[:, :, :3].astype(np.uint16) * alpha) // 255
    return mixed.astype(np.uint8)
