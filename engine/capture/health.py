"""How a live camera is doing, judged by the arrival of its frames; pure: time is an argument.

Nothing here depends on a read returning: whoever asks for a report learns of a stall while the read still waits.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from engine.picture.condition import Condition
from engine.picture.layout import Layout
from engine.sources.arrival import Link

STALL_S = 2.0
SPOILED_S = 5.0  # for which it is shown that a frame could not be counted or shown
STALL_INTERVALS = 2.5  # of a camera that is asked for each picture
STALL_GAPS = 1.5  # of pictures that are decoded as far apart as its key frames are
RATE_WINDOW_S = 5.0
LEAST_WINDOW_S = 1.0  # the first frames come in a burst


class State(StrEnum):
    """What a live camera is doing."""

    CONNECTING = "connecting"
    """No frame has come yet."""
    LIVE = "live"
    STALLED = "stalled"
    """Connected, but no frame has come for a while."""
    RECONNECTING = "reconnecting"
    """Lost; it is tried again and again."""
    ENDED = "ended"
    """A recording that is over, or a camera that was stopped."""
    FAILED = "failed"
    """Something that a person has to put right; it is tried again once in a while."""


@dataclass(frozen=True, slots=True)
class HealthReport:
    """How a camera is doing at one moment."""

    state: State
    since_s: float
    """When the state began, on the monotonic clock."""
    problem: str
    """What went wrong last and what to do, in a sentence without secrets; empty while frames come and are counted."""
    frames: int
    """Decoded so far."""
    rate: float
    """Frames per second that arrived lately."""
    age_s: float | None
    """Time since the newest frame arrived; None before the first."""
    drops: int
    """Frames that were wanted but replaced by newer ones before they could be counted."""
    stalls: int
    reconnects: int
    """How often frames came again after a loss."""
    decode_errors: int
    condition: Condition
    """What the newest picture is good for."""
    size: tuple[int, int] | None
    """Height and width in pixels; None before the first frame."""
    link: Link | None
    """None before the first connection."""
    remark: str = ""
    """How its pictures are seen, where people should know; mostly empty."""


class Health:
    """The state machine; fed by one thread, asked by others, so the caller locks it."""

    def __init__(self, now: float, *, stall_s: float = STALL_S) -> None:
        self._least_stall_s, self._interval_s, self._gap_s = stall_s, 0.0, 0.0
        self._state, self._since_s, self._problem = State.CONNECTING, now, ""
        self._arrivals: deque[float] = deque()
        self._last_s: float | None = None
        self._frames = self._stalls = self._reconnects = self._decode_errors = 0
        self._spoiled_s, self._spoil, self._remark = float("-inf"), "", ""
        self._condition = Condition.CLEAR
        self._size: tuple[int, int] | None = None
        self._link: Link | None = None

    def connected(self, link: Link) -> None:
        """The camera answered; it is live only when its first frame comes."""
        self._link = link
        self._interval_s, self._gap_s = link.interval_s, 0.0

    def frame(self, now: float, layout: Layout, condition: Condition | None = None) -> None:
        """A frame was decoded; `condition` is None where nobody looked at it."""
        stalled = self._is_stalled(now)
        self._stalls += stalled
        self._reconnects += self._state in (State.RECONNECTING, State.FAILED) and self._frames > 0
        if self._state is not State.LIVE or stalled:
            self._enter(State.LIVE, now, "")
        self._frames += 1
        self._last_s, self._size, self._remark = now, layout.size, layout.remark
        self._condition = self._condition if condition is None else condition
        self._arrivals.append(now)
        self._forget(now)

    def spared(self, now: float, frames: int) -> None:
        """So many frames came since the one before, and were not decoded, since nobody wanted them."""
        self._frames += frames
        self._arrivals.extend([now] * frames)

    def waits_for(self, gap_s: float) -> None:
        """Pictures are decoded so far apart at most, since no others are wanted; 0 for all that come."""
        self._gap_s = gap_s

    def decode_error(self) -> None:
        """A packet could not be decoded, or gave a damaged picture."""
        self._decode_errors += 1

    def spoiled(self, now: float, problem: str) -> None:
        """A frame that was decoded could not be counted."""
        self._decode_errors += 1
        self.unshown(now, problem)

    def unshown(self, now: float, problem: str) -> None:
        """A frame that was decoded could not be shown, whether it was counted or not."""
        self._spoiled_s, self._spoil = now, problem

    def lost(self, now: float, problem: str) -> None:
        """The connection is gone or was never made; it will be tried again soon."""
        self._leave(State.RECONNECTING, now, problem)

    def failed(self, now: float, problem: str) -> None:
        """A person has to put something right."""
        self._leave(State.FAILED, now, problem)

    def ended(self, now: float, problem: str = "") -> None:
        """Nothing more will come; `problem` says why that is before its time."""
        self._leave(State.ENDED, now, problem)

    def report(self, now: float, *, drops: int = 0) -> HealthReport:
        """Returns how it is doing now; `drops` is counted elsewhere."""
        self._forget(now)
        stalled = self._is_stalled(now)
        stalled_since = (self._last_s or 0.0) + self._stall_s
        silence = f"no frame has come for more than {self._stall_s:g} s" if stalled else self._problem
        spoil = self._spoil if now - self._spoiled_s <= SPOILED_S else ""
        return HealthReport(
            state=State.STALLED if stalled else self._state,
            since_s=stalled_since if stalled else self._since_s,
            problem=silence or spoil,
            remark=self._remark,
            frames=self._frames,
            rate=self._rate(now),
            age_s=None if self._last_s is None else now - self._last_s,
            drops=drops,
            stalls=self._stalls + stalled,
            reconnects=self._reconnects,
            decode_errors=self._decode_errors,
            condition=self._condition,
            size=self._size,
            link=self._link,
        )

    def _leave(self, state: State, now: float, problem: str) -> None:
        self._stalls += self._is_stalled(now)
        if state is not self._state:
            self._enter(state, now, problem)
        self._problem = problem

    def _enter(self, state: State, now: float, problem: str) -> None:
        if state is State.LIVE and self._state is not State.LIVE:
            self._arrivals.clear()
        self._state, self._since_s, self._problem = state, now, problem

    @property
    def _stall_s(self) -> float:
        return max(self._least_stall_s, STALL_INTERVALS * self._interval_s, STALL_GAPS * self._gap_s)

    def _is_stalled(self, now: float) -> bool:
        return self._state is State.LIVE and self._last_s is not None and now - self._last_s >= self._stall_s

    def _forget(self, now: float) -> None:
        while self._arrivals and now - self._arrivals[0] > RATE_WINDOW_S:
            self._arrivals.popleft()

    def _rate(self, now: float) -> float:
        """Frames of the window by its length, or by the time since the camera came if that is shorter."""
        if len(self._arrivals) < 2:
            return 0.0
        is_new = self._state is State.LIVE and not self._is_stalled(now)
        window_s = min(RATE_WINDOW_S, now - self._since_s) if is_new else RATE_WINDOW_S
        return (len(self._arrivals) - 1) / max(window_s, LEAST_WINDOW_S)
