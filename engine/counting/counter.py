"""From tiles to readings: the frames of any number of cameras in one batch, and what is made of their counts."""

from collections.abc import Callable, Mapping, Sequence
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
from engine.inference.likeness import Likeness
from engine.inference.model import Model
from engine.picture.features import features
from engine.picture.frame import Frame
from engine.picture.masks import Mask, inside, keep_inside
from engine.picture.room import TILES
from engine.picture.tiling import MOST_TILES, combine
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
        self._distance: float | None = None
        self._compared_s: float | None = None

    def compared(self, time_s: float, compare: Callable[[], float]) -> float | None:
        """Returns how far a picture of this time is from those that a model learnt from, or one not long before it."""
        if self._compared_s is None or not 0 <= time_s - self._compared_s < LIKENESS_S:
            self._distance, self._compared_s = compare(), time_s
        return self._distance

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
        if self.watch.is_due(frame.time_s):
            self.watch.look(frame.picture_within(*LOOKED_AT), frame.time_s)
        if counted.maps is None:
            return self._judged(Reading(frame, count, elapsed_s=counted.elapsed_s, counted_s=monotonic()))
        density = keep_inside(combine(counted.maps, frame.grid), frame.view.included)
        return self._judged(
            Reading(
                frame,
                count,
                density,
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


class Due:
    """A frame that is being counted: all of its tiles at once, or some of them at a time."""

    def __init__(self, counter: Counter, frame: Frame, *, with_density: bool = False, most: int | None = None) -> None:
        """Begins with a frame that is not cut yet; `most` of its tiles are counted at a time."""
        self.frame, self.with_density, self._most = frame, with_density, most
        self._counter = counter
        self._tiles: NDArray[np.uint8] | None = None
        self._counts: list[NDArray[np.float32]] = []
        self._maps: list[NDArray[np.float32]] = []
        self._done, self._elapsed_s = 0, 0.0
        self._errors: ErrorTable | None = None
        self._distance: float | None = None

    def cut(self, likeness: Likeness | None) -> None:
        """Takes the frame's tiles, once, and looks how unlike they are to those that a model learnt from.

        What masks blank would be taken for it. Raises whatever is wrong with the picture; another thread may call.
        """
        if self._tiles is not None:
            return
        tiles = self._tiles = self.frame.take_tiles()
        view = self.frame.view
        if likeness is not None and not (view.included or view.private):
            self._distance = self._counter.compared(self.frame.time_s, lambda: likeness.distance(features(tiles)))

    @property
    def left(self) -> int:
        """How many tiles are still to be counted."""
        return self.frame.grid.tiles - self._done

    def next_number(self, most: int) -> int:
        """Returns how many tiles are counted next, at most so many."""
        return min(self.left, most, self._most or most)

    def next_tiles(self, most: int) -> NDArray[np.uint8]:
        """Returns the next tiles uint8 (N, 384, 512, 3) of a frame that was cut, at most so many."""
        assert self._tiles is not None
        return self._tiles[self._done : self._done + self.next_number(most)]

    def add(self, part: Counted) -> None:
        """Takes what was found in the next tiles, and in which time."""
        self._counts.append(part.counts)
        if part.maps is not None:
            self._maps.append(part.maps)
        self._done += len(part.counts)
        self._elapsed_s += part.elapsed_s
        self._errors = part.errors
        if not self.left and self._tiles is not None:
            TILES.give_back(self._tiles)
            self._tiles = self._tiles[:0]

    def reading(self) -> Reading:
        """Sums up, when all tiles are counted; raises whatever is wrong with the camera's masks and zones."""
        maps = np.concatenate(self._maps) if self._maps else None
        counted = Counted(np.concatenate(self._counts), maps, self._elapsed_s, self._errors, self._distance)
        return self._counter.reading(self.frame, counted)


def judged(reading: Reading, trust: Trust, errors: ErrorTable | None, distance: float | None) -> Reading:
    """Returns a reading with the interval of its count, and with why it is not to be relied on."""
    condition, moved = reading.frame.look.condition, reading.has_moved
    doubt = doubt_of(condition, reading.count, reading.consistency, distance, has_moved=moved)
    return replace(reading, interval=trust.interval(reading.count, errors), doubt=doubt)


def count_tiles(model: Model, due: Sequence[Due], *, most: int = MOST_TILES) -> Mapping[bool, float]:
    """Counts the next tiles of every frame, at most so many of each.

    Returns:
        The seconds that one tile took, with a density map and without, which make one batch each; as far as there are.

    Raises:
        ModelError: ONNX Runtime failed, or returned numbers that are not finite.
        Exception: whatever is wrong with the picture of a frame that was not cut before.
    """
    kinds = {kind: [item for item in due if item.with_density is kind] for kind in (False, True)}
    return {kind: _count_batch(model, items, most) for kind, items in kinds.items() if items}


def counts_of(model: Model, frames: Sequence[Frame]) -> list[float]:
    """Returns the people in each frame; raises ModelError, and whatever is wrong with a picture."""
    due = [Due(Counter(), frame) for frame in frames]
    while any(item.left for item in due):
        count_tiles(model, [item for item in due if item.left])
    return [item.reading().count for item in due]


def _count_batch(model: Model, due: Sequence[Due], most: int) -> float:
    for item in due:
        item.cut(model.file.likeness)
    parts = [item.next_tiles(most) for item in due]
    tiles = sum(map(len, parts))
    begun_s = monotonic()
    counts, maps = model.count_and_map(*parts) if due[0].with_density else (model.count(*parts), None)
    per_tile_s = (monotonic() - begun_s) / tiles
    start = 0
    for item, part in zip(due, parts, strict=True):
        end = start + len(part)
        own = None if maps is None else maps[start:end]
        item.add(Counted(counts[start:end], own, per_tile_s * len(part), model.file.errors))
        start = end
    return per_tile_s
