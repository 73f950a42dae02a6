"""Whether a model that learnt from one camera is better there, and no worse elsewhere.

Elsewhere is a small set that comes with the product: frames of the demonstration clip, whose people are known, and
drawn pictures in which there is nobody.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.errors import EngineError, SourceError
from engine.inference.contract import read_model_file
from engine.inference.model import Model
from engine.inference.session import RunOptions
from engine.paths import DEMO_CLIP, DEMO_TRUTH
from engine.picture.frame import Frame
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH
from engine.priority import behind_others
from engine.sources import FileSource

WORSEN = 0.02
"""By how much the error elsewhere may grow."""
STEP = 20
"""Of so many frames of the clip one is counted."""
Scene = tuple[NDArray[np.uint8], float]
"""A picture, RGB (H, W, 3), and how many people it truly has."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Mean absolute errors in people, before and after."""

    frames: int
    """Of the camera, held out."""
    before: float
    after: float
    standard_before: float
    """On what comes with the product."""
    standard_after: float

    @property
    def is_better(self) -> bool:
        """Whether it is to be offered."""
        return self.after < self.before and self.standard_after <= self.standard_before * (1 + WORSEN)

    @property
    def sentence(self) -> str:
        """The whole of it, for people."""
        here = f"off by {self.after:.1f} in place of {self.before:.1f} people on {self.frames} held-out frames"
        there = f"elsewhere by {self.standard_after:.2f} in place of {self.standard_before:.2f}"
        end = "it is better here and no worse elsewhere" if self.is_better else self._why_not
        return f"{here}, {there}: {end}"

    @property
    def _why_not(self) -> str:
        if self.after >= self.before:
            return "it is no better here, so it is not offered"
        return f"it is worse elsewhere by more than {WORSEN:.0%}, so it is not offered"


def judged(before: Path, after: Path, pictures: Path, held_out: Sequence[str], standard: Path | None = None) -> Verdict:
    """Counts held-out frames and the standard set with both models.

    Args:
        before: the model that counts now.
        after: the one that learnt.
        pictures: the folder of the frames, each with a table of its heads.
        held_out: names of those that nobody learnt from.
        standard: the model by which the standard set is judged, so that a camera's models do not get worse elsewhere
            step by step; None is `before`.

    Raises:
        EngineError: a model or a picture cannot be read.
    """
    here = [(_picture(pictures / name), float(_heads(pictures / name))) for name in held_out]
    there = [*_demonstration(), *((empty, 0.0) for empty in drawn_empty())]
    after_model = _started(after)
    return Verdict(
        len(here),
        _mae(_started(before), here),
        _mae(after_model, here),
        _mae(_started(standard or before), there),
        _mae(after_model, there),
    )


def drawn_empty() -> Iterator[NDArray[np.uint8]]:
    """Yields pictures of one tile in which there is nobody: a wall, light that fades, boards, tiles, clouds, lawn."""
    y, x = np.mgrid[:TILE_HEIGHT, :TILE_WIDTH].astype(np.float32)
    generator = np.random.default_rng(11)
    noise = generator.normal(0, 1, (TILE_HEIGHT, TILE_WIDTH)).astype(np.float32)
    shades = (
        np.full_like(x, 128),
        60 + 140 * x / TILE_WIDTH,
        110 + 40 * (np.sin(x / 9) > 0.9) + 4 * noise,
        150 - 60 * ((x % 64 < 3) | (y % 48 < 3)) + 3 * noise,
        120 + 600 * cv2.GaussianBlur(noise, (0, 0), 14),
        90 + 18 * noise + 20 * np.sin(y / 40),
    )
    for shade in shades:
        yield np.repeat(np.clip(shade, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _started(path: Path) -> Model:
    return behind_others(lambda: Model(read_model_file(path), RunOptions(provider="cpu")))


def _mae(model: Model, scenes: Sequence[Scene]) -> float:
    return float(np.mean([abs(_count(model, picture) - people) for picture, people in scenes]))


def _count(model: Model, picture: NDArray[np.uint8]) -> float:
    due = Due(Counter(), Frame.of(0, 0.0, picture))
    while due.left:
        count_tiles(model, [due])
    return due.reading().count


def _demonstration() -> list[Scene]:
    with DEMO_TRUTH.open(newline="", encoding="utf-8") as file:
        truth = {int(row["frame"]): float(row["count"]) for row in csv.DictReader(file)}
    with closing(FileSource(DEMO_CLIP)) as source:
        return [
            (frame.picture.copy(), truth[frame.index])
            for frame in source.frames()
            if frame.index % STEP == 0 and frame.index in truth
        ]


def _picture(path: Path) -> NDArray[np.uint8]:
    found = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) if path.is_file() else None
    if found is None:
        raise SourceError(f"picture {path} of a checked frame cannot be read, expected it; begin anew")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def _heads(path: Path) -> int:
    try:
        with path.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
            return sum(1 for _ in csv.DictReader(file))
    except OSError as error:
        raise EngineError(f"heads of {path.name} cannot be read: {error.strerror}; begin anew") from error
