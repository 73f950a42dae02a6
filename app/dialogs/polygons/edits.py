"""What can be done to the zones, include areas and masks of a camera: pure, on frozen values.

An edit always gives a value, whose corners lie within the picture; `refusal` says whether it may stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from engine.picture.polygon import MOST_POINTS, Point, Polygon, checked
from engine.settings.config import CameraSettings, ZoneSettings
from engine.settings.fields import Name

Kind = Literal["zone", "include", "privacy"]
KINDS: tuple[Kind, ...] = ("zone", "include", "privacy")
DIGITS = 6  # of a coordinate in the file; far finer than a pixel
MOST_STEPS = 500  # that can be undone
NAME: TypeAdapter[str] = TypeAdapter(Name)
NEW_NAME = "zone"  # of a zone that nobody has named yet, with a number


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon and what it is for."""

    kind: Kind
    corners: tuple[Point, ...]
    name: str = ""
    """Of a zone; the others have none."""
    capacity: int | None = None
    """Of a zone, in people."""


Shapes = tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class History:
    """All shapes as they are, as they were, and as they were before they were undone."""

    present: Shapes
    past: tuple[Shapes, ...] = ()
    future: tuple[Shapes, ...] = ()
    step: object = None
    """What the newest edit was; edits in a row that are equal, such as the letters of a name, are one step."""

    def edited(self, shapes: Shapes, step: object = None) -> "History":
        """Returns it with other shapes as the newest; what was undone is gone."""
        if shapes == self.present:
            return self
        is_same = step is not None and step == self.step and bool(self.past)
        past = self.past if is_same else (*self.past, self.present)[-MOST_STEPS:]
        return History(shapes, past, (), step)

    def undone(self) -> "History":
        """Returns it one step back; itself where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redone(self) -> "History":
        """Returns it one step on again; itself where nothing was undone."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])


def shapes_of(settings: CameraSettings) -> Shapes:
    """Returns the polygons of a camera, zones first."""
    zones = (Shape("zone", zone.polygon, zone.name, zone.capacity) for zone in settings.zones)
    include = (Shape("include", polygon) for polygon in settings.include)
    return (*zones, *include, *(Shape("privacy", polygon) for polygon in settings.privacy))


def settings_with(settings: CameraSettings, shapes: Shapes) -> CameraSettings:
    """Returns a camera's settings with these polygons, in which there must be no problem."""
    zones = tuple(_zone(shape) for shape in shapes if shape.kind == "zone")
    include, privacy = (tuple(_written(s) for s in shapes if s.kind == kind) for kind in ("include", "privacy"))
    return settings.model_copy(update={"zones": zones, "include": include, "privacy": privacy})


@lru_cache(maxsize=4)
def problems(shapes: Shapes) -> Mapping[int, str]:
    """Returns what is wrong with single shapes, by their places, in a clause whose subject is the shape."""
    names = [shape.name.strip().casefold() for shape in shapes]
    found: dict[int, str] = {}
    for place, shape in enumerate(shapes):
        if said := refusal(shape.corners) or (_name_problem(shape.name) if shape.kind == "zone" else ""):
            found[place] = said
        elif shape.kind == "zone" and names[place] in names[:place]:
            found[place] = f"has the name '{shape.name.strip()}' of another zone, expected each name once"
    return MappingProxyType(found)


def refusal(corners: Sequence[Point]) -> str:
    """Returns why corners are no sound polygon, in a clause, or ''."""
    return _refusal(tuple(corners))


@lru_cache(maxsize=256)
def _refusal(corners: tuple[Point, ...]) -> str:
    """Is kept, since all shapes are asked at every move of one."""
    try:
        checked(corners)
    except ValueError as error:
        return str(error)
    return ""


def sound(corners: Sequence[Point]) -> Polygon:
    """Returns corners of which nothing is refused as a polygon; a corner moved onto the next becomes one with it."""
    return checked(tuple(corners))


def new_name(shapes: Shapes) -> str:
    """Returns a name that no zone has."""
    taken = {shape.name.strip().casefold() for shape in shapes}
    return next(name for number in range(1, len(shapes) + 2) if (name := f"{NEW_NAME} {number}") not in taken)


def clamped(point: Point) -> Point:
    """Returns the nearest point of the picture."""
    return min(max(point[0], 0.0), 1.0), min(max(point[1], 0.0), 1.0)


def moved(shape: Shape, by: Point) -> Shape:
    """Returns a shape moved as far as it stays within the picture, in its own form."""
    steps = []
    for axis, step in enumerate(by):
        places = [corner[axis] for corner in shape.corners]
        steps.append(min(max(step, -min(places)), 1.0 - max(places)))
    return replace(shape, corners=tuple(clamped((x + steps[0], y + steps[1])) for x, y in shape.corners))


def with_corner_at(shape: Shape, place: int, point: Point) -> Shape:
    """Returns a shape with one corner elsewhere."""
    corners = list(shape.corners)
    corners[place] = clamped(point)
    return replace(shape, corners=tuple(corners))


def with_corner_after(shape: Shape, place: int, point: Point | None = None) -> Shape:
    """Returns a shape with another corner behind one: at a point, or in the middle of the edge."""
    (ax, ay), (bx, by) = shape.corners[place], shape.corners[(place + 1) % len(shape.corners)]
    corner = ((ax + bx) / 2, (ay + by) / 2) if point is None else clamped(point)
    return replace(shape, corners=(*shape.corners[: place + 1], corner, *shape.corners[place + 1 :]))


def without_corner(shape: Shape, place: int) -> Shape:
    """Returns a shape with one corner less."""
    return replace(shape, corners=shape.corners[:place] + shape.corners[place + 1 :])


def replaced(shapes: Shapes, place: int, shape: Shape | None) -> Shapes:
    """Returns the shapes with another one in a place; None takes it out."""
    return (*shapes[:place], *([shape] if shape else []), *shapes[place + 1 :])


def added(shapes: Shapes, kind: Kind, corners: Sequence[Point]) -> tuple[Shapes, int]:
    """Returns the shapes with a new one behind those of its kind, and its place.

    Raises:
        ValueError: the corners are no sound polygon, see `refusal`.
    """
    shape = Shape(kind, sound(corners), new_name(shapes) if kind == "zone" else "")
    before = KINDS[: KINDS.index(kind) + 1]
    place = sum(other.kind in before for other in shapes)
    return (*shapes[:place], shape, *shapes[place:]), place


def draft_refusal(corners: Sequence[Point]) -> str:
    """Returns why a line that is not closed yet cannot go on so, in a clause, or ''."""
    if len(corners) > MOST_POINTS:
        return f"has {len(corners)} points, expected at most {MOST_POINTS}"
    pairs = list(pairwise(corners))
    if len(pairs) < 2:
        return ""
    if any(_cross(pairs[-1], pair) for pair in pairs[:-2]):
        return "crosses itself, expected edges that meet only at their corners"
    return ""


def _cross(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two edges cross inside both of them; that they only touch is judged when the polygon is closed."""
    (a, b), (c, d) = first, second
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _zone(shape: Shape) -> ZoneSettings:
    return ZoneSettings(name=shape.name, polygon=_written(shape), capacity=shape.capacity)


def _written(shape: Shape) -> Polygon:
    """Returns its corners with as many digits as a person can read in a file; steps of keys add up to more."""
    return sound([(round(x, DIGITS), round(y, DIGITS)) for x, y in shape.corners])


def _name_problem(name: str) -> str:
    """Returns why a zone cannot be called so, in a clause, or ''."""
    try:
        NAME.validate_python(name)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        return f"has a name that {first['ctx']['error']}"
    return ""
