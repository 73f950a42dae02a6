"""Which picture of a recording comes next while it runs, and when, at any speed; pure: time is an argument."""

import numpy as np
from numpy.typing import NDArray

SHOWN_PER_S = 60.0  # pictures, at most
EASE = 0.2  # weight of the newest picture in how long decoding takes
TINY_S = 1e-9
LATE_S = 0.25  # beyond which it goes on from where it is, in place of making up for lost time
LONGEST_WAIT_S = 2.0  # for the next picture: a gap is no part of the show


class Pace:
    """A clock that runs through the pictures; those that cannot be decoded in time are left out."""

    def __init__(self, times: NDArray[np.float64], place: int, speed: float, now_s: float) -> None:
        """Begins with a picture that is shown now.

        Args:
            times: of all pictures, in seconds, rising.
            place: of the one that is shown.
            speed: seconds of the recording in one second.
            now_s: on any clock that only goes forwards, as all of them.
        """
        self._times, self.place, self._speed = times, place, speed
        self._origin_s = now_s - float(times[place]) / speed
        """When the first picture would have been due."""
        self._cost_s, self._shown_s = 0.0, now_s

    def next(self, now_s: float) -> int:
        """Returns the picture to be decoded now: the last that is due once it is there, and not too soon after one."""
        due = int(np.searchsorted(self._times, self._time_s(now_s + self._cost_s) + TINY_S, side="right")) - 1
        apart = int(np.searchsorted(self._times, self._time_s(self._shown_s + 1 / SHOWN_PER_S) - TINY_S))
        self.place = min(max(self.place + 1, due, apart), len(self._times) - 1)
        return self.place

    def _time_s(self, at_s: float) -> float:
        return (at_s - self._origin_s) * self._speed

    def took(self, cost_s: float) -> None:
        """Notes how long it took to decode it."""
        self._cost_s += EASE * (cost_s - self._cost_s)

    def due_s(self, now_s: float) -> float:
        """Returns when it is to be shown; where that is long past or far off, the clock is set."""
        due_s = self._origin_s + float(self._times[self.place]) / self._speed
        if not -LATE_S <= due_s - now_s <= LONGEST_WAIT_S:
            due_s = min(max(due_s, now_s), now_s + LONGEST_WAIT_S)
            self._origin_s = due_s - float(self._times[self.place]) / self._speed
        self._shown_s = max(due_s, now_s)
        return due_s
