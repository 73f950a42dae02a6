"""How far a recording is counted, in spans of time; in whichever order its frames come."""

from engine.counting.reading import Reading
from engine.recording.footage import Travel
from engine.recording.spans import Spans


class Progress:
    """An outlet that notes what was counted; any thread may ask."""

    def __init__(self, travel: Travel) -> None:
        """Begins with nothing."""
        self._travel, self.counted = travel, Spans()
        self._last_s = 0.0

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        self._last_s = reading.frame.time_s
        self.counted.add(reading.frame.index)
        return True

    def close(self) -> None:
        """What was counted stays so."""

    def spans_s(self) -> tuple[tuple[float, float], ...]:
        """Returns what was counted, or cannot be, from one time in seconds to another, rising."""
        times, done = self._travel.times, self._done()
        if times is None:  # it was read from its beginning so far
            return ((0.0, self._last_s),) if len(done) else ()
        most, end_s = len(times), self._travel.duration_s or float(times[-1])
        within = [(start, end) for start, end in done if start < most]
        return tuple((float(times[start]), float(times[end]) if end < most else end_s) for start, end in within)

    @property
    def share(self) -> float | None:
        """Which share of its frames is done; None while nobody knows how many there are."""
        times, expected = self._travel.times, self._travel.expected_frames
        total = expected if times is None else len(times)
        return min(1.0, len(self._done()) / total) if total else None

    def _done(self) -> Spans:
        return Spans((*self.counted, *self._travel.lost))
