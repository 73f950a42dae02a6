"""What is seen of a live camera's pictures before they are counted: whether they are whole, and anything moves."""

import math

from engine.picture.condition import Condition, Inspector
from engine.picture.frame import Look
from engine.picture.motion import LONGEST_IDLE_S, MotionGate, thumbnail
from engine.sources.arrival import Arrival


class Scrutiny:
    """Takes all that a camera sends in order, and looks closer at the pictures that are wanted."""

    def __init__(self, *, motion_gate: bool = False) -> None:
        self._inspector = Inspector()
        self._gate = MotionGate() if motion_gate else None
        self._damaged = self._key = False
        self._condition, self._moved_s = Condition.CLEAR, -math.inf

    def notice(self, arrival: Arrival | None) -> None:
        """Keeps in mind what the decoder said, of pictures that nobody wants as well; None is a failed packet."""
        if arrival is None or arrival.damaged:
            self._damaged, self._key = True, False
        elif arrival.is_key:
            self._damaged, self._key = False, True

    def look(self, arrival: Arrival, time_s: float) -> Look:
        """Looks at a picture that is wanted, and was noticed before."""
        if arrival.is_same and time_s - self._moved_s < LONGEST_IDLE_S:  # also counted anyway now and then
            return Look(is_idle=True, condition=self._condition)
        self._moved_s = time_s
        if arrival.is_same:
            return Look(condition=self._condition)
        luma = arrival.shot.luma()
        self._condition = self._inspector.inspect(luma, time_s, damaged=self._damaged, is_key=self._key)
        self._damaged = self._key = False
        is_idle = self._gate is not None and self._gate.is_idle(thumbnail(luma), time_s)
        return Look(is_idle, self._condition)
