"""How crowded the ground is: people per square metre, where most, and what that means; pure.

Bands are those of waiting people in J. J. Fruin, Pedestrian Planning and Design (1971), levels of service A to F; the
limits above them are the densities at which he and G. K. Still (Crowd Science) see danger begin and crowds move as one.
"""

from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.calibration.ground import Ground
from engine.picture.polygon import Polygon, coverage

HEAD = 1.6
"""Metres above the ground at which heads are marked, of people of 1.7 m."""
PATCH = 9.0
"""Square metres over which the densest place is looked for."""
FINEST = 0.5  # metres: cells of the plan
LARGEST = 400  # cells along a side of the plan


@dataclass(frozen=True, slots=True)
class Band:
    """A range of densities."""

    name: str
    above: float
    """People per square metre from which on it holds."""
    words: str


BANDS = (
    Band("A", 0.0, "free: everybody moves as they like"),
    Band("B", 0.83, "easy: people pass without touching"),
    Band("C", 1.08, "close: passing disturbs others"),
    Band("D", 1.54, "dense: people touch now and then"),
    Band("E", 3.57, "packed: nobody can move alone"),
    Band("F", 5.55, "crushing: pressure passes through the crowd"),
)
CRITICAL = 7.1
"""People per square metre from which on F is deadly."""
CRITICAL_WORDS = "deadly: crowds move as one, and people are lifted off their feet"


@dataclass(frozen=True, slots=True)
class Densest:
    """The densest place of so many square metres."""

    per_m2: float
    centre: tuple[float, float]
    """On the ground, in metres."""


def band_of(per_m2: float) -> Band:
    """Returns the band that a density lies in."""
    return next(band for band in reversed(BANDS) if per_m2 >= band.above)


def per_m2(density: NDArray[np.float32], ground: Ground) -> NDArray[np.float64]:
    """Returns a density map in people per square metre of the ground beneath the heads.

    Args:
        density: people per cell over the whole picture, (h, w).
        ground: of its camera.

    Returns:
        (h, w); NaN above the horizon of the heads.
    """
    return np.asarray(density / ground.cell_areas(density.shape, HEAD))


def zone_density(density: NDArray[np.float32], ground: Ground, zone: Polygon) -> float | None:
    """Returns the people per square metre within a zone that is drawn on the ground; None up to the horizon.

    The heads of those who stand in it are seen above it, so it is moved up to their height first.
    """
    area = ground.area(zone)
    if not area:
        return None
    raised = ground.in_picture(ground.on_ground(zone), HEAD)
    if np.isnan(raised).any():
        return None
    inside = coverage(tuple((float(x), float(y)) for x, y in np.clip(raised, 0.0, 1.0)), density.shape)
    return float((density * inside).sum() / area)


def around(density: NDArray[np.float32], ground: Ground, patch: float = PATCH) -> NDArray[np.float64]:
    """Returns how crowded the ground is around each place of a picture: people per square metre of so many around it.

    People are put where they stand, so that a crowd is coloured at its feet, not at its heads.

    Args:
        density: people per cell over the whole picture, (h, w).
        ground: of its camera.
        patch: square metres.

    Returns:
        (h, w); NaN above the horizon, and where nobody would be seen.
    """
    rows, columns = density.shape
    found = np.full((rows, columns), np.nan)
    plan = _plan(ground, (rows, columns), patch)
    if plan is None:
        return found
    people = np.bincount(plan.cells, density[plan.known], plan.shape[0] * plan.shape[1]).reshape(plan.shape)
    window = max(1, round(patch**0.5 / plan.side))
    means = cv2.blur(people, (window, window), borderType=cv2.BORDER_CONSTANT) / plan.side**2
    at = np.floor((ground.on_ground(_centres((rows, columns))) - plan.least) / plan.side)
    seen = np.isfinite(at).all(axis=-1) & (at >= 0).all(axis=-1) & (at < plan.shape).all(axis=-1)
    across, along = at[seen].astype(np.int64).T
    found[seen] = means[across, along]
    return found


def _centres(shape: tuple[int, int]) -> NDArray[np.float64]:
    """Returns x and y of the middles of cells, (h, w, 2)."""
    rows, columns = shape
    y, x = np.meshgrid((np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns, indexing="ij")
    return np.stack([x, y], axis=-1)


def densest(density: NDArray[np.float32], ground: Ground, patch: float = PATCH) -> Densest | None:
    """Returns the densest square of so many square metres; None where no ground is seen.

    People are put where they stand, into a plan of cells of at least half a metre, over which a square is moved.

    Args:
        density: people per cell over the whole picture, (h, w).
        ground: of its camera.
        patch: square metres.
    """
    plan = _plan(ground, (density.shape[0], density.shape[1]), patch)
    if plan is None:
        return None
    least, side = plan.least, plan.side
    people = np.bincount(plan.cells, density[plan.known], plan.shape[0] * plan.shape[1]).reshape(plan.shape)
    window = max(1, round(patch**0.5 / side))
    sums = np.pad(people, [(1, window), (1, window)]).cumsum(0).cumsum(1)
    total = sums[window:, window:] - sums[:-window, window:] - sums[window:, :-window] + sums[:-window, :-window]
    place = np.unravel_index(int(total.argmax()), total.shape)
    centre = np.array(least) + (np.array(place) + window / 2) * side
    return Densest(float(total[place]) / (window * side) ** 2, (float(centre[0]), float(centre[1])))


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Where on a plan of the ground the cells of a map lie."""

    known: NDArray[np.bool_] = field(repr=False)
    """(h, w); the cells that lie on it."""
    cells: NDArray[np.int64] = field(repr=False)
    """Of each of them, its place in the plan, row by row."""
    shape: tuple[int, int]
    least: tuple[float, float]
    side: float


@lru_cache(maxsize=32)
def _plan(ground: Ground, shape: tuple[int, int], patch: float) -> _Plan | None:
    """Is kept, since cameras seldom move."""
    places = ground.on_ground(_centres(shape), HEAD)
    areas = ground.cell_areas(shape, HEAD)
    known = np.isfinite(places).all(axis=-1) & np.isfinite(areas) & (areas < patch)  # farther off it is too coarse
    if not known.any():
        return None
    at = places[known]
    least = at.min(axis=0)
    side = max(FINEST, float((at.max(axis=0) - least).max()) / LARGEST)
    cells = np.floor((at - least) / side).astype(np.int64)
    across, along = (int(most) + 1 for most in cells.max(axis=0))
    flat = cells[:, 0] * along + cells[:, 1]
    return _Plan(known, flat, (across, along), (float(least[0]), float(least[1])), side)
