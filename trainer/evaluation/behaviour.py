"""How a model behaves beside being right on average: on nothing, at other sizes, and with its map against its count.

What is asked of a model that people trust: nobody in an empty picture, the same count when a picture is resized, and a
density map that agrees with the count and lies where the heads are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Measured, measure
from trainer.evaluation.scales import can_be, resized
from trainer.evaluation.variants import LEAST
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.augment import planned_pixels
from trainer.tiles.blank import blank_tile_of
from trainer.tiles.empty import are_empty
from trainer.tiles.plan import Plan, Window

SCALES = (0.5, 0.71, 1.41, 2.0)
CROWDED = 10
"""Maps are compared over pictures with more people."""
NEAR_CELLS = 2
PARTS = (1.0, 0.5)
"""Sizes of the parts that are looked for, in tiles; smaller ones are enlarged to a tile."""
PER_PICTURE = 4
GREYS = (0, 32, 128, 224, 255)
NOISES = (8.0, 25.0, 60.0)
SEED = 7
DRAWN = ("gradient", "clouds", "leaves", "bricks")
PER_KIND = 4
FIRST_DRAWN = 2**31
"""Number of the first drawn tile; a training draws smaller ones."""


@dataclass(frozen=True, slots=True)
class EmptyTile:
    """A tile that shows nobody."""

    name: str
    pixels: NDArray[np.uint8] = field(compare=False, repr=False)
    """RGB, (384, 512, 3)."""


@dataclass(frozen=True, slots=True)
class MapFigures:
    """How density maps agree with counts and heads; medians and shares over crowded pictures."""

    pictures: int
    difference: float
    """Median of |map's sum - count| / count."""
    near: float
    """Share of all mass that lies within two cells of a head point."""


def empty_tiles(pictures: Sequence[Annotated]) -> list[EmptyTile]:
    """Returns plain and noisy tiles, drawn ones, and parts of the pictures that show neither heads nor bodies.

    The drawn tiles come from what trainings with `crops.blank` draw theirs from, with numbers that no training has.
    """
    rng = np.random.default_rng(SEED)
    shape = (TILE_HEIGHT, TILE_WIDTH, 3)
    tiles = [EmptyTile(f"grey {grey}", np.full(shape, grey, np.uint8)) for grey in GREYS]
    for grey, noise in product((16, 128, 240), NOISES):
        pixels = np.clip(grey + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)
        tiles.append(EmptyTile(f"grey {grey} with noise of {noise:.0f}", pixels))
    for kind, number in product(DRAWN, range(PER_KIND)):
        tiles.append(EmptyTile(f"{kind} {number + 1}", blank_tile_of(kind, FIRST_DRAWN + number)))
    for picture in pictures:
        tiles += _empty_parts(picture)
    return tiles


def _empty_parts(source: Annotated) -> Iterator[EmptyTile]:
    """Yields the first few parts of a picture that show nobody, large ones before small ones, none over another."""
    taken: list[Window] = []
    for window in _windows(source):
        if len(taken) < PER_PICTURE and not any(_overlap(window, other) for other in taken):
            taken.append(window)
            name = f"{source.name} at {window.left},{window.top}"
            yield EmptyTile(name, planned_pixels(source.picture, Plan(window)))


def _windows(source: Annotated) -> Iterator[Window]:
    """Yields every part of a picture, half of its sides apart from the next, that shows nobody."""
    height, width = source.picture.shape[:2]
    for part in PARTS:
        high, wide = round(TILE_HEIGHT * part), round(TILE_WIDTH * part)
        tops, lefts = np.arange(0, height - high + 1, high // 2), np.arange(0, width - wide + 1, wide // 2)
        for row, column in np.argwhere(are_empty(source.points, tops=tops, lefts=lefts, size=(high, wide))):
            yield Window(int(tops[row]), int(lefts[column]), high, wide)


def _overlap(one: Window, other: Window) -> bool:
    below = one.top < other.top + other.height and other.top < one.top + one.height
    return below and one.left < other.left + other.width and other.left < one.left + one.width


def map_figures(pictures: Sequence[Annotated], found: Sequence[Measured]) -> MapFigures:
    """Compares the maps of pictures with more than ten people with their counts and head points."""
    differences, near, mass = [], 0.0, 0.0
    for annotated, picture in zip(pictures, found, strict=True):
        if picture.density is None or picture.truth <= CROWDED:
            continue
        total, count = float(picture.density.sum(dtype=np.float64)), picture.counts["count"]
        differences.append(abs(total - count) / max(count, 1.0))
        mass += total
        near += float(picture.density[_near_heads(annotated, picture.density.shape)].sum(dtype=np.float64))
    if not differences:
        return MapFigures(0, float("nan"), float("nan"))
    return MapFigures(len(differences), float(np.median(differences)), near / mass if mass > 0 else 0.0)


def _near_heads(annotated: Annotated, cells: tuple[int, ...]) -> NDArray[np.bool_]:
    """Returns which cells of a map (h, w) are at most two cells from one that holds a head point."""
    height, width = annotated.picture.shape[:2]
    where = annotated.points * np.array([cells[1] / width, cells[0] / height], np.float32)
    columns, rows = np.minimum(where.astype(int), np.array(cells[::-1]) - 1).T
    heads = np.zeros(cells, np.uint8)
    heads[rows, columns] = 1
    edge = 2 * NEAR_CELLS + 1
    return np.asarray(cv2.dilate(heads, np.ones((edge, edge), np.uint8)), np.bool_)


def changes_by_scale(
    counter: TileCounter, pictures: Sequence[Annotated], found: Sequence[Measured]
) -> dict[float, float]:
    """Returns, for each scale, the median of |count of the resized picture / count of the picture - 1|.

    Pictures that count less than one person, or would become very large, are left out.
    """
    changes = {}
    for scale in SCALES:
        own = [
            (resized(annotated, scale), picture.counts["count"])
            for annotated, picture in zip(pictures, found, strict=True)
            if picture.counts["count"] >= LEAST and can_be(annotated, scale)
        ]
        counts = [picture.counts["count"] for picture in measure(counter, (item for item, _ in own))]
        relative = [abs(count / before - 1) for count, (_, before) in zip(counts, own, strict=True)]
        changes[scale] = float(np.median(relative)) if relative else float("nan")
    return changes


def counts_of_empty(counter: TileCounter, tiles: Iterable[EmptyTile]) -> list[tuple[float, float, str]]:
    """Returns count, map's sum and name of each tile that shows nobody, the largest count first."""
    found = []
    for tile in tiles:
        counted = counter(tile.pixels[None])
        mass = 0.0 if counted.density is None else float(counted.density.sum())
        found.append((float(counted.people["count"][0]), mass, tile.name))
    return sorted(found, reverse=True)
