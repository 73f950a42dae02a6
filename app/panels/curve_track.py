"""One count on the curve: what is in memory and what came from the log, put together; pure but for what it keeps."""

from engine.history.series import Grid, Series, held
from engine.monitor.recent import LastDay

LATE_S = 15.0  # a count may come so long after its frame and is still seen


class Track:
    """Keeps what is drawn, and reads only what is new."""

    def __init__(self, zone: str | None) -> None:
        self.zone = zone
        self._seen = Series.unknown(Grid(0, 1, 0))
        self._past: Series | None = None
        self._seen_s = 0.0
        self._source: LastDay | None = None

    def take_past(self, series: Series | None) -> None:
        """Takes what the log has; None forgets it."""
        self._past = series

    def series(self, recent: LastDay | None, grid: Grid, now_s: float) -> Series:
        """Returns what is known in a grid."""
        self._read(recent, grid, now_s)
        past = self._past
        is_fit = past is not None and past.grid.step_s == grid.step_s
        series = self._seen.or_richer(past.to(grid)) if past is not None and is_fit else self._seen
        return held(series, recent.hole_s(self.zone) if recent else 0.0, now_s)

    def _read(self, recent: LastDay | None, grid: Grid, now_s: float) -> None:
        old = self._seen.grid
        goes_on = recent is self._source and grid.step_s == old.step_s and now_s >= self._seen_s
        if recent is None:
            self._seen = Series.unknown(grid)
        elif goes_on and old.first_s <= grid.first_s:
            tail = grid.between(min(self._seen_s - LATE_S, old.end_s), grid.end_s)
            self._seen = self._seen.to(grid)
            self._seen.put(grid.bucket(tail.first_s), recent.span(tail, self.zone))
        else:
            self._seen = recent.span(grid, self.zone)
        self._source, self._seen_s = recent, now_s
