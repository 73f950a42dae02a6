"""From a frame to a reading: divide into tiles, run the model, combine, smooth."""

from time import perf_counter

from engine.frame import Frame
from engine.model import Model
from engine.reading import Reading, consistency
from engine.smoothing import Smoother
from engine.tiling import Grid, combine, divide, grid_for


class Counter:
    """Counts the frames of one source with one model."""

    def __init__(self, model: Model, *, grid: Grid | None = None, smoothing_s: float = 0.0) -> None:
        """Takes the grid from each frame's size unless one is given; smoothing is off at 0 s."""
        self.model = model
        self.grid = grid
        self._smoother = Smoother(smoothing_s)

    def read(self, frame: Frame, *, with_density: bool) -> Reading:
        """Counts a frame; asks the model for a density map only if one is due."""
        started = perf_counter()
        grid = self.grid or grid_for(*frame.picture.shape[:2])
        tiles = divide(frame.picture, grid)
        density = None
        if with_density:
            counts, maps = self.model.count_and_map(tiles)
            density = combine(maps, grid)
        else:
            counts = self.model.count(tiles)
        raw = max(0.0, float(counts.sum()))
        agreement = None if density is None else consistency(raw, density)
        count = self._smoother.add(frame.time_s, raw)
        return Reading(frame, count, density, agreement, perf_counter() - started)
