"""What is marked of the ground in a picture, with all that can be undone; pure, on frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import Literal

from app.dialogs.sight.sight import within
from engine.calibration.fitting import TALL, Distance, Person
from engine.picture.polygon import Point

MOST_STEPS = 500
Mark = Person | Distance
Kind = Literal["person", "distance"]
USUAL: dict[Kind, float] = {"person": TALL, "distance": 1.0}
"""Metres of a mark of which nothing is said."""
End = tuple[int, int]
"""A mark by its place, and which of its two ends."""


def made(kind: Kind, start: Point, end: Point, metres: float) -> Mark:
    """Returns a mark: a person from foot to head, or a distance from one point of the ground to another."""
    return Person(start, end, metres) if kind == "person" else Distance(start, end, metres)


def kind_of(mark: Mark) -> Kind:
    """Returns what a mark is."""
    return "person" if isinstance(mark, Person) else "distance"


def ends_of(mark: Mark) -> tuple[Point, Point]:
    """Returns where a mark begins and ends."""
    return (mark.foot, mark.head) if isinstance(mark, Person) else (mark.start, mark.end)


def metres_of(mark: Mark) -> float:
    """Returns how tall a person or how long a distance is."""
    return mark.tall if isinstance(mark, Person) else mark.metres


def with_metres(mark: Mark, metres: float) -> Mark:
    """Returns a mark of another height or length."""
    return replace(mark, tall=metres) if isinstance(mark, Person) else replace(mark, metres=metres)


def with_end(mark: Mark, end: int, point: Point) -> Mark:
    """Returns a mark of which an end, 0 or 1, is elsewhere."""
    ends = list(ends_of(mark))
    ends[end] = within(point)
    return made(kind_of(mark), ends[0], ends[1], metres_of(mark))


def nearest_end(marks: Sequence[Mark], at: Point, scale: Point, reach: float) -> End | None:
    """Returns the end of a mark that lies nearest; None where none is within reach.

    Args:
        marks: where to look among.
        at: a point of the picture.
        scale: the picture's width and height on the screen.
        reach: on the screen, in the same unit.
    """
    ends = [(place, number, end) for place, mark in enumerate(marks) for number, end in enumerate(ends_of(mark))]
    apart = [hypot((x - at[0]) * scale[0], (y - at[1]) * scale[1]) for _, _, (x, y) in ends]
    nearest = min(range(len(apart)), key=apart.__getitem__, default=None)
    return ends[nearest][:2] if nearest is not None and apart[nearest] <= reach else None


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks as they are, as they were, and as they were before they were undone."""

    all: tuple[Mark, ...] = ()
    past: tuple[tuple[Mark, ...], ...] = ()
    future: tuple[tuple[Mark, ...], ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """Those that are people."""
        return tuple(mark for mark in self.all if isinstance(mark, Person))

    @property
    def distances(self) -> tuple[Distance, ...]:
        """Those that are distances."""
        return tuple(mark for mark in self.all if isinstance(mark, Distance))

    def added(self, mark: Mark) -> "Marks":
        """Returns them with one more."""
        return self._changed((*self.all, mark))

    def removed(self, place: int) -> "Marks":
        """Returns them without one."""
        return self._changed((*self.all[:place], *self.all[place + 1 :]))

    def replaced(self, place: int, mark: Mark, *, begins: bool = True) -> "Marks":
        """Returns them with another in a place; what does not `begin` goes on with the step before."""
        after = (*self.all[:place], mark, *self.all[place + 1 :])
        return self._changed(after) if begins else Marks(after, self.past, ())

    def undone(self) -> "Marks":
        """Returns them one step back; themselves where there is none."""
        return Marks(self.past[-1], self.past[:-1], (self.all, *self.future)) if self.past else self

    def redone(self) -> "Marks":
        """Returns them one step on again; themselves where nothing was undone."""
        return Marks(self.future[0], (*self.past, self.all), self.future[1:]) if self.future else self

    def _changed(self, after: tuple[Mark, ...]) -> "Marks":
        return self if after == self.all else Marks(after, (*self.past, self.all)[-MOST_STEPS:])
