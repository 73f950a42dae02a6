"""Frames that are being counted: their tiles, those of any number of cameras in one batch, on their way to readings."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.counting.counter import Counted, Counter
from engine.counting.reading import Reading
from engine.inference.error_table import ErrorTable
from engine.inference.likeness import Likeness
from engine.inference.model import Counting, Model
from engine.picture.features import features
from engine.picture.frame import Frame
from engine.picture.room import TILES
from engine.picture.tiling import MOST_TILES


class Due:
    """A frame that is being counted: all of its tiles at once, or some of them at a time."""

    def __init__(self, counter: Counter, frame: Frame, *, with_density: bool = False, most: int | None = None) -> None:
        """Begins with a frame that is not cut yet; `most` of its tiles are counted at a time."""
        self.frame, self.with_density, self._most = frame, with_density, most
        self._counter = counter
        self._tiles: NDArray[np.uint8] | None = None
        self._counts: list[NDArray[np.float32]] = []
        self._maps: list[NDArray[np.float32]] = []
        self._heads: list[NDArray[np.float32]] = []
        self._asked, self._done, self._elapsed_s = 0, 0, 0.0
        self._errors: ErrorTable | None = None
        self._distance: float | None = None

    def cut(self, likeness: Likeness | None) -> None:
        """Takes the frame's tiles, once, and looks how unlike they are to those that a model learnt from.

        What masks blank would be taken for it. Raises whatever is wrong with the picture.
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

    @property
    def unasked(self) -> int:
        """How many of them the model was not asked for yet."""
        return self.frame.grid.tiles - self._asked

    def next_number(self, most: int) -> int:
        """Returns how many tiles the model is asked for next, at most so many."""
        return min(self.unasked, most, self._most or most)

    def next_tiles(self, most: int) -> NDArray[np.uint8]:
        """Returns the next tiles uint8 (N, 384, 512, 3) of a frame that was cut, at most so many, each once."""
        assert self._tiles is not None
        begin, self._asked = self._asked, self._asked + self.next_number(most)
        return self._tiles[begin : self._asked]

    def add(self, part: Counted) -> None:
        """Takes what was found in the next tiles that were asked for, and in which time."""
        self._counts.append(part.counts)
        if part.maps is not None:
            self._maps.append(part.maps)
        if part.heads is not None:
            self._heads.append(part.heads)
        self._done += len(part.counts)
        self._elapsed_s += part.elapsed_s
        self._errors = part.errors
        if not self.left and self._tiles is not None:
            TILES.give_back(self._tiles)
            self._tiles = self._tiles[:0]

    def reading(self) -> Reading:
        """Sums up, when all tiles are counted; raises whatever is wrong with the camera's masks and zones."""
        maps = np.concatenate(self._maps) if self._maps else None
        heads = np.concatenate(self._heads) if self._heads else None
        counted = Counted(np.concatenate(self._counts), maps, self._elapsed_s, self._errors, heads, self._distance)
        return self._counter.reading(self.frame, counted)


class Batch:
    """The next tiles of several frames, at most so many of each, that a model is counting."""

    def __init__(
        self,
        model: Model,
        due: Sequence[Due],
        *,
        most: int = MOST_TILES,
        beside: bool = False,
        on_step: Callable[[], object] = lambda: None,
    ) -> None:
        """Has them counted; `most`, `beside` and `on_step` as for `Model.begin`.

        Raises whatever is wrong with the picture of a frame that was not cut before.
        """
        self.model = model
        self._kinds: dict[bool, tuple[Sequence[tuple[Due, int]], Counting]] = {}
        for item in due:
            item.cut(model.file.likeness)
        for kind in (False, True):
            own = [item for item in due if item.with_density is kind]
            if not own:
                continue
            parts = [item.next_tiles(most) for item in own]
            counting = model.begin(*parts, with_density=kind, beside=beside or bool(self._kinds), on_step=on_step)
            self._kinds[kind] = [*zip(own, map(len, parts), strict=True)], counting

    @property
    def waiting(self) -> int:
        """How many runs of the model have not begun."""
        return sum(counting.waiting for _, counting in self._kinds.values())

    @property
    def is_done(self) -> bool:
        """Whether all were counted, or something failed."""
        return all(counting.is_done for _, counting in self._kinds.values())

    def wait(self) -> None:
        """Waits until nothing of it is being counted, whatever came of it."""
        for _, counting in self._kinds.values():
            counting.wait()

    def finish(self) -> Mapping[bool, float]:
        """Waits until all were counted, and gives each frame what was found in it.

        Returns:
            The seconds that a tile took of the model's time, with a density map and without, as far as there are.

        Raises:
            ModelError: ONNX Runtime failed, or returned numbers that are not finite.
            BrokenOffError: it was told to leave them.
        """
        per_tile_s = dict[bool, float]()
        for kind, (own, counting) in self._kinds.items():
            (counts, maps, heads), taken_s = counting.counted()
            per_tile_s[kind], start = taken_s / len(counts), 0
            for item, tiles in own:
                found = slice(start, start + tiles)
                part, tall = maps[found] if kind else None, heads[found] if len(heads) else None
                item.add(Counted(counts[found], part, per_tile_s[kind] * tiles, self.model.file.errors, tall))
                start += tiles
        return per_tile_s


def count_tiles(model: Model, due: Sequence[Due], *, most: int = MOST_TILES) -> None:
    """Counts the next tiles of every frame, at most so many of each; raises as `Batch` and its `finish`."""
    Batch(model, due, most=most).finish()


def readings_of(model: Model, frames: Sequence[Frame]) -> list[Reading]:
    """Returns what is found in each frame, without a map; raises ModelError, and whatever is wrong with a picture."""
    due = [Due(Counter(), frame) for frame in frames]
    while any(item.left for item in due):
        count_tiles(model, [item for item in due if item.left])
    return [item.reading() for item in due]
