"""A recording counted once more in another way, beside what counts it: with another model, grid or aspect.

What was counted so before is taken from the user's cache, and what is counted now is kept there.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from time import monotonic

import numpy as np

from engine.counting.batch import Due, count_tiles, readings_of
from engine.counting.counter import Counter
from engine.counting.reading import Reading
from engine.errors import SourceError
from engine.inference.model import Model
from engine.inference.variants import load_model
from engine.picture.frame import Frame
from engine.picture.tiling import Grid
from engine.picture.view import View
from engine.priority import behind_others
from engine.recording.cache import Cache
from engine.recording.counts import Counts, KeptCounts, Way, masked
from engine.recording.footage import Footage
from engine.recording.passes import Pass
from engine.recording.spans import Spans

STEP_S = 0.3  # between two steps that are told


@dataclass(frozen=True, slots=True)
class Recount:
    """What is to be counted, and how."""

    footage: Footage
    model: Path | None = None
    """See `load_model`, as the next."""
    provider: str = "auto"
    grid: tuple[int, int] | None = None
    """Rows and columns of tiles; None takes what suits each picture."""
    aspect: Fraction | None = None
    """Width over height of pictures as shown; None takes what the recording says."""


@dataclass(frozen=True, slots=True)
class Recounted:
    """A further part of it."""

    counts: Counts = field(repr=False)
    """Those that were not told yet."""
    share: float | None
    """Of the recording that is counted, 0 to 1; None while nobody knows how long it is."""
    model: str
    """What counts it, for people."""


def recounted(order: Recount, is_wanted: Callable[[], bool]) -> Iterator[Recounted]:
    """Yields the counts of a recording as they are found, some times in a second, until they are no longer wanted.

    Raises:
        SourceError: the recording cannot be read, or breaks off.
        ModelError: the model cannot be used.
    """
    model = behind_others(lambda: load_model(order.model, provider=order.provider))
    wanted = View(Grid(*order.grid) if order.grid else None, aspect=order.aspect)
    view = order.footage.seen(wanted, partial(readings_of, model))
    passes = order.footage.passes(view)
    expected = [each.expected for each in passes]
    total = sum(number for number in expected if number is not None) if None not in expected else None
    telling = _Telling(total, f"{model.file.name} on {model.provider}")
    with ExitStack() as opened:
        for each in passes:
            opened.callback(each.close)
        for each in passes:
            masks = masked(each.view)
            way = Way(model.file.sha256, model.provider, grid=view.tiles_shape, aspect=order.aspect, masks=masks)
            yield from _gone_through(model, each, KeptCounts(Cache(), way.key(each.identity())), telling, is_wanted)
            if not is_wanted():
                return
    yield telling.told([], is_through=True)


def _gone_through(
    model: Model, each: Pass, kept: KeptCounts, telling: "_Telling", is_wanted: Callable[[], bool]
) -> Iterator[Recounted]:
    """Yields what is kept of one file, then what is counted of it now."""
    telling.offset_s = each.offset_s
    before = [reading for reading in kept.readings() if each.wants(reading.frame.index)]
    if before:
        yield telling.told(before)
    if kept.is_complete:
        return
    try:
        yield from _counted(model, each, kept, telling, is_wanted)
    finally:
        kept.save()


def _counted(
    model: Model, each: Pass, kept: KeptCounts, telling: "_Telling", is_wanted: Callable[[], bool]
) -> Iterator[Recounted]:
    counter, due_s, known = Counter(), monotonic() + STEP_S, Spans(kept.numbers)
    found: list[Reading] = []
    for frame in each.frames(known):
        if not is_wanted():
            return
        if frame.index not in known:
            found.append(_reading(model, counter, frame))
            kept.add(found[-1])
        if found and monotonic() >= due_s:
            yield telling.told(found)
            found, due_s = [], monotonic() + STEP_S
    each.finish(kept)
    if found:
        yield telling.told(found)


def _reading(model: Model, counter: Counter, frame: Frame) -> Reading:
    """Counts one frame; raises SourceError where its picture cannot be used."""
    try:
        due = Due(counter, frame)
        due.cut(model.file.likeness)
    except Exception as error:  # whatever is wrong with the frame, as with any that is counted
        kind = type(error).__name__
        raise SourceError(
            f"the frame at {frame.time_s:.1f} s cannot be counted ({kind}); those before it are"
        ) from error
    while due.left:
        count_tiles(model, [due])
    return due.reading()


class _Telling:
    """Makes parts of what was found."""

    def __init__(self, expected: int | None, model: str) -> None:
        self._expected, self._model, self._number = expected, model, 0
        self.offset_s = 0.0
        """Of the times of what is told now."""

    def told(self, readings: Sequence[Reading], *, is_through: bool = False) -> Recounted:
        """Returns the next part."""
        rows = np.array([(each.frame.time_s, each.count) for each in readings], np.float64).reshape(-1, 2)
        rows[:, 0] += self.offset_s
        self._number += len(rows)
        share = min(1.0, self._number / self._expected) if self._expected else None
        return Recounted(Counts(rows[:, 0].copy(), rows[:, 1].copy()), 1.0 if is_through else share, self._model)
