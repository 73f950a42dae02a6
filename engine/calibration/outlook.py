"""What a camera looked at when it was calibrated, and whether it still does; pure.

Kept is where a small picture is brighter and where it is darker than around, in three steps: that stays when light
comes and goes, and a crowd takes little of it. The rest of a crowd is taken away by looking more than once. Measured on
the demonstration clip and three lecture rooms on many days, empty and full, with the light changed in seven ways: no
false alarm of five looks together; all views that went on by a tenth of the width or height, nearly all by a twentieth
of the height, are known, and one of which a third is left out by a zoom; a turn of the picture by 8 degrees is not.
"""

import base64
import binascii
from collections import deque
from dataclasses import dataclass, field
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 36, 64
"""Cells of the picture: a turn by one of them is not seen, one by four is."""
AROUND, OVER = 3.0, 6.0  # cells, within which a cell is brighter or darker, and over which that is taken relative
STEP = 0.35  # from which on it is
REACH = 5, 8  # cells down and across by which the view may have gone on
TURNED, LEAST = 0.3, 0.35  # how much better it fits elsewhere, and how well it has to
LOST = 0.1  # how well what has nothing in common fits at most, where it lies
LOOKS, EVERY_S = 5, 2.0
"""So many looks are taken together, so far apart."""
BITS = WIDTH * HEIGHT * 2


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is seen."""

    steps: NDArray[np.float32] = field(repr=False)
    """1 where it is brighter than around, -1 where darker, 0 between, (36, 64)."""

    @classmethod
    def of(cls, picture: NDArray[np.uint8]) -> "Outlook":
        """Returns what a picture shows, RGB (H, W, 3) or grey (H, W)."""
        grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        small = cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
        apart = small - cv2.GaussianBlur(small, (0, 0), AROUND)
        usual = np.sqrt(cv2.GaussianBlur(apart * apart, (0, 0), OVER)) + 0.5 * apart.std() + 1.0
        relative = apart / usual
        return cls(((relative > STEP).astype(np.float32) - (relative < -STEP)).astype(np.float32))

    @classmethod
    def read(cls, text: str) -> "Outlook | None":
        """Returns what was written; None where it is none."""
        try:
            packed = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
        except (binascii.Error, ValueError):
            return None
        if len(packed) != BITS // 8:
            return None
        bright, dark = np.unpackbits(packed).reshape(2, HEIGHT, WIDTH).astype(np.float32)
        return cls(bright - dark)

    @property
    def written(self) -> str:
        """The whole of it, in 768 letters of base 64."""
        return base64.b64encode(np.packbits([self.steps > 0, self.steps < 0]).tobytes()).decode()

    def fits(self, seen: "Outlook") -> tuple[float, float]:
        """Returns how well what is seen fits where it lay, and where it fits best, each from -1 to 1."""
        down, across = REACH
        within = seen.steps[down:-down, across:-across]
        found = cv2.matchTemplate(self.steps, within, cv2.TM_CCOEFF_NORMED)
        return float(found[down, across]), float(found.max())


class Watch:
    """Whether a camera looks where it looked when it was calibrated; of one thread."""

    def __init__(self, outlook: Outlook | None) -> None:
        """Takes what it looked at; without it nobody knows."""
        self._outlook = outlook
        self._fits: deque[tuple[float, float]] = deque(maxlen=LOOKS)
        self._due_s = float("-inf")
        self.has_moved = False
        """What the looks say together."""

    def is_due(self, time_s: float) -> bool:
        """Whether it is time for a look; a clock that jumps back begins anew."""
        return self._outlook is not None and not self._due_s - EVERY_S <= time_s < self._due_s

    def look(self, picture: NDArray[np.uint8], time_s: float) -> None:
        """Takes a look at a picture, RGB (H, W, 3)."""
        if self._outlook is None:
            return
        self._due_s = time_s + EVERY_S
        self._fits.append(self._outlook.fits(Outlook.of(picture)))
        here, best = (median(each) for each in zip(*self._fits, strict=True))
        self.has_moved = here < LOST or (best >= LEAST and best - here >= TURNED)
