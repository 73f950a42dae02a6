"""Finds how a camera looks at the ground from what a person marks: upright people, or distances on the ground; pure.

Least squares by Levenberg and Marquardt from several starts, since a camera may look ahead or down. What few marks
leave open, above all the focal length, is held near usual cameras by weak priors.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import exp, log, pi, radians, tan

import numpy as np
from numpy.typing import NDArray

from engine.calibration.ground import Ground
from engine.errors import EngineError
from engine.picture.polygon import Point

Values = NDArray[np.float64]

TALL, LEAST_TALL, MOST_TALL = 1.7, 0.5, 2.5  # of people, in metres
CLICK = 2 / 720  # how far a mark may be from what was meant, in heights of the picture
PACE = 0.02  # how far a distance that was told may be from the truth, as a share of it
TILTS, FIELDS = (5, 15, 30, 50, 75), (45, 70, 100)  # degrees, from which to start
USUAL_FIELD, USUAL_HEIGHT = 70, 5.0  # degrees, metres
SPREADS = np.array([0.35, radians(35), radians(3), 1.2])
"""How far cameras are from the usual: logarithm of the focal length, tilt, roll, logarithm of the height."""
USUAL_TILT = radians(30)
STEPS, SMALL = 60, 1e-9
MOST_DOUBT = 0.2
"""A scale that is not known to this share is refused."""
LEAST_PEOPLE, LEAST_DISTANCES = 2, 4
FLAT = 0.02  # how narrow a triangle of marked points may be, as area over the square of its longest side


class CalibrationError(EngineError):
    """The ground cannot be found from what was marked."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who stands upright."""

    foot: Point
    head: Point
    tall: float = TALL
    """Metres."""


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two points on the ground are apart."""

    start: Point
    end: Point
    metres: float


@dataclass(frozen=True, slots=True)
class Fit:
    """What was found."""

    ground: Ground
    residual: float
    """Root mean square of what the marks are off by, in metres."""
    doubt: float
    """By what share lengths near the marks may be wrong, one standard deviation."""


def fitted(people: Sequence[Person], distances: Sequence[Distance], aspect: float) -> Fit:
    """Returns how a camera looks at the ground.

    Args:
        people: upright ones, near and far; at least two, or none with four distances.
        distances: between points on the ground.
        aspect: width over height of the picture.

    Raises:
        CalibrationError: there are too few marks, or they lie so that they tell too little, or contradict each other.
    """
    _check(people, distances)
    marks = _Marks(people, distances, aspect)
    found = [marks.solved(start) for start in _starts(aspect)]
    cost, parameters = min(found, key=lambda each: each[0])
    ground = _ground(parameters, aspect)
    if not np.isfinite(cost) or not ground.is_ground(marks.points).all():
        raise CalibrationError(
            "the horizon lies among the marks, expected all of them below it; mark feet on the ground"
        )
    residual, doubt = marks.residual(ground), marks.doubt(parameters)
    if doubt > MOST_DOUBT:
        raise CalibrationError(
            f"lengths would be uncertain by {doubt:.0%}, expected at most {MOST_DOUBT:.0%}; mark people both near and "
            "far, or distances along and across the view"
        )
    return Fit(ground, residual, doubt)


class _Marks:
    """What was marked, as residuals of a camera's parameters."""

    def __init__(self, people: Sequence[Person], distances: Sequence[Distance], aspect: float) -> None:
        self.aspect = aspect
        self.feet = np.array([person.foot for person in people], np.float64).reshape(-1, 2)
        self.heads = np.array([person.head for person in people], np.float64).reshape(-1, 2)
        self.tall = np.array([person.tall for person in people], np.float64)
        self.ends = np.array([(each.start, each.end) for each in distances], np.float64).reshape(-1, 2, 2)
        self.metres = np.array([each.metres for each in distances], np.float64)
        self.points = np.concatenate([self.feet, self.ends.reshape(-1, 2)])
        self.usual = np.array([log(_focal(USUAL_FIELD, aspect)), USUAL_TILT, 0.0, log(USUAL_HEIGHT)])

    def errors(self, parameters: Values) -> Values:
        """Returns all residuals in standard deviations; NaN where a mark lies over the horizon."""
        ground = _ground(parameters, self.aspect)
        seen = (ground.in_picture(ground.on_ground(self.feet), self.tall) - self.heads) * [self.aspect, 1.0] / CLICK
        apart = (self._lengths(ground) - self.metres) / (PACE * self.metres)
        return np.concatenate([seen.ravel(), apart, (parameters - self.usual) / SPREADS])

    def solved(self, start: Values) -> tuple[float, Values]:
        """Returns the least sum of squares from a start, and the parameters there; infinite where there is none."""
        at, damping = start, 1e-2
        errors = self.errors(at)
        if np.isnan(errors).any():
            return float("inf"), at
        for _ in range(STEPS):
            slopes = self._slopes(at)
            if np.isnan(slopes).any():
                break
            square = slopes.T @ slopes
            step = np.linalg.solve(square + damping * np.diag(np.diag(square)), -slopes.T @ errors)
            tried = self.errors(at + step)
            if np.isfinite(tried).all() and tried @ tried < errors @ errors:
                gained = errors @ errors - tried @ tried
                at, errors, damping = at + step, tried, damping / 3
                if gained < SMALL * (errors @ errors + SMALL):
                    break
            else:
                damping *= 4
                if damping > 1e8:
                    break
        is_camera = 0 < at[1] < pi / 2
        return (float(errors @ errors) if is_camera else float("inf")), at

    def residual(self, ground: Ground) -> float:
        """Returns by how many metres the marks are off, root mean square."""
        seen = (ground.in_picture(ground.on_ground(self.feet), self.tall) - self.heads) * [self.aspect, 1.0]
        shown = np.linalg.norm((self.heads - self.feet) * [self.aspect, 1.0], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            of_people = np.linalg.norm(seen, axis=1) / shown * self.tall
        off = np.concatenate([of_people, self._lengths(ground) - self.metres])
        return float(np.sqrt(np.mean(np.square(off))))

    def doubt(self, parameters: Values) -> float:
        """Returns by what share lengths at the marks may be wrong: the largest over them."""
        slopes = self._slopes(parameters)
        spread = np.linalg.inv(slopes.T @ slopes)

        def scale(at: Values) -> Values:
            ground = _ground(at, self.aspect)
            around = self.points[:, None] + [[-0.005, 0.0], [0.005, 0.0], [0.0, -0.005], [0.0, 0.005]]
            sides = ground.on_ground(around)
            across, along = sides[:, 1] - sides[:, 0], sides[:, 3] - sides[:, 2]
            return np.log(np.abs(across[:, 0] * along[:, 1] - across[:, 1] * along[:, 0])) / 2

        gradient = _differences(scale, parameters)
        return float(np.sqrt(np.einsum("ni,ij,nj->n", gradient, spread, gradient)).max())

    def _lengths(self, ground: Ground) -> Values:
        ends = ground.on_ground(self.ends)
        return np.asarray(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1))

    def _slopes(self, parameters: Values) -> Values:
        return _differences(self.errors, parameters)


def _differences(function: Callable[[Values], Values], at: Values) -> Values:
    """Returns the derivatives of a function's values by each parameter, (values, parameters)."""
    step = 1e-6
    sides = [(function(at + step * unit), function(at - step * unit)) for unit in np.eye(len(at))]
    return np.stack([(up - down) / (2 * step) for up, down in sides], axis=1)


def _ground(parameters: Values, aspect: float) -> Ground:
    focal, tilt, roll, height = map(float, parameters)
    return Ground(exp(min(focal, 5.0)), tilt, roll, exp(min(height, 7.0)), aspect)


def _starts(aspect: float) -> list[Values]:
    return [
        np.array([log(_focal(field, aspect)), radians(tilt), 0.0, log(USUAL_HEIGHT)])
        for tilt, field in product(TILTS, FIELDS)
    ]


def _focal(field: float, aspect: float) -> float:
    return aspect / 2 / tan(radians(field) / 2)


def _check(people: Sequence[Person], distances: Sequence[Distance]) -> None:
    for person in people:
        if not LEAST_TALL <= person.tall <= MOST_TALL:
            raise CalibrationError(f"a person is {person.tall:g} m tall, expected {LEAST_TALL} to {MOST_TALL} m")
        if person.head == person.foot:
            raise CalibrationError("a person begins and ends at the same point, expected a foot and a head")
    for each in distances:
        if not each.metres > 0:
            raise CalibrationError(f"a distance is {each.metres:g} m, expected more than 0")
        if each.start == each.end:
            raise CalibrationError("a distance begins and ends at the same point, expected two points")
    if len(people) < LEAST_PEOPLE and len(distances) < LEAST_DISTANCES:
        raise CalibrationError(
            f"marks of people: {len(people)}, of distances: {len(distances)}; expected {LEAST_PEOPLE} people, near and "
            f"far, or {LEAST_DISTANCES} distances"
        )
    corners = list(dict.fromkeys(point for each in distances for point in (each.start, each.end)))
    if not people and len(corners) == 4 and any(_is_flat(three) for three in combinations(corners, 3)):
        raise CalibrationError("three of the points lie in a line, expected a quadrilateral; move one of them")


def _is_flat(corners: Sequence[Point]) -> bool:
    (ax, ay), (bx, by), (cx, cy) = corners
    area = abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay))
    longest = max((bx - ax) ** 2 + (by - ay) ** 2, (cx - ax) ** 2 + (cy - ay) ** 2, (cx - bx) ** 2 + (cy - by) ** 2)
    return area < FLAT * longest
