"""Which stretch of time a curve shows, and how it moves; pure."""

from dataclasses import dataclass, replace

from engine.history.series import Grid

SHORTEST_S, LONGEST_S = 30.0, 5 * 366 * 86_400.0
MOST_POINTS = 2000


@dataclass(frozen=True, slots=True)
class CurveView:
    """A stretch of time."""

    span_s: float = 300.0
    end_s: float | None = None
    """Seconds since 1970 (UTC); None follows now."""

    @property
    def is_live(self) -> bool:
        """Whether it follows now."""
        return self.end_s is None

    def bounds(self, now_s: float) -> tuple[float, float]:
        """Returns where it begins and ends."""
        end_s = now_s if self.end_s is None else self.end_s
        return end_s - self.span_s, end_s

    def grid(self, now_s: float, width: float) -> Grid:
        """Returns the buckets that are drawn on a width in pixels."""
        return Grid.over(*self.bounds(now_s), points=int(min(max(width, 50), MOST_POINTS)))

    def moved(self, by_s: float, now_s: float) -> "CurveView":
        """Returns it later, or earlier; at now it follows again."""
        _, end_s = self.bounds(now_s)
        return self._ending(end_s + by_s, now_s)

    def zoomed(self, factor: float, at_s: float, now_s: float) -> "CurveView":
        """Returns a stretch `factor` times as long in which a moment keeps its place; while it follows now, the end."""
        span_s = bounded(self.span_s * factor)
        if self.is_live:
            return replace(self, span_s=span_s)
        _, end_s = self.bounds(now_s)
        return replace(self, span_s=span_s)._ending(at_s + (end_s - at_s) * span_s / self.span_s, now_s)

    def live(self, span_s: float | None = None) -> "CurveView":
        """Returns it following now, as long as given."""
        return CurveView(self.span_s if span_s is None else span_s)

    def _ending(self, end_s: float, now_s: float) -> "CurveView":
        return replace(self, end_s=None if end_s >= now_s else max(end_s, now_s - LONGEST_S))


def bounded(span_s: float) -> float:
    """Returns a length that a curve can have; the least for what is no number."""
    return min(max(SHORTEST_S, span_s), LONGEST_S)
