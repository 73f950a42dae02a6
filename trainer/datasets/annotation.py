"""What an annotation file says about one picture, the same from every format."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

PLACES_NAMED = 5


class Mark(NamedTuple):
    """One annotated person: a point, or a box by its centre and size; in pixels, or in fractions of the picture."""

    label: str
    """Empty where the file has none."""
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0

    @property
    def is_box(self) -> bool:
        """Whether it has a size."""
        return self.height > 0


class Fault(NamedTuple):
    """One entry of a file that cannot be used."""

    place: str
    """Where, as a line or a number, in words; may be empty."""
    why: str
    label: str | None = None
    """None where it is not known, which counts against any choice of labels."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a file says about one picture."""

    file: Path
    marks: tuple[Mark, ...] = ()
    faults: tuple[Fault, ...] = ()
    picture: str = ""
    """As the file names it; empty where file and picture have one name."""
    size: tuple[int, int] | None = None
    """Height and width of the picture, if the file says them."""
    relative: bool = False
    """Places are fractions of the picture."""
    upright: bool | None = None
    """Whether places are in the picture as it is shown, not as it is stored; None leaves that to the size."""
    total: float | None = None
    """Sum of a density map."""

    def in_pixels(self, height: int, width: int) -> "Annotation":
        """Returns the same with places in the pixels of a picture of the given size, which are fractions until then."""
        marks = tuple(Mark(m.label, m.x * width, m.y * height, m.width * width, m.height * height) for m in self.marks)
        return replace(self, marks=marks, relative=False)


def box_between(label: str, corners: tuple[float, float, float, float]) -> Mark:
    """Returns the box between two corners x, y, x, y; raises ValueError if it has no size."""
    left, top, right, bottom = corners
    width, height = abs(right - left), abs(bottom - top)
    return sized_box(label, ((left + right) / 2, (top + bottom) / 2), width, height)


def sized_box(label: str, centre: tuple[float, float], width: float, height: float) -> Mark:
    """Returns the box around a centre; raises ValueError if it has no size."""
    if not (width > 0 and height > 0):
        raise ValueError(f"a box of {width:g} by {height:g}, expected a width and a height above 0")
    return Mark(label, *centre, width, height)


def fault_text(file: Path, faults: tuple[Fault, ...]) -> str:
    """Says in one sentence what is wrong in a file: the first fault, and where the others are."""
    first = faults[0]
    place = f", {first.place}" if first.place else ""
    others = [fault.place for fault in faults[1:] if fault.place]
    named = f", as {', '.join(others[:PLACES_NAMED])}" if others else ""
    more = f" and {len(others) - PLACES_NAMED} more" if len(others) > PLACES_NAMED else ""
    return f"annotation {file}{place}: {first.why}{named}{more}"
