"""How long counting took of one camera, summed up for whoever draws rates over time."""

from bisect import bisect_left
from dataclasses import dataclass

BOUNDS_S = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
"""Between the classes of latencies."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """The times of all readings so far, in seconds."""

    classes: tuple[int, ...] = (0,) * (len(BOUNDS_S) + 1)
    """Readings by their latency: up to each bound, and above the last."""
    latency_s: float = 0.0
    """From the arrivals of frames to their readings, summed up."""
    model_s: float = 0.0
    """That the model took."""

    def plus(self, latency_s: float, model_s: float) -> "Latencies":
        """Returns it with one more reading."""
        place = bisect_left(BOUNDS_S, latency_s)
        classes = (*self.classes[:place], self.classes[place] + 1, *self.classes[place + 1 :])
        return Latencies(classes, self.latency_s + latency_s, self.model_s + model_s)
