"""Finds the grid that suits a camera's view by what its first pictures show, and keeps it; later it costs nothing."""

from dataclasses import replace

from engine.counting.reading import Reading
from engine.picture.choice import (
    EVERY_S,
    LOOKED_AT,
    as_seen,
    enlarged,
    fineness,
    grid_seen,
    is_large_enough,
)
from engine.picture.condition import Condition
from engine.picture.layout import SeenGrid
from engine.picture.view import View


class GridFinder:
    """Looks at the readings of one camera; of the inference thread alone, but for `found` and `seen`."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self.found: SeenGrid | None = None
        """None until it is known, and where it is the one that the size says."""
        self._size: tuple[int, int] | None = None
        self._is_over, self._due_s = True, float("-inf")
        self._finenesses: list[float] = []
        self._counts: list[float] = []

    def seen(self, view: View) -> View:
        """Returns a view with what was found; one for which a grid was configured stays as it is."""
        return view if view.grid is not None or view.seen == self.found else replace(view, seen=self.found)

    def take(self, reading: Reading, *, may_enlarge: bool) -> bool:
        """Looks at a reading, as long as nothing was found; returns whether frames are counted in another grid now.

        Args:
            reading: of a frame as it was to be counted.
            may_enlarge: whether there is time to count more tiles of it.
        """
        frame = reading.frame
        if frame.size != self._size:  # the view has become another
            changed, self.found = self.found is not None, None
            self._begin(frame.size)
            return changed
        if self._is_over or not self._is_due(reading):
            return False
        self._due_s = frame.time_s + EVERY_S
        self._finenesses.append(fineness(frame.shot.luma()))
        self._counts.append(reading.count)
        if len(self._counts) < LOOKED_AT:
            return False
        self._is_over = True
        grid = grid_seen(frame.size, self._finenesses)
        if may_enlarge:
            grid = enlarged(grid, self._counts)
        self.found = as_seen(frame.size, grid)
        return self.found is not None

    def _begin(self, size: tuple[int, int]) -> None:
        self._size, self._is_over, self._due_s = size, not is_large_enough(size), float("-inf")
        self._finenesses, self._counts = [], []

    def _is_due(self, reading: Reading) -> bool:
        frame = reading.frame
        is_clear = not reading.is_held and frame.look.condition is Condition.CLEAR
        return is_clear and frame.view.grid is None and frame.time_s >= self._due_s
