"""When the next frame of a recording may go: at once, at the recording's own speed, or not while paused.

It also gives way for a while to whoever needs the machine more.
"""

from threading import Event
from time import monotonic

AGAIN_S = 5.0  # within which whoever needed the machine is likely to need it again
LATE_S = 0.5  # beyond this, time lost is given up instead of made up for by a burst

LONGEST_WAIT_S = 30.0  # for the next frame: a longer gap is passed over


class Playback:
    """The clock that a recording is played by; `pause`, `resume`, `hurry` and `stop` may be called from any thread."""

    def __init__(self, *, own_speed: bool) -> None:
        """With `own_speed` frames wait for their time; without they go as fast as they are counted."""
        self._own_speed = own_speed
        self._origin_s: float | None = None
        self._playing, self._stopped, self._hurried = Event(), Event(), Event()
        self._playing.set()
        self._way_until_s = float("-inf")

    @property
    def paused(self) -> bool:
        """Whether frames are held back."""
        return not self._playing.is_set()

    def pause(self) -> None:
        """Holds back every further frame."""
        self._playing.clear()

    def resume(self) -> None:
        """Goes on where it was."""
        self._playing.set()

    def hurry(self) -> None:
        """Goes on as fast as frames are counted, from now on."""
        self._own_speed = False
        self._playing.set()
        self._hurried.set()

    def give_way(self, for_s: float) -> None:
        """Holds back frames for so long from now on, and then goes on by itself."""
        self._way_until_s = monotonic() + for_s

    @property
    def gives_way(self) -> bool:
        """Whether it does now."""
        return monotonic() < self._way_until_s and not self._stopped.is_set()

    @property
    def gave_way(self) -> bool:
        """Whether it does, or did until a few seconds ago."""
        return monotonic() < self._way_until_s + AGAIN_S

    def goes_on(self) -> bool:
        """Waits while it gives way; False if it was ended."""
        while self.gives_way:
            self._stopped.wait(max(0.0, self._way_until_s - monotonic()))
        return not self._stopped.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it was ended."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Ends every wait, now and later."""
        self._stopped.set()
        self._playing.set()
        self._hurried.set()

    def wait(self, time_s: float) -> bool:
        """Waits until the frame of this time is due; False if stopped meanwhile."""
        if not self._playing.is_set():
            self._playing.wait()
            self._origin_s = None
        if self.gives_way:
            self.goes_on()
            self._origin_s = None
        if self._own_speed:
            self._wait_for_clock(time_s)
        return not self._stopped.is_set()

    def _wait_for_clock(self, time_s: float) -> None:
        now = monotonic()
        if self._origin_s is None or not -LONGEST_WAIT_S <= now - (self._origin_s + time_s) <= LATE_S:
            self._origin_s = now - time_s
        self._hurried.wait(max(0.0, self._origin_s + time_s - now))
