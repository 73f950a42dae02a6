"""Polygons in relative coordinates: which ones are sound, and how much of every cell they cover.

Coverage is exact, not sampled: every edge adds its signed area to the cells right of it, as font rasterisers do. Two
polygons that share an edge therefore share no area and leave none out, whatever the size of the cells.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
"""x to the right and y down, both from 0 to 1."""
Polygon = tuple[Point, ...]
"""Corners in order; the last is joined to the first."""
Points = NDArray[np.float64]
"""(n, 2)."""

LEAST_POINTS, MOST_POINTS = 3, 200
LEAST_AREA = 1e-6  # of the picture: about one pixel of 720p


def checked(points: object) -> Polygon:
    """Returns points as a polygon; a point given twice in a row (as closed polygons do) is taken once.

    Raises:
        ValueError: fewer than 3 points, coordinates outside 0 to 1, edges that cross or touch, or no area.
    """
    if not isinstance(points, Sequence) or isinstance(points, str):
        raise ValueError("is no list of points, expected [[x, y], [x, y], [x, y]] or more")
    pairs = [_point(number, point) for number, point in enumerate(points, 1)]
    corners = tuple(b for a, b in pairwise([*pairs[-1:], *pairs]) if a != b)
    if not LEAST_POINTS <= len(corners) <= MOST_POINTS:
        bound = f"at least {LEAST_POINTS}" if len(corners) < LEAST_POINTS else f"at most {MOST_POINTS}"
        raise ValueError(f"has {len(corners) or len(pairs[:1])} points, expected {bound}")
    _check_simple(corners)
    if abs(signed_area(corners)) < LEAST_AREA:
        raise ValueError(f"covers {abs(signed_area(corners)):.1g} of the picture, expected more than {LEAST_AREA:.0e}")
    return corners


def signed_area(polygon: Polygon) -> float:
    """Returns the area as a share of the picture, negative for one of the two ways round."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _edges(polygon)) / 2


@lru_cache(maxsize=128)
def coverage(polygon: Polygon, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Returns the share of every cell that lies inside the polygon, 0 to 1.

    Args:
        polygon: a sound one, see `checked`.
        shape: rows and columns of the cells that the picture is divided into.

    Returns:
        (rows, columns), read-only and kept, since polygons seldom change.
    """
    rows, columns = shape
    steps = np.zeros((rows + 1, columns + 2))
    for (ax, ay), (bx, by) in _edges(polygon):
        _add_edge(steps, (ax * columns, ay * rows), (bx * columns, by * rows))
    inside = np.abs(np.cumsum(steps[:rows, :columns], axis=1)).clip(0.0, 1.0)
    inside[inside < 1e-9] = 0.0  # the rest of sums that should be nothing
    inside.setflags(write=False)
    return inside


def _add_edge(steps: NDArray[np.float64], start: Point, end: Point) -> None:
    """Adds one edge, in cells, to the change of coverage from each cell to its right neighbour."""
    (ax, ay), (bx, by) = start, end
    cuts = [np.array([0.0, 1.0])]
    for a, b in ((ax, bx), (ay, by)):
        lines = np.arange(np.ceil(min(a, b)), np.floor(max(a, b)) + 1)
        if a != b:
            cuts.append((lines - a) / (b - a))
    at = np.unique(np.clip(np.concatenate(cuts), 0.0, 1.0))
    middle, height = (at[1:] + at[:-1]) / 2, np.diff(at) * (by - ay)
    x = ax + middle * (bx - ax)
    row, column = (ay + middle * (by - ay)).astype(int), x.astype(int)
    left = x - column
    np.add.at(steps, (row, column), height * (1 - left))
    np.add.at(steps, (row, column + 1), height * left)


def _point(number: int, point: object) -> Point:
    pair = list(point) if isinstance(point, Sequence) and not isinstance(point, str) else []
    if len(pair) != 2 or not all(isinstance(c, int | float) and not isinstance(c, bool) for c in pair):
        raise ValueError(f"has a point {number} that is no pair of numbers, expected [x, y]")
    try:
        x, y = float(pair[0]), float(pair[1])
    except OverflowError:  # an integer of hundreds of digits
        raise ValueError(f"has point {number} beyond all bounds, expected coordinates from 0 to 1") from None
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise ValueError(
            f"has point {number} at ({x:g}, {y:g}), expected coordinates from 0 to 1, relative to the picture"
        )
    return x, y


def _edges(polygon: Polygon) -> list[tuple[Point, Point]]:
    return list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))


def _check_simple(polygon: Polygon) -> None:
    """Compares all pairs of edges at once, since an editor asks again at every move of the pointer."""
    starts = np.array(polygon)
    ends = np.roll(starts, -1, axis=0)
    first, second = np.triu_indices(len(polygon), 1)
    a, b, c, d = starts[first], ends[first], starts[second], ends[second]
    follows, leads = (b == c).all(axis=1), (a == d).all(axis=1)
    turning = np.where(follows[:, None], _folds(a, b, d), _folds(c, a, b))
    meets = np.where(follows | leads, turning[:, 0], _touch(a, b, c, d))
    if meets.any():
        place = int(meets.argmax())
        raise ValueError(
            f"crosses itself (edges {first[place] + 1} and {second[place] + 1}), "
            "expected edges that meet only at their corners"
        )


def _folds(before: Points, corner: Points, after: Points) -> NDArray[np.bool_]:
    """Whether paths turn back at their corners on the line that they came on; (n, 1)."""
    goes_on = ((corner - before) * (after - corner)).sum(axis=1) > 0
    folds: NDArray[np.bool_] = ((_turn(before, corner, after) == 0) & ~goes_on)[:, None]
    return folds


def _turn(a: Points, b: Points, c: Points) -> NDArray[np.int8]:
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return np.where(np.abs(cross) < 1e-12, 0, np.sign(cross)).astype(np.int8)


def _touch(a: Points, b: Points, c: Points, d: Points) -> NDArray[np.bool_]:
    """Whether edges ab and cd have a point in common."""
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    touch: NDArray[np.bool_] = (turns[0] != turns[1]) & (turns[2] != turns[3])
    for turn, (start, end, point) in zip(turns, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True):
        between = (np.minimum(start, end) <= point) & (point <= np.maximum(start, end))
        touch |= (turn == 0) & between.all(axis=1)
    return touch
