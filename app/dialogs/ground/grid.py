"""A grid of metres on the ground as a picture shows it; pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.calibration.ground import Ground

STEPS = (1, 2, 5, 10, 20, 50, 100)  # metres
MOST_LINES = 80  # of one direction
FARTHEST, AT_LEAST = 10.0, 2.5
"""How much of the ground, in heights of the camera, since beyond that lines run into each other; at least so many times
the distance at which it begins."""
LOOKS, SAMPLES = 24, 33  # along a side of the picture; along a line
STRONG = 5  # every so many lines


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Lines in the picture."""

    step: int
    """Metres between two lines."""
    lines: tuple[NDArray[np.float64], ...]
    """The ends of each, (2, 2), relative to the picture and within it: what is straight on the ground is so in it."""
    strong: tuple[bool, ...]
    """Whether a line is one of every five."""


def grid_of(ground: Ground) -> Grid:
    """Returns the grid on the ground that is seen, as coarse as it has to be."""
    sides = np.linspace(0.0, 1.0, LOOKS)
    places = ground.on_ground(np.stack(np.meshgrid(sides, sides), axis=-1)).reshape(-1, 2)
    near = places[np.isfinite(places).all(axis=1)]
    if not len(near):
        return Grid(STEPS[0], (), ())
    away = np.linalg.norm(near, axis=1)
    near = near[away <= max(FARTHEST * ground.height, AT_LEAST * away.min())]
    low, high = near.min(axis=0), near.max(axis=0)
    step = next((each for each in STEPS if (high - low).max() / each <= MOST_LINES), STEPS[-1])
    lines: list[NDArray[np.float64]] = []
    strong: list[bool] = []
    for axis in (0, 1):
        along = np.linspace(low[1 - axis], high[1 - axis], SAMPLES)
        for number in range(int(np.ceil(low[axis] / step)), int(np.floor(high[axis] / step)) + 1):
            across = np.full_like(along, number * step)
            line = ground.in_picture(np.stack([across, along] if axis == 0 else [along, across], axis=-1))
            seen = _inside(line[np.isfinite(line).all(axis=1)])
            if seen is not None:
                lines.append(seen)
                strong.append(number % STRONG == 0)
    return Grid(step, tuple(lines), tuple(strong))


def _inside(line: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Returns the ends of the part of a straight line that lies within the picture; None where none does."""
    if len(line) < 2:
        return None
    start, way = line[0], line[-1] - line[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        borders = np.sort(np.stack([-start / way, (1 - start) / way]), axis=0)
    is_still = way == 0
    outside = is_still & ((start < 0) | (start > 1))
    enters = max(0.0, *np.where(is_still, 0.0, borders[0]))
    leaves = min(1.0, *np.where(is_still, 1.0, borders[1]))
    if outside.any() or enters >= leaves:
        return None
    return np.stack([start + enters * way, start + leaves * way])


def circle_of(ground: Ground, foot: tuple[float, float], radius: float) -> NDArray[np.float64]:
    """Returns a circle around a point of the ground as the picture shows it; NaN above the horizon."""
    turns = np.linspace(0.0, 2 * np.pi, SAMPLES)
    return ground.in_picture(ground.on_ground(foot) + radius * np.stack([np.cos(turns), np.sin(turns)], axis=-1))
