"""One rising time of a recording, whatever its own time stamps do; pure, so that it can be tried on any.

Joined recordings start again from an earlier time, cameras set their clocks, and some stamps are missing or come twice.
A step back of more than a few frames is a jump. So is a step forwards of more than a minute, where it stands alone: in
a recording of one frame an hour the steps beside it are of its kind, in one of 25 frames a second they are not. A
shorter gap is taken as it is, since nothing was recorded in it, or it was lost. A jump is closed: the next frame comes
one step after the one before.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median

from engine.sources.flaws import Hole, Jump

BACK_S, BACK_STEPS = 0.25, 6  # stamps out of order by no more than the longer are put right one by one
GAP_S = 60.0  # a longer step forwards has to be of the kind of its neighbours
KIN = 100  # times as long as the longer of them at most
LONGEST_STEP_S = 48 * 3600.0  # beyond this any step is a jump
LEAST_STEP_S = 0.001  # so that no two frames have the same time, to the digits that are written
RECENT_STEPS = 9
HOLE_STEPS = 1.5  # a step so many times as long as usual has a hole in it, where something was lost


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame is in its recording."""

    time_s: float
    """Seconds since the first frame; above that of the frame before."""
    missing: int = 0
    """How many frames were lost just before it."""
    flaw: Jump | Hole | None = None
    """What lies between it and the frame before, if that is not just a step."""


class Timeline:
    """Gives the frames of one recording their times, in the order in which they are shown."""

    def __init__(self, step_s: float) -> None:
        """Begins; `step_s` is the time between two frames as far as it is known beforehand."""
        self._nominal_s, self._recent_s = step_s, deque[float](maxlen=RECENT_STEPS)
        self._time_s: float | None = None
        self._own_s: float | None = None
        self._own_step_s: float | None = None
        self._base_s: float | None = None
        self._repeats = 0

    def place(self, own_s: float | None, next_s: float | None, *, damaged: bool = False) -> Place:
        """Returns where a frame is.

        Args:
            own_s: its own time stamp in seconds; None where it has none.
            next_s: that of the frame after it; None where there is none.
            damaged: whether something was lost shortly before it.
        """
        if self._time_s is None:
            self._base_s, found = own_s, Place(0.0)
        elif own_s is None or own_s == self._own_s:
            self._repeats += 1
            is_first = own_s is not None and self._repeats == 1  # which leaves room for the next stamp
            found = Place(self._time_s + self._step_s / (2 if is_first else 1))
        else:
            found = self._placed(own_s, next_s, self._time_s, damaged=damaged)
        self._time_s = found.time_s
        if own_s is not None and own_s != self._own_s:
            self._repeats = 0
            self._own_step_s = None if self._own_s is None else own_s - self._own_s
            self._own_s = own_s
        return found

    @property
    def _step_s(self) -> float:
        """The usual time between two frames: what the file says of it, until there are some."""
        return median(self._recent_s) if self._recent_s else self._nominal_s

    @property
    def end_s(self) -> float:
        """Where the last frame ends."""
        return 0.0 if self._time_s is None else self._time_s + self._step_s

    def hole_at_end(self, missing: int) -> Hole | None:
        """Returns what so many frames leave open that never came after the last."""
        return Hole(self.end_s, self.end_s + missing * self._step_s) if missing else None

    def _placed(self, own_s: float, next_s: float | None, before_s: float, *, damaged: bool) -> Place:
        follow_s = before_s + self._step_s
        if self._base_s is None:  # the first stamp of all
            self._base_s = own_s - follow_s
        step_s = own_s - self._base_s - before_s
        if self._own_s is not None and self._is_jump(step_s, None if next_s is None else next_s - own_s):
            self._base_s = own_s - follow_s
            return Place(follow_s, flaw=Jump(follow_s, self._own_s, own_s))
        if damaged and step_s > HOLE_STEPS * self._step_s:
            missing = round(step_s / self._step_s) - 1
            return Place(before_s + step_s, missing, Hole(follow_s, before_s + step_s))
        if step_s > LEAST_STEP_S:
            self._recent_s.append(step_s)
        return Place(before_s + max(step_s, LEAST_STEP_S))

    def _is_jump(self, step_s: float, next_step_s: float | None) -> bool:
        if step_s < -max(BACK_S, BACK_STEPS * self._step_s) or step_s > LONGEST_STEP_S:
            return True
        neighbours = [step for step in (self._own_step_s, next_step_s) if step is not None]
        return step_s > GAP_S and bool(neighbours) and step_s > KIN * max(neighbours)
