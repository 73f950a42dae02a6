"""How a camera is to be recorded, and how that goes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.recording.segments import size_words

Keep = Literal["never", "always", "on alert"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a camera is to be recorded."""

    keep: Keep = "never"
    masked: Literal["encode", "none"] = "encode"
    """What becomes of a camera with privacy masks."""
    before_s: float = 10.0
    """Before an alert."""
    after_s: float = 30.0


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """How the recording of a camera is doing."""

    keep: Keep
    is_recording: bool
    bytes: int
    """Of all that there is of it."""
    since_s: float | None
    """When what there is begins, in seconds since 1970; None without any."""
    problem: str = ""
    """Why nothing is recorded that should be, or what was lost; in a sentence."""
    lost: int = 0
    """Packets that were not written."""

    @property
    def words(self) -> str:
        """For people: 'recording, 3.1 GB, since 2026-11-19 08:00'."""
        first = "waiting for an alert" if self.keep == "on alert" else "not recording: nothing comes"
        if self.is_recording:
            first = "recording"
        elif self.problem:
            first = f"not recording: {self.problem}"
        since = "" if self.since_s is None else f"since {datetime.fromtimestamp(self.since_s):%Y-%m-%d %H:%M}"
        size = size_words(self.bytes) if self.bytes else ""
        return ", ".join(filter(None, [first, size, since]))

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        return {
            "keep": self.keep,
            "recording": self.is_recording,
            "bytes": self.bytes,
            "since": None if self.since_s is None else datetime.fromtimestamp(self.since_s, UTC).isoformat(),
            "problem": self.problem,
            "lost_packets": self.lost,
        }
