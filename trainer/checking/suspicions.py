"""What looks wrong in annotations that can be read: swapped or relative coordinates, doubles, turned or black pictures.

Each is found by counting, in a set as a whole, and told with its number and the picture that shows it best.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.pictures import Picture

OUTSIDE_FROM = 0.05
COINCIDING_FROM = 0.01
CORNER = 0.25
"""Of width and height."""
COPIED_FROM = 3
"""Points that two pictures have in common before one is taken for a copy."""
DARK, BRIGHTEST = 32, 99.9
"""Grey value that so many percent of a nearly black picture stay below: ten to twelve bits in a file of sixteen."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What in one picture could be wrong."""

    people: int
    outside: int
    outside_swapped: int
    """Points that were outside if x and y were swapped."""
    outside_turned: int | None
    """Points that were outside if they were in the pixels the other way up; None where EXIF turns nothing."""
    coinciding: int
    """Points at the very place of another."""
    is_in_corner: bool
    """Whether all lie in the upper left corner."""
    is_relative: bool
    """Whether all are from 0 to 1."""
    is_dark: bool
    points: bytes
    """The points as they were annotated, to be compared."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that looks wrong in a data set."""

    title: str
    """In a few words, for a picture."""
    text: str
    """In a sentence with the number."""
    path: Path | None = None
    """The picture that shows it best."""


Item = tuple[Path, Signs]


def signs_of(picture: Picture, points: NDArray[np.float32], is_upright: bool) -> Signs:
    """Counts what could be wrong.

    Args:
        picture: as it was read.
        points: (n, 2), as they were annotated.
        is_upright: whether they are taken to be in the picture as it is shown, not in the stored pixels.
    """
    upright, stored = picture.pixels.shape[:2], picture.stored_size
    height, width = upright if is_upright else stored
    other = stored if is_upright else upright
    people = len(points)
    return Signs(
        people=people,
        outside=_outside(points, height, width),
        outside_swapped=_outside(points[:, ::-1], height, width),
        outside_turned=_outside(points, *other) if upright != stored else None,
        coinciding=people - len(np.unique(points, axis=0)),
        is_in_corner=people > 0 and bool((points < np.array([width, height]) * CORNER).all()),
        is_relative=people > 0 and bool(((points >= 0) & (points <= 1)).all()),
        is_dark=float(np.percentile(picture.pixels, BRIGHTEST)) < DARK,
        points=points.tobytes(),
    )


def suspicions(items: Sequence[Item], unit: Callable[[Path], str]) -> list[Suspicion]:
    """Returns what looks wrong in a data set.

    Args:
        items: its pictures that can be read.
        unit: what a picture is called.
    """
    found = (check(items, unit) for check in (_outsiders, _cornered, _coinciding, _copied, _turned, _dark))
    return [suspicion for suspicion in found if suspicion]


def _outside(points: NDArray[np.float32], height: int, width: int) -> int:
    return int(((points < 0) | (points > np.array([width, height]))).any(axis=1).sum())


def _outsiders(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    people, outside = sum(s.people for _, s in items), sum(s.outside for _, s in items)
    if outside <= OUTSIDE_FROM * people:
        return None
    swapped = sum(s.outside_swapped for _, s in items)
    path, worst = max(items, key=lambda item: item[1].outside)
    guess = f"are x and y swapped? then {swapped:,} would" if swapped < outside / 2 else "is it another picture size?"
    share = f"{outside:,} of {people:,} points ({outside / people:.0%})"
    text = f"{share} lie outside their pictures, most in {unit(path)} ({worst.outside:,}); {guess}"
    return Suspicion(f"{worst.outside:,} of {worst.people:,} points outside", text, path)


def _cornered(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    peopled = [item for item in items if item[1].people]
    cornered = [item for item in peopled if item[1].is_in_corner]
    if len(cornered) <= len(peopled) / 2 or sum(s.people for _, s in cornered) < COPIED_FROM:
        return None
    path, most = max(cornered, key=lambda item: item[1].people)
    guess = "are the coordinates fractions of the picture? pixels are expected"
    if not all(s.is_relative for _, s in cornered):
        guess = "were they annotated on smaller pictures?"
    text = (
        f"in {len(cornered):,} of {len(peopled):,} pictures with people all points lie in the upper left corner, as "
        f"the {most.people:,} of {unit(path)}; {guess}"
    )
    return Suspicion(f"all {most.people:,} points in the corner", text, path)


def _coinciding(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    people, coinciding = sum(s.people for _, s in items), sum(s.coinciding for _, s in items)
    if coinciding <= COINCIDING_FROM * people:
        return None
    path, worst = max(items, key=lambda item: item[1].coinciding)
    text = (
        f"{coinciding:,} of {people:,} points ({coinciding / people:.0%}) lie exactly on another, most in {unit(path)} "
        f"({worst.coinciding:,}); was something annotated or written twice?"
    )
    return Suspicion(f"{worst.coinciding:,} points on another", text, path)


def _copied(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    first: dict[bytes, Path] = {}
    copies = []
    for path, signs in items:
        if signs.people >= COPIED_FROM and first.setdefault(signs.points, path) != path:
            copies.append((path, first[signs.points]))
    if not copies:
        return None
    path, origin = copies[0]
    text = (
        f"annotations repeat: {_pictures(copies, 'has', 'have')} exactly the points of another, as {unit(path)} "
        f"those of {unit(origin)}; was an annotation copied?"
    )
    return Suspicion(f"the points of {unit(origin)}", text, path)


def _turned(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    turned = [(path, s, s.outside_turned) for path, s in items if s.outside_turned is not None]
    better = [(path, s, other) for path, s, other in turned if other < s.outside]
    if not better:
        return None
    path, worst, other = max(better, key=lambda item: item[1].outside - item[2])
    text = (
        f"in {len(better):,} of {len(turned):,} pictures that their camera marked as turned (EXIF) the points fit "
        f"better the other way up, as in {unit(path)}: {worst.outside:,} lie outside, and {other:,} if turned; save "
        "the pictures as they are shown, without that mark"
    )
    return Suspicion(f"turned? {worst.outside:,} points outside", text, path)


def _dark(items: Sequence[Item], unit: Callable[[Path], str]) -> Suspicion | None:
    dark = [path for path, signs in items if signs.is_dark]
    if not dark:
        return None
    text = (
        f"{_pictures(dark, 'is', 'are')} nearly black, as {unit(dark[0])}; 10 or 12 bits in a file of 16? "
        "stretch them to the whole range"
    )
    return Suspicion("nearly black", text, dark[0])


def _pictures(items: Sequence[object], one: str, many: str) -> str:
    return f"1 picture {one}" if len(items) == 1 else f"{len(items):,} pictures {many}"
