"""What of a live camera's video need not be decoded, since nobody would look at it; pure: time is an argument.

Pictures that no other one is built on are left out while none is wanted, and all but key frames where these come as
often as pictures are wanted. A stream of key frames alone is decoded when one is wanted. What costs next to nothing is
decoded whole, so that the newest picture is always there.
"""

import math
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from typing import Final, Literal, TypeAlias

Skip: TypeAlias = Literal["DEFAULT", "NONREF", "NONKEY", "ALL"]
"""What is left out, in FFmpeg's words."""
NOTHING: Final = "DEFAULT"
UNREFERENCED: Final = "NONREF"
ALL_BUT_KEYS: Final = "NONKEY"
EVERYTHING: Final = "ALL"
LEAST_SHARE = 0.01  # of a core, that decoding all would take
YOUNG_S = 0.25  # so long a picture that waits for the model is as good as a newer one
LONGEST_KEYS_S = 1.5  # between key frames that are waited for: a camera without pictures for longer seems to stall
SLACK = 1.1  # key frames may come by so much later than pictures are wanted
KEYS = 4  # that are looked back at
EASE = 0.1  # weight of the newest in what a picture costs


class Thrift:
    """Decides packet by packet, for one connection after the other of a camera."""

    def __init__(
        self,
        is_wanted: Callable[[float], bool] = lambda now_s: True,
        is_watched: Callable[[], bool] = lambda: True,
        interval_s: float = 0.0,
        *,
        keys_suffice: bool = False,
    ) -> None:
        """Begins with decoding all.

        Args:
            is_wanted: whether a picture that comes at a time would be looked at, by the clock of `skip`.
            is_watched: whether people look, who want all.
            interval_s: between two pictures that are wanted, at least.
            keys_suffice: whether key frames do while nobody looks, however rare they are.
        """
        self._keys_suffice = keys_suffice
        self._is_wanted, self._is_watched, self._interval_s = is_wanted, is_watched, interval_s
        self.spared = 0
        """Packets that gave no picture since it was asked for none."""
        self._skip: Skip = NOTHING
        self._cost_s: float | None = None
        self._keys: deque[float] = deque(maxlen=KEYS)
        self._since_key = self._between_keys = 0
        self._came: deque[float] = deque(maxlen=8 * KEYS)

    def begin(self) -> None:
        """A new connection was made: what came before says nothing of it."""
        self._keys.clear()
        self._came.clear()
        self._skip, self._since_key = NOTHING, 0

    def skip(self, *, is_key: bool, now_s: float) -> Skip:
        """Returns what to leave out of a packet that came now, and is decoded next."""
        self._came.append(now_s)
        self._since_key += 1
        if is_key:
            self._between_keys, self._since_key = self._since_key, 0
            self._keys.append(now_s)
        if is_key or self._skip != ALL_BUT_KEYS:  # what is built on pictures that were left out is not whole
            self._skip = self._choice(now_s)
        return self._skip

    @property
    def waits_for_keys(self) -> bool:
        """Whether nothing but key frames is decoded now, since no others are wanted."""
        return self._skip == ALL_BUT_KEYS and self._longest_gap_s <= self._often_s

    def decoded(self, pictures: int, elapsed_s: float) -> None:
        """Notes what became of that packet, and what it took."""
        if pictures:
            each_s = elapsed_s / pictures
            self._cost_s = each_s if self._cost_s is None else self._cost_s + EASE * (each_s - self._cost_s)
        else:
            self.spared += self._skip != NOTHING

    def _choice(self, now_s: float) -> Skip:
        if self._is_watched() or self._cost_s is None:
            return NOTHING
        if self._cost_s * self._rate < LEAST_SHARE:
            return NOTHING
        if len(self._keys) == KEYS and self._between_keys == 1:
            return NOTHING if self._is_wanted(now_s) else EVERYTHING
        if self._keys_suffice or self._longest_gap_s <= self._often_s:
            return ALL_BUT_KEYS
        if self._is_wanted(now_s):
            return NOTHING
        return ALL_BUT_KEYS if self._longest_gap_s <= YOUNG_S else UNREFERENCED

    @property
    def _rate(self) -> float:
        """Packets a second."""
        return (len(self._came) - 1) / max(self._came[-1] - self._came[0], 0.1)

    @property
    def _often_s(self) -> float:
        """How far apart key frames may be, so that nothing else need be decoded."""
        return min(SLACK * self._interval_s, LONGEST_KEYS_S)

    @property
    def _longest_gap_s(self) -> float:
        """Between the last key frames; infinite while there were few."""
        if len(self._keys) < KEYS:
            return math.inf
        return max(later - earlier for earlier, later in pairwise(self._keys))
