"""What is wrong with a picture, so that its count can be marked: grey, frozen, torn, dark, covered or blurred.

FFmpeg's decoder hides what it misses by parts of the picture before, which no statistic of the pixels shows: there a
torn picture is known only by the decoder's own word. What stays wrong until the next whole key frame is said by no flag
at all, so it is remembered here. The pixels tell of torn pictures only where a camera or recorder repeated a row.

Covered and blurred pictures are told by some rows, as wide as a tile. Of 300 pictures of crowds, streets and rooms the
largest share of blocks without detail was 0.53, the least `fine` 0.19 and the least `steep` 0.26; blurred by a
hundredth of their width they had at most 0.14 and 0.16, and four fifths covered a share of 0.79 and more.
"""

import math
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

ROW_STEP = 8  # of so many rows one is looked at; a burnt-in clock is higher than that
FROZEN_AFTER_S = 10.0  # longer than encoders take between key frames: a still scene may not change before
TORN_AT_MOST_S = 10.0  # after damage, where a stream has no key frames but refreshes bit by bit
GREYS = slice(126, 132)  # what decoders give for what they never received, as luma and as RGB
GREY_SHARE = 0.4  # of the pixels of exactly one such grey; real pictures had at most 0.05
FLAT_SHARE, FLAT_STEPS = 0.98, 2  # of the pixels within so many steps of the commonest value
DARK_SHARE, DARK_BELOW = 0.98, 32  # of the pixels darker than that
REPEATED_SHARE = 0.08  # of the rows, at the bottom, each like the one above; real pictures had at most 0.0125
REPEATED_CHANGE = 0.5  # mean difference of two rows that are the same
STRUCTURE = 8.0  # standard deviation along a row that is not just a border
WIDTH, BLOCK, FAR = 512, 16, 8  # of the rows in which detail is looked for, of a block of them; apart from each other
PLAIN_CHANGE, COVERED_SHARE = 1.2, 0.75  # mean change from pixel to pixel in a block that shows nothing; of the blocks
FINE, STEEP = 0.165, 0.2  # change from pixel to pixel, over that between pixels far apart: in the mean, and at edges
DETAIL_S = 1.0  # so often detail is looked for, which costs more than all the rest
EDGES = 0.99  # the quantile of changes that is taken for edges


class Condition(StrEnum):
    """What a picture is good for."""

    CLEAR = "clear"
    GREY = "grey"
    """One flat colour, or a part of it never received."""
    FROZEN = "frozen"
    """The same picture again and again, to the pixel, although frames arrive."""
    TORN = "torn"
    """Parts are missing, repeated, or left over from other pictures."""
    DARK = "dark"
    """Black, or nearly."""
    COVERED = "covered"
    """Most of it shows nothing."""
    BLURRED = "blurred"
    """All of it is out of focus, or dirty."""


class Inspector:
    """Looks at the pictures of one camera in order."""

    def __init__(self, *, frozen_after_s: float = FROZEN_AFTER_S) -> None:
        self.frozen_after_s = frozen_after_s
        self._rows: NDArray[np.uint8] | None = None
        self._changed_s = 0.0
        self._damaged_s: float | None = None
        self._detail, self._looked_s = Condition.CLEAR, math.inf

    def inspect(
        self, picture: NDArray[np.uint8], time_s: float, *, damaged: bool = False, is_key: bool = False
    ) -> Condition:
        """Says what is wrong with a picture, the worst first.

        Args:
            picture: RGB (H, W, 3), or only its luma (H, W).
            time_s: when it came; a clock that jumps back starts afresh.
            damaged: whether the decoder marked it as corrupt, or failed on a packet since the picture before.
            is_key: whether it is a key frame, which owes nothing to pictures before it.
        """
        rows = picture[::ROW_STEP] if picture.ndim == 2 else picture[::ROW_STEP, :, 1]
        shares = np.bincount(rows[:, ::4].ravel(), minlength=256) / rows[:, ::4].size
        frozen = self._is_frozen(picture[::ROW_STEP], time_s)
        torn = self._is_damaged(time_s, damaged=damaged, is_key=is_key)
        if shares[:DARK_BELOW].sum() >= DARK_SHARE:
            return Condition.DARK
        if _is_grey(shares):
            return Condition.GREY
        if not 0 <= time_s - self._looked_s < DETAIL_S:
            self._detail, self._looked_s = _detail(rows[::2]), time_s
        detail = self._detail
        if torn or (detail is not Condition.BLURRED and _ends_in_one_row(picture)):
            return Condition.TORN
        return Condition.FROZEN if frozen else detail

    def _is_frozen(self, rows: NDArray[np.uint8], time_s: float) -> bool:
        same = self._rows is not None and time_s >= self._changed_s and np.array_equal(rows, self._rows)
        if not same:
            self._rows, self._changed_s = rows.copy(), time_s
        return time_s - self._changed_s >= self.frozen_after_s

    def _is_damaged(self, time_s: float, *, damaged: bool, is_key: bool) -> bool:
        if damaged:
            self._damaged_s = time_s
        elif is_key or (self._damaged_s is not None and not 0 <= time_s - self._damaged_s <= TORN_AT_MOST_S):
            self._damaged_s = None
        return self._damaged_s is not None


def _detail(rows: NDArray[np.uint8]) -> Condition:
    """Says whether some rows of a picture show as much as one that is in focus and sees something."""
    wide = min(WIDTH, rows.shape[1]) // BLOCK * BLOCK
    if wide < 2 * BLOCK:
        return Condition.CLEAR
    seen = cv2.resize(rows, (wide, rows.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32)
    near, far = np.abs(np.diff(seen, axis=1)), np.abs(seen[:, FAR:] - seen[:, :-FAR])
    if near.mean() < FINE * far.mean() and np.quantile(near, EDGES) < STEEP * np.quantile(far, EDGES):
        return Condition.BLURRED
    blocks = np.pad(near, ((0, 0), (0, 1))).reshape(len(seen), -1, BLOCK).mean(axis=2)
    return Condition.COVERED if (blocks < PLAIN_CHANGE).mean() >= COVERED_SHARE else Condition.CLEAR


def _is_grey(shares: NDArray[np.float64]) -> bool:
    """Takes the share of the pixels that each of 256 values has."""
    commonest = int(shares.argmax())
    near = shares[max(0, commonest - FLAT_STEPS) : commonest + FLAT_STEPS + 1].sum()
    return bool(near >= FLAT_SHARE or shares[GREYS].max() >= GREY_SHARE)


def _ends_in_one_row(picture: NDArray[np.uint8]) -> bool:
    count = max(2, math.ceil(REPEATED_SHARE * picture.shape[0]))
    bottom = picture[-count:, ::ROW_STEP] if picture.ndim == 2 else picture[-count:, ::ROW_STEP, 1]
    change = np.abs(np.diff(bottom.astype(np.float32), axis=0)).mean(axis=1)
    return bool((change < REPEATED_CHANGE).all() and (bottom.std(axis=1) > STRUCTURE).all())
