"""The heads that are marked in one picture, with all that can be undone; pure, on frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from app.dialogs.sight.sight import within
from engine.checks.spot_check import Point

MOST_STEPS = 500


def nearest(points: Sequence[Point], at: Point, scale: Point, reach: float) -> int | None:
    """Returns the place of the point that lies nearest; None where none is within reach.

    Args:
        points: x and y relative to the picture's size.
        at: where to look, likewise.
        scale: the picture's width and height on the screen.
        reach: on the screen, in the same unit.
    """
    apart = [hypot((x - at[0]) * scale[0], (y - at[1]) * scale[1]) for x, y in points]
    place = min(range(len(apart)), key=apart.__getitem__, default=None)
    return place if place is not None and apart[place] <= reach else None


@dataclass(frozen=True, slots=True)
class Marks:
    """Points as they are, as they were, and as they were before they were undone."""

    points: tuple[Point, ...] = ()
    past: tuple[tuple[Point, ...], ...] = ()
    future: tuple[tuple[Point, ...], ...] = ()

    def added(self, point: Point) -> "Marks":
        """Returns them with one more."""
        return self._changed((*self.points, within(point)))

    def removed(self, place: int) -> "Marks":
        """Returns them without one."""
        return self._changed((*self.points[:place], *self.points[place + 1 :]))

    def moved(self, place: int, point: Point, *, begins: bool = True) -> "Marks":
        """Returns them with one elsewhere; what does not `begin` goes on with the step before."""
        points = (*self.points[:place], within(point), *self.points[place + 1 :])
        return self._changed(points) if begins else Marks(points, self.past, ())

    def undone(self) -> "Marks":
        """Returns them one step back; themselves where there is none."""
        if not self.past:
            return self
        return Marks(self.past[-1], self.past[:-1], (self.points, *self.future))

    def redone(self) -> "Marks":
        """Returns them one step on again; themselves where nothing was undone."""
        if not self.future:
            return self
        return Marks(self.future[0], (*self.past, self.points), self.future[1:])

    def _changed(self, points: tuple[Point, ...]) -> "Marks":
        return Marks(points, (*self.past, self.points)[-MOST_STEPS:])
