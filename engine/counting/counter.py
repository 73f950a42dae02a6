"""From tiles to readings: the frames of any number of cameras in one batch, and what is made of their counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from engine.counting.reading import Reading, consistency
from engine.counting.smoothing import Smoother
from engine.inference.model import Model
from engine.picture.frame import Frame
from engine.picture.masks import Mask, inside, keep_inside
from engine.picture.tiling import combine
from engine.picture.view import NO_MASK
from engine.picture.zones import Zone, ZoneCount, zone_counts


class Counter:
    """Makes the readings of one camera from what the model says of its frames."""

    def __init__(self, *, smoothing_s: float = 0.0, zones: Sequence[Zone] = (), included: Mask = NO_MASK) -> None:
        """Begins a camera.

        Args:
            smoothing_s: over which the count is steadied; 0 is off.
            zones: which are counted whenever a density map is due.
            included: the part of the picture in which people count, the same as in the camera's view.
        """
        self._smoother = Smoother(smoothing_s)
        self._zones, self._included = tuple(zones), included
        self._last: float | None = None  # the count alone: a reading would keep its frame in memory

    def reading(
        self, frame: Frame, counts: NDArray[np.float32], maps: NDArray[np.float32] | None, *, elapsed_s: float
    ) -> Reading:
        """Sums up one frame.

        Args:
            frame: whose tiles were counted.
            counts: people per tile, (frame.grid.tiles,).
            maps: people per cell, (frame.grid.tiles, h, w), or None where no map was due.
            elapsed_s: the time that the model took for this frame.
        """
        raw = max(0.0, float(counts.sum()))
        count = self._last = self._smoother.add(frame.time_s, raw)
        if maps is None:
            return Reading(frame, count, elapsed_s=elapsed_s, counted_s=monotonic())
        density = keep_inside(combine(maps, frame.grid), self._included)
        return Reading(
            frame,
            count,
            density,
            consistency=consistency(raw, density),
            zones=self._zone_counts(count, density),
            elapsed_s=elapsed_s,
            counted_s=monotonic(),
        )

    def held(self, frame: Frame) -> Reading | None:
        """Returns the reading of a frame in which nothing moves: the count before; None if there is none yet.

        It has no map, and so no zones.
        """
        last = self._last
        return None if last is None else Reading(frame, last, counted_s=monotonic(), is_held=True)

    def _zone_counts(self, count: float, density: NDArray[np.float32]) -> tuple[ZoneCount, ...]:
        """Divides the count that the reading shows, so that no zone ever has more people than the whole picture."""
        if not self._zones:
            return ()
        shape = (density.shape[0], density.shape[1])
        included = inside(self._included, shape) if self._included else None
        return zone_counts(count, density, self._zones, included=included)


@dataclass(frozen=True, slots=True)
class Due:
    """A frame that is to be counted, and by whom."""

    counter: Counter
    frame: Frame
    with_density: bool = False


def count_frames(model: Model, due: Sequence[Due]) -> list[Reading]:
    """Counts frames, those with and those without a density map in one batch each; readings come in the given order.

    Raises:
        ModelError: ONNX Runtime failed, or returned numbers that are not finite.
    """
    found: dict[int, Reading] = {}
    for with_density in (False, True):
        places = [place for place, item in enumerate(due) if item.with_density == with_density]
        found |= _counted(model, [due[place] for place in places], places)
    return [found[place] for place in range(len(due))]


def _counted(model: Model, due: Sequence[Due], places: Sequence[int]) -> dict[int, Reading]:
    if not due:
        return {}
    parts = [item.frame.take_tiles() for item in due]
    tiles = parts[0] if len(parts) == 1 else np.concatenate(parts)
    started = monotonic()
    counts, maps = model.count_and_map(tiles) if due[0].with_density else (model.count(tiles), None)
    per_tile_s = (monotonic() - started) / len(tiles)
    found, start = {}, 0
    for place, item in zip(places, due, strict=True):
        end = start + item.frame.grid.tiles
        own = None if maps is None else maps[start:end]
        spent = per_tile_s * item.frame.grid.tiles
        found[place] = item.counter.reading(item.frame, counts[start:end], own, elapsed_s=spent)
        start = end
    return found
