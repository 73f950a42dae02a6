"""Interlaced pictures: a camera that sees every other line a field later shows combs where things moved.

Where an odd line is brighter than both lines beside it or darker, it is taken for something that moved, and gives way
to what lies between them. What stands still keeps its lines, but for details and noise of a single line; so a stream
that tells of fields it does not have is counted nearly as before. Combs of less than `OUT_OF_KEEPING` levels stay.

Many encoders send fields and do not say so. Then neighbouring pictures tell: see `Fields`.
"""

import threading

import cv2
import numpy as np
from numpy.typing import NDArray

OUT_OF_KEEPING = 10
"""Levels by which a line that moved is brighter than the brighter one beside it, or darker than the darker one."""
BESIDE = np.ones((1, 5), np.uint8)
"""Pixels to both sides of one that moved are taken to have moved as well."""
LOOKED_AT = 4
"""Of so many columns one is looked at, which takes 0.1 ms of PAL and 0.2 ms of 720 lines."""
LEAST = 3  # lines, and columns that are looked at
MOST_LINES = 1088
"""Of a picture with fields: no camera sends 1440 or 2160 lines so, and looking at these takes longest."""
MOVED, MOVED_OF_OWN = 0.05, 0.25
"""By how much combs with the picture beside exceed a picture's own where something is held to have moved: in levels, on
average over the odd lines, and as a part of its own. Noise makes combs of its own, which differ by less than that."""
AS_FIELDS, AS_WHOLE = 0.6, 0.85
"""How much of what combs can grow by they grow by with the picture beside, at most of fields and at least of whole
pictures. Woven from both clips that were looked at it was 0.52 at most, as they are 0.96 at least."""
ENOUGH = 5
"""Pairs of pictures that are more on one side than on the other."""
AGAIN = 50
"""Of so many pictures two are looked at where there were no fields."""
ARRAYS, KEPT = 5, 3
"""To work in, of each shape; and shapes: luma and colours of one camera, and its RGB."""


def uncombed(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns a picture (H, W) or (H, W, 3) without the combs of what moved between its fields, as a copy.

    Its even lines stay as they are, whichever field was seen first. A plane of PAL takes 0.1 ms, of 1080 lines 0.5 ms.
    """
    found = plane.copy()
    if plane.shape[0] < 3:
        return found
    odd = plane[1::2]
    later, above, below, low, high = _SCRATCH.arrays(odd.shape)
    later[:], above[:], below[:] = odd, plane[:-1:2], above
    below[: len(plane[2::2])] = plane[2::2]
    outside = _outside(later, above, below, low, high)
    between = cv2.addWeighted(above, 0.5, below, 0.5, 0, dst=above)
    _, moved = cv2.threshold(outside, OUT_OF_KEEPING, 255, cv2.THRESH_BINARY, dst=low)
    cv2.copyTo(between, cv2.dilate(moved, BESIDE, dst=high), later)
    found[1::2] = later
    return found


class Fields:
    """Whether a stream sends two fields in a picture: it says so, or its pictures show it when something moves.

    Of two fields the later one was seen half way to the next picture: its lines fit the earlier field of that as well
    as that of their own. Lines that were seen at once fit those of their own picture alone, and those of the next and
    of the one before equally badly. The idea is that of FFmpeg's filter `idet`. Nothing is concluded where hardly more
    changed than noise does; `ENOUGH` pairs of pictures that agree decide. That there are fields is decided for good,
    that there are none is looked at again now and then: with pictures left out between them, fields look like none.
    """

    def __init__(self) -> None:
        self._votes, self._looks = 0, 0
        self._before: NDArray[np.uint8] | None = None

    def are_in(self, luma: NDArray[np.uint8] | None, *, told: bool) -> bool:
        """Returns whether a picture has two fields.

        Args:
            luma: of the next picture of the stream, (H, W), as stored; None where it cannot be had cheaply.
            told: whether the picture itself says that it has.
        """
        if luma is not None and len(luma) > MOST_LINES:
            return told
        if self._votes >= ENOUGH:
            return True
        before, self._before = self._before, None
        if told or luma is None or not self._is_to_be_looked_at():
            return told
        self._before = np.ascontiguousarray(luma[:, ::LOOKED_AT])
        if before is not None and before.shape == self._before.shape and min(before.shape) >= LEAST:
            self._votes = max(-ENOUGH, self._votes + _vote(before, self._before))
        return self._votes >= ENOUGH

    @property
    def are_none(self) -> bool:
        """Whether there seem to be none."""
        return self._votes <= -ENOUGH

    def _is_to_be_looked_at(self) -> bool:
        """Whether it is undecided, or time for two pictures in a row nevertheless."""
        self._looks = (self._looks + 1) % AGAIN
        return not self.are_none or self._looks < 2


def _vote(one: NDArray[np.uint8], following: NDArray[np.uint8]) -> int:
    """Returns 1 where two neighbouring pictures look like fields, -1 where they do not, 0 where nothing can be told."""
    own = max(_combs(one, one), _combs(following, following))
    least, most = sorted((_combs(following, one), _combs(one, following)))
    if most - own < max(MOVED, own * MOVED_OF_OWN):
        return 0
    share = (least - own) / (most - own)  # 0 of fields, 1 of whole pictures
    return 1 if share < AS_FIELDS else -1 if share > AS_WHOLE else 0


def _combs(even: NDArray[np.uint8], odd: NDArray[np.uint8]) -> float:
    """Returns by how many levels the odd lines of one picture are out of keeping with the even ones of another."""
    lines = (min(len(even), len(odd)) - 1) // 2  # that have one above and one below
    later, above, below = odd[1::2][:lines], even[::2][:lines], even[2::2][:lines]
    outside = _outside(later, above, below, np.empty_like(later), np.empty_like(later))
    return float(cv2.mean(cv2.subtract(outside, np.full_like(later, OUT_OF_KEEPING)))[0])


def _outside(
    later: NDArray[np.uint8],
    above: NDArray[np.uint8],
    below: NDArray[np.uint8],
    low: NDArray[np.uint8],
    high: NDArray[np.uint8],
) -> NDArray[np.uint8]:
    """Returns by how many levels lines are brighter than both beside them, or darker; writes to `low` and `high`."""
    cv2.min(above, below, dst=low)
    cv2.max(above, below, dst=high)
    outside = cv2.max(cv2.subtract(later, high, dst=high), cv2.subtract(low, later, dst=low), dst=high)
    return np.asarray(outside, np.uint8)


class _Scratch(threading.local):
    """Room to work in, of each thread for itself: what is made anew for every plane costs more than the arithmetic."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], NDArray[np.uint8]] = {}

    def arrays(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Returns `ARRAYS` arrays of a shape, with anything in them; those of the last few shapes are kept."""
        if shape not in self._kept:
            if len(self._kept) == KEPT:
                self._kept.clear()
            self._kept[shape] = np.empty((ARRAYS, *shape), np.uint8)
        return self._kept[shape]


_SCRATCH = _Scratch()
