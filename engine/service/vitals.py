"""Whether a service does its work; pure: time is an argument.

Cameras that are lost do not make it ill: only what starting it anew may heal does.
"""

from dataclasses import dataclass

STUCK_S = 60.0  # without a single reading while pictures come
MUTE_S = 15.0  # without a beat of what answers requests


@dataclass(frozen=True, slots=True)
class Signs:
    """What is seen of it at one moment."""

    readings: int
    """All that were made so far, of all cameras."""
    is_fed: bool
    """Whether any camera that is to be counted sends pictures."""
    beat_s: float
    """When what answers requests was seen at work last, on the monotonic clock."""
    failure: Exception | None = None
    """What ended that should not have."""


class Vitals:
    """Judges signs, which have to come about once a second."""

    def __init__(self, now_s: float) -> None:
        """Takes a moment on the monotonic clock, as `look` does."""
        self._readings, self._counted_s = -1, now_s
        self.problem = ""
        """What is wrong, in a sentence; empty where all is well."""

    def look(self, now_s: float, signs: Signs) -> None:
        """Takes what is seen now."""
        if signs.readings != self._readings or not signs.is_fed:
            self._readings, self._counted_s = signs.readings, now_s
        if signs.failure is not None:
            self.problem = f"counting has ended ({signs.failure})"
        elif now_s - self._counted_s >= STUCK_S:
            self.problem = f"nothing was counted for {STUCK_S:.0f} s although pictures come"
        elif now_s - signs.beat_s >= MUTE_S:
            self.problem = f"requests were not answered for {MUTE_S:.0f} s"
        else:
            self.problem = ""
