"""Whose turn it is at the model, and when a density map is due; pure: time is an argument."""

from collections.abc import Iterable, Sequence


class DensitySchedule:
    """Whether a frame is due for a density map: never, or when an interval in seconds has passed since the last."""

    def __init__(self, interval_s: float | None = 0.0) -> None:
        """`interval_s` may be changed at any time: None is never, 0 is every frame."""
        self.interval_s = interval_s
        self._last_s: float | None = None
        self._demanded = False

    def demand(self) -> None:
        """Asks for a map of the next frame, whatever the interval."""
        self._demanded = True

    def due(self, time_s: float) -> bool:
        """Whether the frame of this time is to be mapped; if so, the interval starts again."""
        if not (self._demanded or self._is_over(time_s)):
            return False
        self._last_s, self._demanded = time_s, False
        return True

    def _is_over(self, time_s: float) -> bool:
        if self.interval_s is None:
            return False
        waited = None if self._last_s is None else time_s - self._last_s
        return waited is None or waited < 0 or waited >= self.interval_s


class Turns:
    """The order in which cameras are served: who waited longest since the last turn comes first.

    Under overload every camera so gets the same rate, whatever it offers and wherever it stands in the list.
    """

    def __init__(self, cameras: int) -> None:
        self._order = list(range(cameras))

    @property
    def order(self) -> Sequence[int]:
        """Places of the cameras, the one that was served longest ago first."""
        return self._order

    def served(self, cameras: Iterable[int]) -> None:
        """Puts cameras at the end, in the given order."""
        now = list(cameras)
        self._order = [camera for camera in self._order if camera not in now] + now
