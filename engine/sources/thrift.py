"""What of a live camera's video need not be decoded, since nobody would look at it; pure: time is an argument.

Pictures that no other one is built on are left out while none is wanted, and all but key frames where these come as
often as pictures are wanted, or as the model has time for one beside other cameras. A stream of key frames alone is
decoded when one is wanted. What costs next to nothing is decoded whole, so that the newest picture is always there.
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
DEAR_SHARE = 0.05  # of a core: where decoding all takes less, key frames are not waited for because the model is busy
LONGEST_KEYS_S = 2.5  # between key frames that are waited for: two seconds are common, and a count is to be no older
STAYS = 1.5  # times as long as its turn may key frames be apart before it is given up to wait for them
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
        turn_s: Callable[[], float] = lambda: 0.0,
        keys_suffice: bool = False,
    ) -> None:
        """Begins with decoding all.

        Args:
            is_wanted: whether a picture that comes at a time would be looked at, by the clock of `skip`.
            is_watched: whether people look, who want all.
            interval_s: between two pictures that are wanted, at least.
            turn_s: between two pictures that the model has time for.
            keys_suffice: whether key frames do while nobody looks, however rare they are.
        """
        self._keys_suffice, self._turn_s = keys_suffice, turn_s
        self._is_wanted, self._is_watched, self._interval_s = is_wanted, is_watched, interval_s
        self.spared = 0
        """Packets that gave no picture since it was asked for none."""
        self._skip: Skip = NOTHING
        self._cost_s: float | None = None
        self._keys: deque[float] = deque(maxlen=KEYS)
        self._gap_before_s = math.inf
        self._since_key = self._between_keys = 0
        self._came: deque[float] = deque(maxlen=8 * KEYS)

    def begin(self) -> None:
        """A new connection was made, whose key frames are taken to be as far apart as those of the one before."""
        if self._keys:  # else it was lost before its first one
            self._gap_before_s = self._longest_gap_s
        self._keys.clear()
        self._came.clear()
        self._skip, self._since_key = NOTHING, 0

    def skip(self, *, is_key: bool, now_s: float, own_s: float | None = None) -> Skip:
        """Returns what to leave out of a packet that is decoded next.

        Args:
            is_key: whether it is a key frame.
            now_s: any clock that only goes forwards.
            own_s: its own time, if it has one: how far key frames are apart is seen by it also where packets are late,
                since decoding all of them takes longer than they do to come.
        """
        self._came.append(now_s)
        self._since_key += 1
        if is_key:
            self._between_keys, self._since_key = self._since_key, 0
            time_s = now_s if own_s is None else own_s
            if self._keys and time_s < self._keys[-1]:
                self._keys.clear()
            self._keys.append(time_s)
        if is_key or self._skip != ALL_BUT_KEYS:  # what is built on pictures that were left out is not whole
            self._skip = self._choice(now_s)
        return self._skip

    @property
    def waits_for_keys(self) -> bool:
        """Whether nothing but key frames is decoded now, since no others are wanted."""
        return self._skip == ALL_BUT_KEYS and self._keys_are_wanted

    @property
    def waits_s(self) -> float:
        """How far apart at most key frames are, where it waits for them; 0 where it does not."""
        return self._longest_gap_s if self._skip == ALL_BUT_KEYS and self._longest_gap_s <= LONGEST_KEYS_S else 0.0

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
        if self._share < LEAST_SHARE:
            return NOTHING
        if len(self._keys) == KEYS and self._between_keys == 1:
            return NOTHING if self._is_wanted(now_s) else EVERYTHING
        if self._keys_suffice or self._keys_are_wanted or self._keys_are_all_there_is_time_for:
            return ALL_BUT_KEYS
        if self._is_wanted(now_s):
            return NOTHING
        return ALL_BUT_KEYS if self._longest_gap_s <= YOUNG_S else UNREFERENCED

    @property
    def _share(self) -> float:
        """Of a core, that decoding every packet takes."""
        rate = (len(self._came) - 1) / max(self._came[-1] - self._came[0], 0.1) if self._came else 0.0
        return rate * (self._cost_s or 0.0)

    @property
    def _keys_are_wanted(self) -> bool:
        """Whether key frames come as often as pictures are wanted."""
        return self._longest_gap_s <= min(SLACK * self._interval_s, LONGEST_KEYS_S)

    @property
    def _keys_are_all_there_is_time_for(self) -> bool:
        """Whether the model comes for a picture no more often than key frames do, and decoding all is dear."""
        turn_s = self._turn_s() * (STAYS if self._skip == ALL_BUT_KEYS else 1.0)
        return self._longest_gap_s <= min(turn_s, LONGEST_KEYS_S) and self._share >= DEAR_SHARE

    @property
    def _longest_gap_s(self) -> float:
        """Between the last key frames; infinite while there were few, and nothing is known from before."""
        gap_s = max((later - earlier for earlier, later in pairwise(self._keys)), default=0.0)
        if len(self._keys) >= KEYS:
            return gap_s
        return max(self._gap_before_s, gap_s) if self._keys else math.inf
