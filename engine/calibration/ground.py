"""A pinhole camera over flat ground: from the picture to metres and back; pure.

Coordinates of the picture are relative, x to the right and y down, both from 0 to 1. On the ground x is to the right
and y ahead, in metres, and the camera stands over (0, 0). Lenses are taken as free of distortion, pixels as square.
"""

from dataclasses import dataclass
from math import atan, cos, degrees, sin, tan
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.picture.polygon import Polygon

SAME_SHAPE = 0.02
"""By what share the shape of a picture may differ from the calibrated one, as rounding to whole pixels makes it."""
Points = NDArray[np.float64]
"""(..., 2)."""


@dataclass(frozen=True, slots=True)
class Ground:
    """How a camera looks at the ground."""

    focal: float
    """Focal length, in heights of the picture."""
    tilt: float
    """Of the optical axis below the horizontal, in radians."""
    roll: float
    """Of the picture, clockwise, in radians."""
    height: float
    """Of the camera above the ground, in metres."""
    aspect: float
    """Width over height of the picture."""

    @classmethod
    def of(cls, *, field_of_view: float, tilt: float, height: float, aspect: float, roll: float = 0.0) -> Self:
        """Returns a camera by its horizontal field of view and tilt (radians), and its height (metres)."""
        return cls(aspect / 2 / tan(field_of_view / 2), tilt, roll, height, aspect)

    def fits(self, aspect: float) -> bool:
        """Whether a picture of this width over height may be of this camera; whole pixels make a small difference."""
        return abs(aspect / self.aspect - 1) <= SAME_SHAPE

    @property
    def field_of_view(self) -> float:
        """Horizontal, in degrees."""
        return degrees(2 * atan(self.aspect / 2 / self.focal))

    @property
    def axes(self) -> NDArray[np.float64]:
        """Directions in the world of the picture's right, its down, and ahead; (3, 3), a row each."""
        right, down = np.array([1.0, 0.0, 0.0]), np.array([0.0, -sin(self.tilt), -cos(self.tilt)])
        ahead = np.array([0.0, cos(self.tilt), -sin(self.tilt)])
        turn, across = cos(self.roll), sin(self.roll)
        return np.stack([turn * right + across * down, turn * down - across * right, ahead])

    def on_ground(self, points: ArrayLike, above: float = 0.0) -> Points:
        """Returns where points of the picture lie at a height above the ground.

        Args:
            points: (..., 2), relative.
            above: metres, such as the height of a head; below that of the camera.

        Returns:
            (..., 2) in metres; NaN for what lies on or over the horizon.
        """
        at = np.asarray(points, np.float64)
        rays = self._rays(at)
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (above - self.height) / rays[..., 2]
        seen = np.isfinite(far) & (far > 0)
        return np.where(seen[..., None], rays[..., :2] * np.where(seen, far, np.nan)[..., None], np.nan)

    def in_picture(self, places: ArrayLike, above: ArrayLike = 0.0) -> Points:
        """Returns where places on the ground, or at a height above it, are seen; NaN for what is behind the camera.

        Args:
            places: (..., 2), metres.
            above: metres above the ground; of all of them, or (...) of each.
        """
        at = np.asarray(places, np.float64)
        up = np.broadcast_to(np.asarray(above, np.float64), at.shape[:-1]) - self.height
        seen = np.concatenate([at, up[..., None]], axis=-1) @ self.axes.T
        ahead = np.where(seen[..., 2] > 1e-9, seen[..., 2], np.nan)
        x, y = self.focal * seen[..., 0] / ahead, self.focal * seen[..., 1] / ahead
        return np.stack([x / self.aspect + 0.5, y + 0.5], axis=-1)

    def is_ground(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Returns which points of the picture lie below the horizon."""
        return np.asarray(self._rays(np.asarray(points, np.float64))[..., 2] < 0)

    def head_of(self, feet: ArrayLike, tall: float) -> Points:
        """Returns where the heads of people of a height are seen who stand at points of the picture; (..., 2)."""
        return self.in_picture(self.on_ground(feet), tall)

    def feet_of(self, heads: ArrayLike, tall: float) -> Points:
        """Returns where people of a height stand in the picture whose heads are seen at points; (..., 2)."""
        return self.in_picture(self.on_ground(heads, tall))

    def area(self, polygon: Polygon, above: float = 0.0) -> float | None:
        """Returns the square metres that a polygon of the picture covers on the ground, or at a height above it.

        None where it reaches up to the horizon: there is no end to that. Straight lines of the picture are straight on
        the ground, so the corners are enough.
        """
        corners = self.on_ground(polygon, above)
        if np.isnan(corners).any():
            return None
        x, y = corners.T
        return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)

    def cell_areas(self, shape: tuple[int, int], above: float = 0.0) -> NDArray[np.float64]:
        """Returns the square metres that each cell of a map covers at a height above the ground.

        Args:
            shape: rows and columns of the map, which covers the whole picture.
            above: metres; at the height of heads, people per cell over this area are people per square metre of
                the ground beneath, since who stands upright has head and feet at one place.

        Returns:
            (rows, columns); NaN for cells that reach up to the horizon.
        """
        rows, columns = shape
        y, x = np.meshgrid(np.linspace(0, 1, rows + 1), np.linspace(0, 1, columns + 1), indexing="ij")
        at = self.on_ground(np.stack([x, y], axis=-1), above)
        first, second = at[1:, 1:] - at[:-1, :-1], at[1:, :-1] - at[:-1, 1:]
        return np.asarray(np.abs(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]) / 2)

    def _rays(self, points: Points) -> NDArray[np.float64]:
        across, down = (points[..., 0] - 0.5) * self.aspect / self.focal, (points[..., 1] - 0.5) / self.focal
        right, low, ahead = self.axes
        return np.asarray(across[..., None] * right + down[..., None] * low + ahead)
