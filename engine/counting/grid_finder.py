"""Finds the grid that suits a camera's view, and keeps it; later it costs nothing.

Where the camera is calibrated, the height of heads says it; else what the first pictures show. By a model that says how
tall heads are, it is chosen once more when more of them were seen, over some minutes, and again only if heads turn out
to be smaller in it than they are counted well.
"""

from collections import deque
from dataclasses import replace

from engine.calibration.heads import Heads
from engine.counting.reading import Reading
from engine.picture.choice import (
    AGAIN_S,
    EVERY_S,
    LOOKED_AT,
    MOST_LOOKED,
    SIGHTINGS,
    are_small,
    as_seen,
    fineness,
    grid_by_heads,
    grid_seen,
    is_large_enough,
    suited,
)
from engine.picture.condition import Condition
from engine.picture.layout import BY_HEADS, SeenGrid
from engine.picture.tiling import Grid
from engine.picture.view import View


class GridFinder:
    """Looks at the readings of one camera; of the inference thread alone, but for `found`, `heads` and `seen`."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.heads: Heads | None = None
        """How tall heads are; None where the camera is not calibrated. May be changed at any time."""
        self.found: SeenGrid | None = None
        """None until it is known, and where it is the one that the size says."""
        self._about: tuple[tuple[int, int] | None, Heads | None] = None, None
        self._is_over, self._due_s = True, float("-inf")
        self._finenesses: list[float] = []
        self._counts, self._tall = deque[float](maxlen=SIGHTINGS), deque[float](maxlen=SIGHTINGS)
        self._is_settled = False

    def seen(self, view: View) -> View:
        """Returns a view with what was found; one for which a grid was configured stays as it is."""
        return view if view.grid is not None or view.seen == self.found else replace(view, seen=self.found)

    def begin_anew(self) -> None:
        """Has it look again from the next reading on, as another model counts."""
        self._about = None, None

    def take(self, reading: Reading, *, most: int) -> bool:
        """Looks at a reading; returns whether frames are counted in another grid now.

        Args:
            reading: of a frame as it was to be counted.
            most: tiles that there is time for, where it would be enlarged.
        """
        frame, heads = reading.frame, None if reading.has_moved else self.heads
        if (frame.size, heads) != self._about:  # the view has become another
            self._about, before = (frame.size, heads), self.found
            self._begin(frame.size)
            head = heads.height(frame.size) if heads and frame.view.grid is None else None
            self.found = self._by_heads(frame.size, head, most) if head else None
            return self.found != before
        if self._is_over or not self._is_due(reading):
            return False
        is_first = len(self._finenesses) < LOOKED_AT
        if is_first:
            self._finenesses.append(fineness(frame.shot.luma()))
        if is_first or reading.head is not None:
            self._counts.append(reading.count)
        if reading.head is not None:
            self._tall.append(reading.head)
        self._due_s = frame.time_s + (EVERY_S if len(self._finenesses) < LOOKED_AT else AGAIN_S)
        if not self._is_to_choose(frame.size, is_first=is_first):
            return False
        before, self.found = self.found, self._by_sight(frame.size, most)
        return self.found != before

    def _is_to_choose(self, size: tuple[int, int], *, is_first: bool) -> bool:
        """Whether there is something to choose by that was not there before."""
        if is_first:
            return len(self._finenesses) == LOOKED_AT
        if self._is_settled:
            return are_small(size, self.found.grid if self.found else self._by_fineness(size), self._tall)
        self._is_settled = len(self._tall) == SIGHTINGS
        return self._is_settled

    def _begin(self, size: tuple[int, int]) -> None:
        self._is_over, self._due_s, self._is_settled = not is_large_enough(size), float("-inf"), False
        self._finenesses = []
        self._counts.clear()
        self._tall.clear()

    def _by_sight(self, size: tuple[int, int], most: int) -> SeenGrid | None:
        most = min(MOST_LOOKED, max(most, self.found.grid.tiles if self.found else 0))
        return as_seen(size, suited(size, self._by_fineness(size), self._counts, self._tall, most=most))

    def _by_fineness(self, size: tuple[int, int]) -> Grid:
        return grid_seen(size, self._finenesses)

    def _by_heads(self, size: tuple[int, int], head: float, most: int) -> SeenGrid | None:
        self._is_over = True
        return as_seen(size, grid_by_heads(size, head, most), BY_HEADS)

    def _is_due(self, reading: Reading) -> bool:
        frame = reading.frame
        is_clear = not reading.is_held and frame.look.condition is Condition.CLEAR
        return is_clear and frame.view.grid is None and frame.time_s >= self._due_s
