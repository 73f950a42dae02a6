"""Where the pictures of a wall stand; pure: sizes are arguments, in whatever unit the caller draws in."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MOST_TILES = 16
USUAL_ASPECT = 16 / 9
LARGE_GRIDS = ((3, 2), (4, 3), (5, 4), (4, 2), (5, 3))
"""Cells along each side, and of those the large picture's; in the order of the pictures they hold: 6, 8, 10, 13, 17."""

BESIDE = 3
"""Small pictures that stand in one column, beside a large one."""


class Layout(StrEnum):
    """How pictures are arranged; the values are what the file of preferences says."""

    AUTOMATIC = "automatic"
    ONE = "1"
    FOUR = "2x2"
    NINE = "3x3"
    SIXTEEN = "4x4"
    LARGE = "large"
    """One large picture with small ones around."""

    @property
    def grid(self) -> int | None:
        """Rows, which are as many as the columns; None where they follow from the room."""
        return {Layout.ONE: 1, Layout.FOUR: 2, Layout.NINE: 3, Layout.SIXTEEN: 4}.get(self)

    @property
    def capacity(self) -> int:
        """How many pictures it shows at once."""
        return self.grid**2 if self.grid else MOST_TILES


class Place(NamedTuple):
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Room:
    """What the pictures are given."""

    width: int
    height: int
    gap: int = 0
    """Between two of them."""


def arranged(number: int, room: tuple[float, float], aspect: float) -> tuple[int, int]:
    """Returns the rows and columns in which pictures get largest; side by side where that is the same.

    Args:
        number: of pictures, at least 1.
        room: width and height.
        aspect: width of a picture over its height.
    """
    width, height = room

    def worth(columns: int) -> tuple[float, int, int]:
        rows = -(-number // columns)
        return round(min(width / columns / aspect, height / rows), 6), -(rows * columns), columns

    columns = max(range(1, number + 1), key=worth)
    return -(-number // columns), columns


def places(layout: Layout, number: int, room: Room, aspect: float) -> list[Place]:
    """Returns where so many pictures stand, in their order; at most as many as the layout holds."""
    number = min(number, layout.capacity)
    if not number:
        return []
    if layout is Layout.LARGE and number > 1:
        return _around_a_large_one(number, room)
    rows, columns = (layout.grid,) * 2 if layout.grid else arranged(number, (room.width, room.height), aspect)
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    return [_spanned(room, (rows, columns), cell, 1) for cell in cells[:number]]


def pages(number: int, layout: Layout) -> int:
    """Returns how many pages so many pictures need, at least 1."""
    return max(1, -(-number // layout.capacity))


def neighbour(places: Sequence[Place], current: int, step: tuple[int, int]) -> int:
    """Returns the place that an arrow key leads to from the current one, which it is itself at an edge.

    Args:
        places: all that are shown.
        current: the index of one of them.
        step: (1, 0) for right, (-1, 0) for left, (0, 1) for down, (0, -1) for up.
    """
    here = _centre(places[current])

    def way(index: int) -> float:
        there = _centre(places[index])
        along = sum((t - h) * s for t, h, s in zip(there, here, step, strict=True))
        aside = abs((there[0] - here[0]) * step[1]) + abs((there[1] - here[1]) * step[0])
        return along + 2 * aside if along > aside / 2 else float("inf")

    best = min(range(len(places)), key=way)
    return best if way(best) < float("inf") else current


def _around_a_large_one(number: int, room: Room) -> list[Place]:
    if number <= 1 + BESIDE:
        column = [_spanned(room, (number - 1, BESIDE + 1), (row, BESIDE), 1) for row in range(number - 1)]
        left = column[0].x - room.gap
        return [Place(0, 0, max(1, left), room.height), *column]
    side, large = next(grid for grid in LARGE_GRIDS if 1 + grid[0] ** 2 - grid[1] ** 2 >= number)
    cells = [(row, column) for row in range(side) for column in range(side) if row >= large or column >= large]
    shape = side, side
    return [_spanned(room, shape, (0, 0), large), *(_spanned(room, shape, cell, 1) for cell in cells[: number - 1])]


def _spanned(room: Room, shape: tuple[int, int], cell: tuple[int, int], span: int) -> Place:
    """Returns the place of so many cells along each side; all of the room is used, to the last pixel."""
    (rows, columns), (row, column) = shape, cell
    top, bottom = _line(room.height, room.gap, rows, row), _line(room.height, room.gap, rows, row + span)
    left, right = _line(room.width, room.gap, columns, column), _line(room.width, room.gap, columns, column + span)
    return Place(left, top, max(1, right - left - room.gap), max(1, bottom - top - room.gap))


def _line(length: int, gap: int, parts: int, number: int) -> int:
    return round((length + gap) * number / parts)


def _centre(place: Place) -> tuple[float, float]:
    return place.x + place.width / 2, place.y + place.height / 2
