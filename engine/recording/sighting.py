"""Looks at the beginning of a recording, to find the grid of tiles that suits all of it by what is seen there."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from engine.counting.reading import Reading
from engine.picture.choice import (
    EVERY_S,
    LOOKED_AT,
    as_seen,
    fineness,
    grid_seen,
    grid_to_look,
    is_large_enough,
    suited,
)
from engine.picture.condition import Condition, Inspector
from engine.picture.frame import Frame
from engine.picture.layout import SeenGrid
from engine.picture.view import View
from engine.redaction import readable
from engine.sources import FileSource, FolderSource

logger = logging.getLogger(__name__)

MOST_S = 30.0  # of a recording that is dark or torn at its beginning

Counting = Callable[[Sequence[Frame]], Sequence[Reading]]
"""Counts frames; may return none where that cannot be done."""


def seen_in(path: Path, view: View, counting: Counting) -> View:
    """Returns a view with the grid that suits a recording; the view itself where one was set, or the size says it.

    Args:
        path: of a video file, or of a folder of pictures. One that cannot be read is told by whoever reads it.
        view: how it is seen.
        counting: asked for the pictures that are looked at, in the grid by their size and fineness or a coarser one.
    """
    if view.grid is not None:
        return view
    try:
        frames = _first(path, view)
        return replace(view, seen=_seen(frames, view, counting)) if frames else view
    except Exception:  # whatever is wrong with the recording or a picture of it, whoever counts it says so
        logger.info("the beginning of %s cannot be looked at", readable(path.name), exc_info=True)
        return view


def _seen(frames: Sequence[Frame], view: View, counting: Counting) -> SeenGrid | None:
    size = frames[0].size
    grid = grid_seen(size, [fineness(frame.shot.luma()) for frame in frames])
    looking = replace(view, grid=grid_to_look(size, grid))
    readings = counting([frame.seen_by(looking) for frame in frames])
    heads = [reading.head for reading in readings if reading.head is not None]
    return as_seen(size, suited(size, grid, [reading.count for reading in readings], heads))


def _first(path: Path, view: View) -> list[Frame]:
    """Returns some clear pictures of one size; none where it is too small."""
    kind = FolderSource if path.is_dir() else FileSource
    frames: list[Frame] = []
    with closing(kind(path, view=view)) as source:
        for frame in _clear(source.frames()):
            if not is_large_enough(frame.size) or frame.time_s > MOST_S:
                break
            if not frames or (frame.size == frames[0].size and frame.time_s >= frames[-1].time_s + EVERY_S):
                frames.append(frame)
            if len(frames) == LOOKED_AT:
                break
    return frames


def _clear(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yields the frames that are good for something, and all that are too small."""
    inspector = Inspector()
    for frame in frames:
        if not is_large_enough(frame.size) or inspector.inspect(frame.shot.luma(), frame.time_s) is Condition.CLEAR:
            yield frame
