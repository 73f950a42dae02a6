"""Where a corner snaps to: other corners, the borders of the picture, and edges at whole and half right angles; pure.

Distances and angles are those on the screen: the borders, and lines through the neighbouring corners at 0°, 45°, 90°
and 135°, are lines; where two of them meet near the pointer comes before the nearest place on one of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot, sqrt

from engine.picture.polygon import Point

Line = tuple[Point, Point]
"""A point and a direction of length 1, both on the screen."""
DIAGONAL = 1 / sqrt(2)
DIRECTIONS: tuple[Point, ...] = ((1.0, 0.0), (0.0, 1.0), (DIAGONAL, DIAGONAL), (DIAGONAL, -DIAGONAL))


@dataclass(frozen=True, slots=True)
class Snap:
    """What there is to snap to."""

    scale: Point
    """Points of the screen along the picture's whole width and height."""
    reach: float
    """How near it has to be, in points of the screen."""
    corners: tuple[Point, ...] = ()
    """Of other polygons, relative to the picture."""
    anchors: tuple[Point, ...] = ()
    """The neighbours of the corner, to which its edges lead."""


def snapped(point: Point, snap: Snap) -> Point:
    """Returns where a point snaps to, relative to the picture as itself; the point where nothing is near."""
    width, height = snap.scale
    at = point[0] * width, point[1] * height
    lines = list(_lines(snap))
    tiers = (
        [(x * width, y * height) for x, y in snap.corners],
        [meeting for pair in combinations(lines, 2) if (meeting := _meeting(*pair))],
        [_foot(at, line) for line in lines],
    )
    for tier in tiers:
        near = _nearest(at, [(x, y) for x, y in tier if -1e-6 <= x <= width + 1e-6 and -1e-6 <= y <= height + 1e-6])
        if near and _distance(at, near) <= snap.reach:
            return min(max(near[0] / width, 0.0), 1.0), min(max(near[1] / height, 0.0), 1.0)
    return point


def snapped_step(corners: Sequence[Point], step: Point, snap: Snap) -> Point:
    """Returns a step for a whole polygon by which one of its corners snaps, the one that has the shortest way."""
    best, shortest = step, float("inf")
    for x, y in corners:
        to = x + step[0], y + step[1]
        found = snapped(to, snap)
        way = hypot((found[0] - to[0]) * snap.scale[0], (found[1] - to[1]) * snap.scale[1])
        if found != to and way < shortest:
            best, shortest = (found[0] - x, found[1] - y), way
    return best


def _lines(snap: Snap) -> Iterator[Line]:
    width, height = snap.scale
    borders: tuple[Point, ...] = ((width, 0.0), (width, height), (0.0, height), (0.0, 0.0))  # each by another corner
    for number, corner in enumerate(borders):
        yield corner, DIRECTIONS[number % 2]
    for x, y in snap.anchors:
        for direction in DIRECTIONS:
            yield (x * width, y * height), direction


def _meeting(first: Line, second: Line) -> Point | None:
    ((ax, ay), (ux, uy)), ((bx, by), (vx, vy)) = first, second
    turn = ux * vy - uy * vx
    if abs(turn) < 1e-9 or (ax, ay) == (bx, by):
        return None  # an edge to a neighbour of no length is none
    along = ((bx - ax) * vy - (by - ay) * vx) / turn
    return ax + along * ux, ay + along * uy


def _foot(point: Point, line: Line) -> Point:
    (ax, ay), (ux, uy) = line
    along = (point[0] - ax) * ux + (point[1] - ay) * uy
    return ax + along * ux, ay + along * uy


def _nearest(point: Point, among: Sequence[Point]) -> Point | None:
    return min(among, key=lambda other: _distance(point, other), default=None)


def _distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
