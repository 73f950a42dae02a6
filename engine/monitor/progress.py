"""How far a recording is counted, in spans of time; in whichever order its frames come."""

from collections.abc import Iterator

from engine.counting.reading import Reading
from engine.recording.counts import Counts, KeptCounts
from engine.recording.footage import Travel
from engine.recording.spans import Spans


class Progress:
    """An outlet that notes what was counted; any thread may ask."""

    def __init__(self, travel: Travel, known: Counts, kept: KeptCounts | None) -> None:
        """Takes what was counted before, and in which frames; None where these have no numbers."""
        self._travel, self._counted = travel, Spans(travel.left_out) if kept is None else kept.done
        self._spans_s = tuple(_spans_s(known, Spans() if kept is None else kept.numbers))
        """What was counted, while nobody knows the times of all frames."""
        self.was_begun = len(known) > 0
        """Whether some of it was counted before."""
        self._is_all = kept is not None and kept.is_all
        self._is_elsewhere = kept is None and self.was_begun and travel.times is None

    def put(self, reading: Reading) -> bool:
        """Takes a reading."""
        frame = reading.frame
        self._counted.add(frame.index)
        if not self.was_begun:
            self._spans_s = ((0.0, frame.time_s),)
        return True

    def close(self) -> None:
        """What was counted stays so."""

    def spans_s(self) -> tuple[tuple[float, float], ...]:
        """Returns what was counted, or cannot be, from one time in seconds to another, rising."""
        times, duration_s = self._travel.times, self._travel.duration_s
        if self._is_all and duration_s is not None:
            return ((0.0, duration_s),)
        if times is None or self._is_elsewhere:
            return self._spans_s
        most, end_s = len(times), duration_s or float(times[-1])
        within = [(start, end) for start, end in self._done() if start < most]
        return tuple((float(times[start]), float(times[end]) if end < most else end_s) for start, end in within)

    @property
    def share(self) -> float | None:
        """Which share of its frames is done; None while nobody knows how many there are."""
        if self._is_elsewhere:
            return 1.0
        times, expected = self._travel.times, self._travel.expected_frames
        total = expected if times is None else len(times)
        return min(1.0, self._done().total / total) if total else None

    def _done(self) -> Spans:
        return Spans((*self._counted, *self._travel.lost))


def _spans_s(known: Counts, numbers: Spans) -> Iterator[tuple[float, float]]:
    """Yields the spans of time of counts; of all where nobody knows their numbers."""
    lengths = [end - start for start, end in numbers] or [len(known)]
    first = 0
    for length in lengths:
        if length:
            yield float(known.times[first]), float(known.times[first + length - 1])
        first += length
