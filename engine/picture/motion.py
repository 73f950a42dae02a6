"""The motion gate: says of a frame whether nothing moves in it, so that the count before may stand.

Frames are compared as small grey thumbnails with a background that adapts slowly, so whoever stands still is seen for
some seconds more. A change of the light on the whole picture is no motion.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 36, 64  # cells of a thumbnail
COARSE = 4  # of so many rows and columns at most one is looked at
LEAST_LOOKED_AT = 4  # rows and columns of pixels in each cell, over which sensor noise is averaged
LEAST_CHANGE = 4.0  # of 255: cells that differ by more may be moving
LEAST_NOISES = 6.0  # and by so many times what cells differ by anyway
MOST_CHANGE = 10.0  # but whatever differs by more is: where a crowd fills the picture, most cells move
LEAST_CELLS = 2
BACKGROUND_S = 10.0  # time constant of the background
LONGEST_IDLE_S = 2.0


def thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a picture RGB (H, W, 3), or its luma (H, W), as grey uint8 (36, 64)."""
    step = max(1, min(COARSE, picture.shape[0] // (HEIGHT * LEAST_LOOKED_AT)))
    grey = picture[::step, ::step]
    if grey.ndim == 3:
        grey = np.asarray(cv2.cvtColor(grey, cv2.COLOR_RGB2GRAY), np.uint8)
    return np.asarray(cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


class MotionGate:
    """Decides frame by frame for one camera."""

    def __init__(self, *, longest_idle_s: float = LONGEST_IDLE_S) -> None:
        """After `longest_idle_s` without motion a frame is counted anyway."""
        self.longest_idle_s = longest_idle_s
        self._background: NDArray[np.float32] | None = None
        self._seen_s = self._counted_s = -math.inf

    def is_idle(self, small: NDArray[np.uint8], time_s: float) -> bool:
        """Takes a thumbnail, see `thumbnail`, at a time in seconds; a clock that jumps back starts afresh."""
        elapsed_s, self._seen_s = time_s - self._seen_s, time_s
        current = small.astype(np.float32)
        if self._background is None or elapsed_s < 0 or self._background.shape != current.shape:
            self._background, self._counted_s = current, time_s
            return False
        difference = current - self._background
        self._background += difference * np.float32(1 - math.exp(-elapsed_s / BACKGROUND_S))
        if _moves(difference) or time_s - self._counted_s >= self.longest_idle_s:
            self._counted_s = time_s
            return False
        return True


def _moves(difference: NDArray[np.float32]) -> bool:
    change = np.abs(difference - np.median(difference))
    noise = 1.4826 * float(np.median(change))  # the standard deviation, if most cells only have noise
    threshold = min(max(LEAST_CHANGE, LEAST_NOISES * noise), MOST_CHANGE)
    return int(np.count_nonzero(change > threshold)) >= LEAST_CELLS
