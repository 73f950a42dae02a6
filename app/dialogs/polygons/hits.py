"""What of the polygons lies under the pointer; pure, in points of the screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from app.dialogs.polygons.edits import Shapes
from app.dialogs.sight.sight import Sight
from engine.picture.polygon import Point, signed_area


@dataclass(frozen=True, slots=True)
class Hit:
    """A part of a shape: a corner, an edge, or with neither its body."""

    place: int
    """Of the shape."""
    corner: int | None = None
    edge: int | None = None
    """The corner that it begins at."""


def hit(shapes: Shapes, chosen: int | None, at: Point, sight: Sight, reach: float) -> Hit | None:
    """Returns what is at a place on the screen; of the chosen shape first, then of the smallest.

    Edges are taken hold of only of the chosen shape: of others they are part of the body.
    """
    outlines = [[sight.on_screen(corner) for corner in shape.corners] for shape in shapes]
    order = sorted(range(len(shapes)), key=lambda place: (place != chosen, abs(signed_area(shapes[place].corners))))
    for place in order:
        corner = min(range(len(outlines[place])), key=lambda i: _distance(outlines[place][i], at))
        if _distance(outlines[place][corner], at) <= reach:
            return Hit(place, corner=corner)
    for place in order:
        edge = _edge(outlines[place], at, reach)
        if edge is not None and place == chosen:
            return Hit(place, edge=edge)
        if edge is not None or _is_inside(outlines[place], at):
            return Hit(place)
    return None


def _edge(outline: Sequence[Point], at: Point, reach: float) -> int | None:
    """Returns the nearest edge that is near enough, by the corner that it begins at."""
    ends = [*outline[1:], outline[0]]
    ways = [_way(start, end, at) for start, end in zip(outline, ends, strict=True)]
    nearest = min(range(len(ways)), key=ways.__getitem__)
    return nearest if ways[nearest] <= reach else None


def _way(start: Point, end: Point, at: Point) -> float:
    """Returns how far a place is from an edge."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = dx * dx + dy * dy
    share = 0.0 if not length else min(max(((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / length, 0.0), 1.0)
    return _distance((start[0] + share * dx, start[1] + share * dy), at)


def _is_inside(outline: Sequence[Point], at: Point) -> bool:
    crossings = 0
    for (ax, ay), (bx, by) in zip(outline, [*outline[1:], outline[0]], strict=True):
        crossings += (ay > at[1]) != (by > at[1]) and at[0] < ax + (at[1] - ay) / (by - ay) * (bx - ax)
    return crossings % 2 == 1


def _distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])
