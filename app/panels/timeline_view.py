"""Which part of a recording its time-line shows, and how that is zoomed and moved; pure."""

from dataclasses import dataclass, replace

SHORTEST_S = 0.5  # that is shown: a dozen frames
LEAD = 0.1  # of the view, at which the play head is after the view has followed it


@dataclass(frozen=True, slots=True)
class TimelineView:
    """A part of a recording."""

    duration_s: float = 0.0
    """Of the recording."""
    start_s: float = 0.0
    span_s: float | None = None
    """None shows all of it."""

    @property
    def is_whole(self) -> bool:
        """Whether all is shown."""
        return self.span_s is None

    @property
    def bounds(self) -> tuple[float, float]:
        """Where it begins and ends, in seconds."""
        return (0.0, self.duration_s) if self.span_s is None else (self.start_s, self.start_s + self.span_s)

    def lasting(self, duration_s: float) -> "TimelineView":
        """Returns it in a recording of another length."""
        return replace(self, duration_s=duration_s)._placed(self.start_s)

    def zoomed(self, factor: float, at_s: float) -> "TimelineView":
        """Returns a part `factor` times as long in which a time keeps its place."""
        start, end = self.bounds
        span_s = max(SHORTEST_S, (end - start) * factor)
        if span_s >= self.duration_s:
            return self.fitted()
        kept = at_s - (at_s - start) * span_s / max(end - start, 1e-9)
        return replace(self, span_s=span_s)._placed(kept)

    def showing(self, begin_s: float, end_s: float) -> "TimelineView":
        """Returns the part from one time to another."""
        return replace(self, span_s=max(SHORTEST_S, end_s - begin_s))._placed(begin_s)

    def moved(self, by_s: float) -> "TimelineView":
        """Returns it later, or earlier below 0."""
        return self._placed(self.start_s + by_s)

    def fitted(self) -> "TimelineView":
        """Returns all of the recording."""
        return TimelineView(self.duration_s)

    def following(self, time_s: float) -> "TimelineView":
        """Returns it where a time is in it: as it is if that is so, else with the time near its left end."""
        start, end = self.bounds
        if start <= time_s <= end:
            return self
        return self._placed(time_s - LEAD * (end - start))

    def _placed(self, start_s: float) -> "TimelineView":
        if self.span_s is None or self.span_s >= self.duration_s:
            return self.fitted()
        return replace(self, start_s=min(max(0.0, start_s), self.duration_s - self.span_s))
