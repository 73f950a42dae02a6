"""What is made of the counts of a camera's tiles: its readings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from engine.calibration.outlook import Watch
from engine.counting.correction import AS_IT_IS
from engine.counting.doubt import doubt_of
from engine.counting.reading import Reading, consistency
from engine.counting.smoothing import Smoother
from engine.counting.trust import Trust
from engine.inference.error_table import ErrorTable
from engine.picture.choice import usual_head
from engine.picture.frame import Frame
from engine.picture.masks import Mask, inside, keep_inside
from engine.picture.tiling import combine
from engine.picture.zones import Zone, ZoneCount, zone_counts

LIKENESS_S = 1.0
"""So often a camera's picture is compared with those that its model learnt from; its light does not change sooner."""
LOOKED_AT = (144, 256)
"""Height and width of the picture, at most, by which a turned camera is known."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a model said of the tiles of a frame."""

    counts: NDArray[np.float32] = field(repr=False, compare=False)
    """People per tile, (frame.grid.tiles,)."""
    maps: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    """People per cell, (frame.grid.tiles, h, w), or None where no map was due."""
    elapsed_s: float = 0.0
    """The time that it took."""
    errors: ErrorTable | None = field(default=None, repr=False)
    """By how much it is wrong, where its file says that."""
    heads: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    """How tall heads are in pixels of each tile, (frame.grid.tiles,); None of a model that does not say it."""
    distance: float | None = None
    """Of the picture from those that it learnt from, above 1 where it is unlike; None where nobody knows."""


class Counter:
    """Makes the readings of one camera from what the model says of its frames."""

    def __init__(self, *, smoothing_s: float = 0.0, zones: Sequence[Zone] = (), trust: Trust | None = None) -> None:
        """Begins a camera.

        Args:
            smoothing_s: over which the count is steadied; 0 is off.
            zones: which are counted whenever a density map is due.
            trust: what is known of the errors of this camera's counts.
        """
        self.zones = tuple(zones)
        """May be changed at any time."""
        self.trust = trust or Trust()
        """May be changed at any time."""
        self.watch = Watch(None)
        """Of where the camera looks; may be changed at any time."""
        self._smoothing_s = smoothing_s
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forgets what was counted, which was by another model."""
        self._smoother = Smoother(self._smoothing_s)
        self._last: float | None = None  # the count alone: a reading would keep its frame in memory
        self._errors: ErrorTable | None = None
        self._distance: float | None = None  # of the last reading; the newest picture that was compared may be ahead
        self._compared: tuple[float, float] | None = None

    def compared(self, time_s: float, compare: Callable[[], float]) -> float:
        """Returns how far a picture of this time is from those that a model learnt from, or one not long before it."""
        if self._compared is None or not 0 <= time_s - self._compared[0] < LIKENESS_S:
            self._compared = time_s, compare()
        return self._compared[1]

    def reading(self, frame: Frame, counted: Counted) -> Reading:
        """Sums up one frame.

        Args:
            frame: whose tiles were counted.
            counted: what the model said of them.
        """
        raw = max(0.0, float(counted.counts.sum()))
        said = self._last = self._smoother.add(frame.time_s, raw)
        count, self._errors = self.trust.correction.corrected(said), counted.errors
        self._distance = counted.distance
        head = None if counted.heads is None else usual_head(counted.heads, counted.counts, frame.grid, frame.size)
        if self.watch.is_due(frame.time_s):
            self.watch.look(frame.picture_within(*LOOKED_AT), frame.time_s)
        if counted.maps is None:
            return self._judged(Reading(frame, count, head=head, elapsed_s=counted.elapsed_s, counted_s=monotonic()))
        density = keep_inside(combine(counted.maps, frame.grid), frame.view.included)
        return self._judged(
            Reading(
                frame,
                count,
                density,
                head=head,
                consistency=consistency(raw, density),
                zones=self._zone_counts(count, density, frame.view.included),
                elapsed_s=counted.elapsed_s,
                counted_s=monotonic(),
            )
        )

    def held(self, frame: Frame) -> Reading | None:
        """Returns the reading of a frame in which nothing moves: the count before; None if there is none yet.

        It has no map, and so no zones.
        """
        last = self._last
        if last is None:
            return None
        count = self.trust.correction.corrected(last)
        return self._judged(Reading(frame, count, counted_s=monotonic(), is_held=True))

    def _judged(self, reading: Reading) -> Reading:
        """Returns a reading with how far it is to be trusted."""
        reading = replace(reading, has_moved=self.watch.has_moved)
        reading = judged(reading, self.trust, self._errors, self._distance)
        return reading if self.trust.correction == AS_IT_IS else replace(reading, model_count=self._last)

    def _zone_counts(self, count: float, density: NDArray[np.float32], mask: Mask) -> tuple[ZoneCount, ...]:
        """Divides the count that the reading shows, so that no zone ever has more people than the whole picture."""
        zones = self.zones
        if not zones:
            return ()
        shape = (density.shape[0], density.shape[1])
        included = inside(mask, shape) if mask else None
        return zone_counts(count, density, zones, included=included)


def judged(reading: Reading, trust: Trust, errors: ErrorTable | None, distance: float | None) -> Reading:
    """Returns a reading with the interval of its count, and with why it is not to be relied on."""
    condition, moved = reading.frame.look.condition, reading.has_moved
    doubt = doubt_of(condition, reading.count, reading.consistency, distance, has_moved=moved)
    return replace(reading, interval=trust.interval(reading.count, errors), doubt=doubt)
