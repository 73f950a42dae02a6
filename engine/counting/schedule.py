"""Whose turn it is at the model, when a density map is due, and how much more is asked of it than it can do.

Pure: time is an argument.
"""

import math
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

BATCH_S = 0.1  # that a batch may take, as far as the one before it tells
LOAD_WINDOW_S = 5.0  # that loads are measured over
MOST_MARKS = 2000  # frames remembered of one camera, which covers the window up to 400 a second
MADE_UP = 1.0  # turns of one whose frame was not there yet
OVERLOAD_BEGINS, OVERLOAD_ENDS = 0.10, 0.05  # share of the wanted frames that are dropped
OVERLOAD_SETTLES_S = 3.0  # for how long the share has to be there


class DensitySchedule:
    """Whether a frame is due for a density map: never, or when an interval in seconds has passed since the last."""

    def __init__(self, interval_s: float | None = 0.0) -> None:
        """`interval_s` may be changed at any time: None is never, 0 is every frame."""
        self.interval_s = interval_s
        self._last_s: float | None = None

    def due(self, time_s: float) -> bool:
        """Whether the frame of this time is to be mapped; if so, the interval starts again."""
        if not self._is_over(time_s):
            return False
        self._last_s = time_s
        return True

    def _is_over(self, time_s: float) -> bool:
        if self.interval_s is None:
            return False
        waited = None if self._last_s is None else time_s - self._last_s
        return waited is None or waited < 0 or waited >= self.interval_s


class Turns(Generic[T]):
    """The order in which cameras are served: who is furthest behind its share of the turns comes first.

    Under overload every camera so gets the same rate, whatever it offers and wherever it stands in the list; one of
    twice the weight gets twice the rate. Who offered nothing for a while comes next, and makes up for one turn at most:
    without that, cameras whose frames come just behind their turns would fall behind for good.
    """

    def __init__(self) -> None:
        self._due: dict[T, float] = {}
        """When each camera is due, on a clock that goes on by 1 while every camera of weight 1 is served once."""
        self._now = 0.0

    def order(self, cameras: Collection[T]) -> Sequence[T]:
        """Returns the cameras that are there now, the one that is due first at the front; who is new comes last."""
        there = set(cameras)
        known = {camera: due for camera, due in self._due.items() if camera in there}
        last = max(known.values(), default=self._now)
        self._due = known | {camera: last for camera in cameras if camera not in known}
        return sorted(self._due, key=self._due.__getitem__)

    def served(self, cameras: Iterable[T], weight: Callable[[T], float] = lambda camera: 1.0) -> None:
        """Has cameras wait for their next turn, in the given order."""
        for camera in cameras:
            begun = max(self._now - MADE_UP, self._due.pop(camera, self._now))
            self._now = max(self._now, begun)
            self._due[camera] = begun + 1 / weight(camera)


class Costs:
    """What a tile takes, in seconds, counted alone and with a density map; by what was measured last."""

    def __init__(self) -> None:
        self._taken_s: dict[bool, float] = {}

    def note(self, per_tile_s: Mapping[bool, float]) -> None:
        """Takes what a tile took, with a density map or without."""
        self._taken_s |= per_tile_s

    @property
    def per_tile_s(self) -> float:
        """Of a tile that is counted alone, or mapped where none was; 0 if unknown."""
        return self._taken_s.get(False, self._taken_s.get(True, 0.0))

    def work(self, tiles: int, *, with_density: bool) -> float:
        """Returns tiles as so many that are counted alone."""
        mapped_s, alone_s = self._taken_s.get(True), self._taken_s.get(False)
        return tiles * (max(1.0, mapped_s / alone_s) if with_density and mapped_s and alone_s else 1.0)


def batch_room(per_tile_s: float, most: int) -> int:
    """Returns how many tiles make a full batch: as many as are good, but no more than are counted in a short time.

    The first reading of a batch waits for its last tile, which a machine that is busy elsewhere counts late; so does
    a frame that came after it began.
    """
    return max(1, min(most, int(BATCH_S / per_tile_s))) if per_tile_s > 0 else most


@dataclass(frozen=True, slots=True)
class Wish:
    """What a camera asks of the model."""

    fps: float
    """At most; infinite where it wants all."""
    frame_s: float
    """That one of its frames takes, above 0."""
    weight: float = 1.0


def fair_rate(wishes: Sequence[Wish]) -> float:
    """Returns the rate that the model has for a camera of weight 1, counts a second; infinite where all have theirs.

    Those that ask for less than their share leave the rest to the others.
    """
    busy = 1.0
    left = sorted(wishes, key=lambda wish: wish.fps / wish.weight)
    while left:
        rate = busy / sum(wish.weight * wish.frame_s for wish in left)
        if left[0].fps / left[0].weight > rate:
            return rate
        modest = left.pop(0)
        busy -= modest.fps * modest.frame_s
    return math.inf


@dataclass(frozen=True, slots=True)
class Load:
    """What was asked of the model for one camera during the last seconds, and what it did."""

    offered_fps: float
    """Wanted frames that arrived, a second."""
    counted_fps: float
    dropped_share: float
    """Of the wanted frames, 0 to 1; newer ones took their place before the model was free."""
    latency_p50_s: float | None
    """From a frame's arrival to its reading, the median; None where nothing was counted."""
    latency_p95_s: float | None
    tiles: float = 0.0
    """Of a wanted frame on average: none of one in which nothing moves, which is not counted; 0 where none came."""
    wanted_tiles: float = 0.0
    """Tiles of the wanted frames that arrived, a second."""
    is_whole: bool = True
    """Whether the time over which it is measured is over: before, a share says little, for cameras begin in a burst."""


@dataclass(frozen=True, slots=True)
class _Mark:
    now_s: float
    latency_s: float
    dropped: int
    tiles: int


class LoadMeter:
    """Measures one camera's load over a sliding window, in bounded memory."""

    def __init__(self) -> None:
        self._marks: deque[_Mark] = deque(maxlen=MOST_MARKS)

    def counted(self, now_s: float, latency_s: float, dropped: int, *, tiles: int = 1) -> None:
        """Notes a reading.

        Args:
            now_s: on any clock that only goes forwards.
            latency_s: of this reading.
            dropped: frames of the camera that were dropped since it began.
            tiles: that the model counted for it.
        """
        self._forget(now_s)
        self._marks.append(_Mark(now_s, latency_s, dropped, tiles))

    def load(self, now_s: float, dropped: int) -> Load:
        """Returns the load of the last seconds; `dropped` as for `counted`."""
        self._forget(now_s)
        if not self._marks:
            return Load(0.0, 0.0, 0.0, None, None)
        first = self._marks[0]
        begun_s = max(first.now_s, now_s - LOAD_WINDOW_S)
        counted = sum(mark.now_s > begun_s for mark in self._marks)
        since_first_s, span_s = now_s - first.now_s, now_s - begun_s
        lost = max(0, dropped - first.dropped) * (span_s / since_first_s if since_first_s else 1.0)
        span_s = max(1.0, span_s)
        tiles = sum(mark.tiles for mark in self._marks) / len(self._marks)
        latencies = sorted(mark.latency_s for mark in self._marks if mark.now_s >= begun_s)
        return Load(
            offered_fps=(counted + lost) / span_s,
            counted_fps=counted / span_s,
            dropped_share=lost / (counted + lost) if lost else 0.0,
            latency_p50_s=_quantile(latencies, 0.5),
            latency_p95_s=_quantile(latencies, 0.95),
            tiles=tiles if counted + lost else 0.0,
            wanted_tiles=tiles * (counted + lost) / span_s,
            is_whole=since_first_s >= LOAD_WINDOW_S,
        )

    def _forget(self, now_s: float) -> None:
        """Keeps one mark from before the window, to count what came after it."""
        while len(self._marks) > 1 and self._marks[1].now_s <= now_s - LOAD_WINDOW_S:
            self._marks.popleft()


class Overload:
    """Whether the model keeps up: a notable share of the wanted frames is dropped, and has been for some time."""

    def __init__(self) -> None:
        self.now = False
        self._since_s: float | None = None

    def changes(self, now_s: float, loads: Sequence[Load]) -> bool:
        """Takes the loads of all cameras; returns whether an overload has just begun or ended."""
        share = total_dropped_share(loads)
        differs = share < OVERLOAD_ENDS if self.now else share >= OVERLOAD_BEGINS
        if not differs:
            self._since_s = None
            return False
        if self._since_s is None:
            self._since_s = now_s
        if now_s - self._since_s < OVERLOAD_SETTLES_S:
            return False
        self.now, self._since_s = not self.now, None
        return True


def total_dropped_share(loads: Sequence[Load]) -> float:
    """Returns the share of the wanted frames of all cameras that are dropped, 0 to 1."""
    offered = sum(load.offered_fps for load in loads)
    return sum(load.offered_fps * load.dropped_share for load in loads) / offered if offered else 0.0


def blame(names: Sequence[str], loads: Sequence[Load]) -> str:
    """Says which of several cameras asks for more than half of the work, as the end of a sentence; '' if none does."""
    wanted = [load.wanted_tiles for load in loads]
    most, total = max(wanted, default=0.0), sum(wanted)
    if len(wanted) < 2 or most <= total / 2:
        return ""
    return f"; '{names[wanted.index(most)]}' asks for {most / total:.0%} of the work: give it a smaller grid or max_fps"


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Returns the smallest value that at least this share of all reach not above; None of nothing."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None
