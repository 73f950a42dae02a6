"""What is configured of a camera's calibration: what a person marked, and where the ground was found by it.

What was found is kept beside the marks, so that nothing is fitted anew when a configuration is read.
"""

from collections.abc import Iterator
from math import pi, radians
from typing import Annotated, Self

from pydantic import model_validator

from engine.calibration.fitting import LEAST_TALL, MOST_TALL, TALL, Distance, Fit, Person
from engine.calibration.ground import Ground
from engine.calibration.outlook import Outlook
from engine.picture.polygon import Point
from engine.settings.fields import LISTED, Spot, setting
from engine.settings.table import Misfit, MisfitError, Settings

MOST_METRES = 1000.0
MARK_DIGITS, FOUND_DIGITS = 4, 6


class PersonSettings(Settings):
    """An upright person, as marked in the picture."""

    foot: Spot = setting("Foot", "Where the person stands, as [x, y] from 0 to 1.")
    head: Spot = setting("Head", "The top of the head, as [x, y] from 0 to 1.")
    tall: float = setting("Height", "How tall the person is.", TALL, unit="m", ge=LEAST_TALL, le=MOST_TALL)


class DistanceSettings(Settings):
    """Two points on the ground, and how far they are apart."""

    start: Spot = setting("Start", "On the ground, as [x, y] from 0 to 1.")
    end: Spot = setting("End", "On the ground, as [x, y] from 0 to 1.")
    metres: float = setting("Length", "How far they are apart.", unit="m", gt=0, le=MOST_METRES)


class CalibrationSettings(Settings):
    """Where the ground is in a camera's picture."""

    picture: float = setting(
        "Picture", "Width over height of the picture in which it was marked; for another it is stale.", gt=0.1, lt=10
    )
    focal: float = setting("Focal length", "As found, in heights of the picture.", gt=0, le=150)
    tilt: float = setting("Tilt", "As found, of the view below the horizontal.", unit="rad", gt=0, lt=pi / 2)
    roll: float = setting("Roll", "As found, of the picture, clockwise.", 0.0, unit="rad", ge=-pi, le=pi)
    height: float = setting("Camera height", "As found, above the ground.", unit="m", gt=0, le=1100)
    view: str | None = setting(
        "View",
        "What was seen then, in letters; a camera that was turned since is known by it. None is not looked at.",
        None,
    )
    people: Annotated[tuple[PersonSettings, ...], LISTED] = setting("People", "Upright ones that were marked.", ())
    distances: Annotated[tuple[DistanceSettings, ...], LISTED] = setting("Distances", "On the ground, as marked.", ())

    @model_validator(mode="after")
    def _marks_are_seen_so(self) -> Self:
        if misfits := tuple(self._misfits()):
            raise MisfitError(misfits)
        return self

    def _misfits(self) -> Iterator[Misfit]:
        ground, remedy = self.ground, "calibrate the camera anew"
        if self.view is not None and self.outlook is None:
            yield "view", f"has a view that no calibration wrote; take it out, or {remedy}"
        for number, person in enumerate(self.people, 1):
            if person.foot == person.head:
                yield "people", f"has person {number} with foot and head at the same point, expected two points"
            elif not ground.is_ground(person.foot):
                yield "people", f"has person {number} above the horizon, expected the foot on the ground; {remedy}"
        for number, each in enumerate(self.distances, 1):
            if each.start == each.end:
                yield "distances", f"has distance {number} with both ends at the same point, expected two points"
            elif not ground.is_ground((each.start, each.end)).all():
                yield "distances", f"has distance {number} above the horizon, expected it on the ground; {remedy}"

    @property
    def ground(self) -> Ground:
        """How the camera looks at the ground."""
        return Ground(self.focal, self.tilt, self.roll, self.height, self.picture)

    @property
    def outlook(self) -> Outlook | None:
        """What was seen when it was calibrated; None where nobody knows."""
        return None if self.view is None else Outlook.read(self.view)

    @property
    def marked_people(self) -> tuple[Person, ...]:
        """The people, as fitting takes them."""
        return tuple(Person(each.foot, each.head, each.tall) for each in self.people)

    @property
    def marked_distances(self) -> tuple[Distance, ...]:
        """The distances, as fitting takes them."""
        return tuple(Distance(each.start, each.end, each.metres) for each in self.distances)


def calibration_of(
    people: tuple[Person, ...], distances: tuple[Distance, ...], fit: Fit, outlook: Outlook | None = None
) -> CalibrationSettings:
    """Returns what was marked, found and seen, with as many digits as a person can read in a file."""
    ground = fit.ground
    return CalibrationSettings(
        picture=round(ground.aspect, FOUND_DIGITS),
        focal=round(ground.focal, FOUND_DIGITS),
        tilt=round(min(max(ground.tilt, radians(0.01)), pi / 2 - radians(0.01)), FOUND_DIGITS),
        roll=round(ground.roll, FOUND_DIGITS),
        height=round(ground.height, FOUND_DIGITS),
        view=None if outlook is None else outlook.written,
        people=tuple(PersonSettings(foot=_read(p.foot), head=_read(p.head), tall=p.tall) for p in people),
        distances=tuple(DistanceSettings(start=_read(d.start), end=_read(d.end), metres=d.metres) for d in distances),
    )


def _read(point: Point) -> Point:
    return round(point[0], MARK_DIGITS), round(point[1], MARK_DIGITS)
