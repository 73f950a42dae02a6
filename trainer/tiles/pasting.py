"""People cut out of photographs and set into other tiles: scenes that nobody photographed, with their exact truth.

A camera over a square or a hall sees few people, alone, upright, against whatever is there; photographs of crowds show
hardly any of that. People with heads of known sizes who stand free are cut out with what of their bodies is seen, and
set into tiles that show nobody, or among others, at sizes that cameras see. As many cuttings without a head are set
beside them, and every second person comes as they do, in a rectangle: so neither a soft edge nor foreign light tells a
person.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from trainer.datasets import Annotated
from trainer.tiles.plan import Pasted, Window

SMALLEST_HEAD_PX = 8.0
"""Of a picture: smaller heads are a few pixels that say little of a person."""
HALF_WIDTH, ABOVE, LONGEST, SHORTEST = 1.45, 1.1, 7.0, 2.2
"""What is cut out around the centre of a head, in head sizes: to both sides, above, and below at most and at least."""
APART = 0.1
"""How far from a cutting the edge of any other head stays, in head sizes."""
HEAD_SIZES_PX = (4.0, 44.0)
"""Of heads set into a tile: people who stand are 30 to 330 pixels tall."""
LARGEST_ZOOM = 1.5
"""Nobody is enlarged more, for a network would know them by it."""
USUAL = 4.0
"""People set into a tile on average, and about as many things."""
CROWD = 0.5
"""Of a tile that the cuttings may cover at most, one beside another."""
TRIES = 12
"""Places that are tried for a cutting that shows no head."""
FEATHER = 0.16
"""Standard deviation of the soft edge, in head sizes."""
COVERED = 0.5
"""Share of a cutting's colour from which what lies below it is no longer seen."""


@dataclass(frozen=True, slots=True)
class CutOut:
    """Somebody who stands free in a picture."""

    source: Annotated
    head: int
    """Which of its head points."""
    below: float
    """How far down nobody else's head comes, in head sizes."""

    @property
    def size_px(self) -> float:
        """Of the head, in the picture."""
        assert self.source.sizes is not None
        return float(self.source.sizes[self.head])


Cut = tuple[CutOut, Window, tuple[float, float]]
"""Of whose picture, which part of it, and where in the part a head is, or would be."""


def cut_outs(pictures: Sequence[Annotated]) -> list[CutOut]:
    """Returns all who can be cut out of pictures that know the sizes of heads, those with the smallest heads first."""
    unique = {id(item.picture): item for item in pictures if item.sizes is not None}
    return sorted((found for item in unique.values() for found in _free_in(item)), key=lambda found: found.size_px)


def _free_in(source: Annotated) -> Iterator[CutOut]:
    assert source.sizes is not None
    height, width = source.picture.shape[:2]
    large = np.flatnonzero(source.sizes >= SMALLEST_HEAD_PX).tolist()
    if not large:
        return
    tree, largest = cKDTree(source.points), float(np.nanmax(source.sizes))
    for head in large:
        (x, y), size = source.points[head].tolist(), float(source.sizes[head])
        if min(x, width - x) < HALF_WIDTH * size or y < ABOVE * size or height - y < SHORTEST * size:
            continue
        near = np.array(tree.query_ball_point((x, y), (LONGEST + APART) * size + largest), int)
        near = near[near != head]
        right, down = ((source.points[near] - (x, y)) / size).T
        reach = APART + _radii(source.sizes[near], size) / size
        beside = (np.abs(right) < HALF_WIDTH + reach) & (down > -ABOVE - reach)
        below = min([LONGEST, (height - y) / size, *(down[beside] - reach[beside]).tolist()])
        if below >= SHORTEST:
            yield CutOut(source, head, below)


def _radii(sizes: NDArray[np.float32], usual: float) -> NDArray[np.float32]:
    """Returns half of the size of each head; of those that are not known, of the usual one."""
    return np.asarray(np.where(np.isnan(sizes), usual, sizes) / 2, np.float32)


def drawn_pastes(people: Sequence[CutOut], rng: Generator, tile: tuple[int, int]) -> tuple[Pasted, ...]:
    """Draws who and what is set into a tile, the furthest up first, as the nearer stand before those behind.

    Args:
        people: who can be cut out, those with the smallest heads first.
        rng: what decides.
        tile: height and width.
    """
    high, wide = tile
    usual = float(np.exp(rng.uniform(*np.log(HEAD_SIZES_PX))))
    slope = rng.uniform(0, 0.7)  # people further down are nearer
    room = CROWD * high * wide / (2 * HALF_WIDTH * (ABOVE + LONGEST) * usual**2)
    number = int(min(rng.geometric(1 / USUAL), max(1, room)))
    things = int(rng.binomial(2 * number, 0.5))
    found = []
    for across, down in sorted(rng.random((number + things, 2)).tolist(), key=lambda place: place[1]):
        jitter = float(np.exp(rng.uniform(-0.15, 0.15)))
        size = float(np.clip(usual * (1 + slope * (2 * down - 1)) * jitter, *HEAD_SIZES_PX))
        first = bisect_left(people, size / LARGEST_ZOOM, key=lambda person: person.size_px)
        enough = people[min(first, len(people) - 1) :]
        is_person = bool(rng.integers(number + things) < number)
        if cut := (_person if is_person else _thing)(enough, rng):
            person, window, head = cut
            zoom, outlined = min(size / person.size_px, LARGEST_ZOOM), bool(rng.random() < 0.5)
            how = is_person, is_person and outlined, bool(rng.random() < 0.5), float(rng.uniform(0.75, 1.25))
            found.append(Pasted(person.source, window, head, (across * wide, down * high), zoom, person.size_px, *how))
    return tuple(found)


def _person(people: Sequence[CutOut], rng: Generator) -> Cut:
    person = people[int(rng.integers(len(people)))]
    window, (x, y) = _around(person), person.source.points[person.head].tolist()
    return person, window, (x - window.left, y - window.top)


def _thing(people: Sequence[CutOut], rng: Generator) -> Cut | None:
    """Draws a part of a picture, as large as that of somebody there, in which no head is; None where none was found."""
    for _ in range(TRIES):
        person = people[int(rng.integers(len(people)))]
        part, (height, width) = _around(person), person.source.picture.shape[:2]
        top, left = int(rng.integers(height - part.height + 1)), int(rng.integers(width - part.width + 1))
        across, down = np.abs(person.source.points.T - [[left + part.width / 2], [top + part.height / 2]])
        assert person.source.sizes is not None
        reach = APART * person.size_px + _radii(person.source.sizes, person.size_px)
        if not np.any((across < part.width / 2 + reach) & (down < part.height / 2 + reach)):
            return person, Window(top, left, part.height, part.width), (part.width / 2, ABOVE * person.size_px)
    return None


def _around(person: CutOut) -> Window:
    (x, y), size = person.source.points[person.head].tolist(), person.size_px
    top, left = int(y - ABOVE * size), int(x - HALF_WIDTH * size)
    return Window(top, left, int((ABOVE + person.below) * size), int(2 * HALF_WIDTH * size))


def paste(pixels: NDArray[np.uint8], pastes: Sequence[Pasted]) -> NDArray[np.uint8]:
    """Returns a tile, RGB (H, W, 3), with all that is set into it."""
    if not pastes:
        return pixels
    high, wide = pixels.shape[:2]
    seen = np.ascontiguousarray(pixels).copy()
    for item in pastes:
        outline, (left, top), _ = _outline(item)
        window = item.window
        cut = item.source.picture[window.top : window.top + window.height, window.left : window.left + window.width]
        way = cv2.INTER_AREA if item.zoom < 1 else cv2.INTER_LINEAR
        light = np.clip(cv2.resize(cut, outline.shape[::-1], interpolation=way) * np.float32(item.gain), 0, 255)
        light = light[:, ::-1] if item.mirrored else light
        rows, columns = slice(max(0, -top), max(0, high - top)), slice(max(0, -left), max(0, wide - left))
        share = outline[rows, columns, None]
        part = seen[max(0, top) :, max(0, left) :][: share.shape[0], : share.shape[1]]
        part[:] = np.rint(part + share * (light[rows, columns] - part)).astype(np.uint8)
    return seen


def paste_points(
    points: NDArray[np.float32], heads: NDArray[np.intp], tile: tuple[int, int], pastes: Sequence[Pasted]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Returns the head points (n, 2) that are seen once all is set into a tile, and which they are, -1 for set ones."""
    high, wide = tile
    for item in pastes:
        outline, (left, top), head = _outline(item)
        column, row = np.floor(points.T).astype(int) - np.array([[left], [top]])
        behind = (row >= 0) & (row < outline.shape[0]) & (column >= 0) & (column < outline.shape[1])
        behind[behind] = outline[row[behind], column[behind]] > COVERED
        points, heads = points[~behind], heads[~behind]
        if item.is_person and np.all((head >= 0) & (head < (wide, high))):
            points, heads = np.concatenate([points, head[None]]), np.append(heads, -1)
    return points, heads


def _outline(item: Pasted) -> tuple[NDArray[np.float32], tuple[int, int], NDArray[np.float32]]:
    """Returns the share of each pixel that a cutting has, (h, w), its left and upper edge, and where its head is."""
    high, wide = max(3, round(item.window.height * item.zoom)), max(3, round(item.window.width * item.zoom))
    size = item.head_px * item.zoom
    centre, middle = item.head[0] * wide / item.window.width, item.head[1] * high / item.window.height
    mask, soft = np.zeros((high, wide), np.float32), FEATHER * size
    if item.is_cut_out:
        _ellipse(mask, (centre, middle), (0.62 * size, 0.72 * size))
        _ellipse(mask, (centre, middle + 1.05 * size), (1.15 * size, 0.5 * size))
        top, half = middle + 1.05 * size, 1.15 * size
    else:
        top, half = 2 * soft, min(centre, wide - centre) - 2 * soft
    mask[round(top) : max(round(top) + 1, round(high - 2 * soft)), round(centre - half) : round(centre + half)] = 1
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.4, soft), borderType=cv2.BORDER_CONSTANT), np.float32)
    if item.mirrored:
        mask, centre = mask[:, ::-1], wide - centre
    left, top = round(item.at[0] - centre), round(item.at[1] - middle)
    return mask, (left, top), np.array([left + centre, top + middle], np.float32)


def _ellipse(mask: NDArray[np.float32], centre: tuple[float, float], half: tuple[float, float]) -> None:
    def fine(pair: tuple[float, float]) -> tuple[int, int]:
        return round(pair[0] * 16), round(pair[1] * 16)  # sixteenths of a pixel

    cv2.ellipse(mask, fine(centre), fine(half), 0, 0, 360, 1, -1, cv2.LINE_AA, 4)
