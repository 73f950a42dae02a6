"""The true count of one frame, and what many of them say of a camera; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

Point = tuple[float, float]
"""x and y of a head, relative to the picture's size."""

ROUNDS, SEED = 2000, 7
"""Of the bootstrap."""
LEAST_CHECKS = 5
"""Below which no interval is given."""


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """How many people a frame truly has."""

    uid: str
    camera: str
    """The camera's name, or the recording's as it can be shown."""
    time_s: float
    """Of the frame in its recording; of a live camera seconds since 1970 (UTC)."""
    size: tuple[int, int]
    """Height and width of the picture in pixels."""
    points: tuple[Point, ...]
    counted: float | None
    """What the model said of that frame; None where nothing was counted."""
    model_name: str
    model_sha256: str
    who: str
    note: str = ""
    source_sha256: str | None = None
    """Of a recording, as its identity has it; None for a live camera."""
    noted_at: datetime | None = None
    """UTC; None until it is kept."""
    picture: str | None = None
    """Name of the frame's file; None where none is kept."""

    @property
    def people(self) -> int:
        """How many heads were clicked."""
        return len(self.points)

    @property
    def error(self) -> float | None:
        """Counted minus true; None where nothing was counted."""
        return None if self.counted is None else self.counted - self.people

    @property
    def as_dict(self) -> dict[str, Any]:
        """Plain values with stable names, for JSON."""
        return {
            "id": self.uid,
            "camera": self.camera,
            "time_s": self.time_s,
            "people": self.people,
            "counted": self.counted,
            "model": self.model_name,
            "by": self.who,
            "note": self.note,
            "at": None if self.noted_at is None else f"{self.noted_at.isoformat(timespec='seconds')}Z",
            "points": [list(point) for point in self.points],
        }


@dataclass(frozen=True, slots=True)
class Errors:
    """How far off a count was on frames whose people somebody clicked."""

    number: int
    mae: float
    bias: float
    """Counted minus true."""
    interval: tuple[float, float] | None = None
    """Of the MAE, 95 %, by bootstrap over the frames; None below `LEAST_CHECKS`."""

    @classmethod
    def of(cls, errors: Sequence[float]) -> "Errors | None":
        """Returns what errors, counted minus true, come to; None without any."""
        if not errors:
            return None
        values = np.asarray(errors, np.float64)
        interval = None
        if len(values) >= LEAST_CHECKS:
            drawn = np.random.default_rng(SEED).integers(0, len(values), (ROUNDS, len(values)))
            low, high = np.quantile(np.abs(values)[drawn].mean(axis=1), [0.025, 0.975])
            interval = float(low), float(high)
        return cls(len(values), float(np.abs(values).mean()), float(values.mean()), interval)

    @property
    def sentence(self) -> str:
        """The whole of it, for people."""
        frames = "1 checked frame" if self.number == 1 else f"{self.number} checked frames"
        how = "too many" if self.bias > 0 else "too few"
        words = f"off by {self.mae:.1f} people on {frames}"
        if self.interval is not None:
            words += f" (95 % interval {self.interval[0]:.1f} to {self.interval[1]:.1f})"
        return f"{words}; on average {abs(self.bias):.1f} {how}"


def errors_of(checks: Sequence[SpotCheck]) -> Errors | None:
    """Returns how far off the count was on checked frames; None where none of them was counted."""
    return Errors.of([check.error for check in checks if check.error is not None])
