"""How a model behaves beside being right on average: on nothing, at other sizes, and with its map against its count.

What is asked of a model that people trust: nobody in an empty picture, the same count when a picture is resized, and a
density map that agrees with the count and lies where the heads are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from trainer.datasets import Annotated
from trainer.evaluation.counters import TileCounter
from trainer.evaluation.evaluate import Picture, measure
from trainer.networks.model import TILE_HEIGHT, TILE_WIDTH

SCALES = (0.5, 0.71, 1.41, 2.0)
LARGEST_EDGE_PX = 4096
"""Pictures are not enlarged beyond it."""
CROWDED = 10
"""Maps are compared over pictures with more people."""
NEAR_CELLS = 2
MARGIN_PX = 40
"""How far from every head point an empty part of a picture has to be."""
PARTS = (1.0, 0.5)
"""Sizes of the parts that are looked for, in tiles; smaller ones are enlarged to a tile."""
PER_PICTURE = 2
GREYS = (0, 32, 128, 224, 255)
NOISES = (8.0, 25.0, 60.0)
SEED = 7


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
    """Returns plain and noisy tiles, and parts of the pictures that are far from every head point."""
    rng = np.random.default_rng(SEED)
    shape = (TILE_HEIGHT, TILE_WIDTH, 3)
    tiles = [EmptyTile(f"grey {grey}", np.full(shape, grey, np.uint8)) for grey in GREYS]
    for grey, noise in product((16, 128, 240), NOISES):
        pixels = np.clip(grey + rng.normal(0, noise, shape), 0, 255).astype(np.uint8)
        tiles.append(EmptyTile(f"grey {grey} with noise of {noise:.0f}", pixels))
    for picture in pictures:
        tiles += _empty_parts(picture)
    return tiles


def _empty_parts(source: Annotated) -> Iterator[EmptyTile]:
    """Yields the first few parts of a picture, large ones before small ones, whose surroundings hold no head point."""
    height, width = source.picture.shape[:2]
    taken: list[tuple[int, int, int, int]] = []
    for part in PARTS:
        high, wide = round(TILE_HEIGHT * part), round(TILE_WIDTH * part)
        for top, left in product(range(0, height - high + 1, high // 2), range(0, width - wide + 1, wide // 2)):
            box = (top, left, top + high, left + wide)
            if len(taken) == PER_PICTURE:
                return
            if not _holds_any(source.points, box) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                pixels = source.picture[top : top + high, left : left + wide]
                whole = cv2.resize(pixels, (TILE_WIDTH, TILE_HEIGHT), interpolation=cv2.INTER_LINEAR)
                yield EmptyTile(f"{source.name} at {left},{top}", np.asarray(whole, np.uint8))


def _holds_any(points: NDArray[np.float32], box: tuple[int, int, int, int]) -> bool:
    x, y = points.T
    top, left, bottom, right = box
    near = (y > top - MARGIN_PX) & (y < bottom + MARGIN_PX) & (x > left - MARGIN_PX) & (x < right + MARGIN_PX)
    return bool(near.any())


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def map_figures(pictures: Sequence[Annotated], found: Sequence[Picture]) -> MapFigures:
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
    counter: TileCounter, pictures: Sequence[Annotated], found: Sequence[Picture]
) -> dict[float, float]:
    """Returns, for each scale, the median of |count of the resized picture / count of the picture - 1|.

    Pictures that count less than one person, or would become very large, are left out.
    """
    changes = {}
    for scale in SCALES:
        own = [
            (_resized(annotated, scale), picture.counts["count"])
            for annotated, picture in zip(pictures, found, strict=True)
            if picture.counts["count"] >= 1 and scale * max(annotated.picture.shape[:2]) <= LARGEST_EDGE_PX
        ]
        counts = [picture.counts["count"] for picture in measure(counter, (item for item, _ in own))]
        relative = [abs(count / before - 1) for count, (_, before) in zip(counts, own, strict=True)]
        changes[scale] = float(np.median(relative)) if relative else float("nan")
    return changes


def _resized(annotated: Annotated, scale: float) -> Annotated:
    height, width = annotated.picture.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    picture = np.asarray(cv2.resize(annotated.picture, size, interpolation=way), np.uint8)
    return replace(annotated, picture=picture, points=annotated.points * np.float32(scale))


def counts_of_empty(counter: TileCounter, tiles: Iterable[EmptyTile]) -> list[tuple[float, float, str]]:
    """Returns count, map's sum and name of each tile that shows nobody, the largest count first."""
    found = []
    for tile in tiles:
        counted = counter(tile.pixels[None])
        mass = 0.0 if counted.density is None else float(counted.density.sum())
        found.append((float(counted.people["count"][0]), mass, tile.name))
    return sorted(found, reverse=True)
