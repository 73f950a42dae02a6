"""Where the counts of all cameras go, looked up about once a second."""

from collections.abc import Callable, Iterable
from time import time

from app.panels.steady import TREND_S, Trend, trend_of
from engine.history.series import Grid
from engine.monitor.recent import LastDay


class Trends:
    """Asks for the last minute of each camera."""

    def __init__(self, recent: Callable[[str], LastDay | None], *, clock: Callable[[], float] = time) -> None:
        """`recent` gives the last day of a camera by its name, `clock` the seconds since 1970."""
        self._recent, self._clock, self._second = recent, clock, -1
        self._trends: dict[str, Trend | None] = {}

    def now(self, names: Iterable[str]) -> dict[str, Trend | None]:
        """Returns the trend of each, None where too little is known; as it was this second."""
        second = int(self._clock())
        if second != self._second or set(names) - set(self._trends):
            minute = Grid(second - int(TREND_S), 1, int(TREND_S))
            days = {name: self._recent(name) for name in names}
            before, self._second = self._trends, second
            self._trends = {
                name: None if day is None else trend_of(day.span(minute), before.get(name))
                for name, day in days.items()
            }
        return self._trends
