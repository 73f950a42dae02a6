"""Zones: how many of a frame's people stand inside each polygon."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.picture.polygon import Polygon, coverage

EVENLY = 1e-6  # people spread evenly over the map before it is scaled, so that an empty map has a definite share too


@dataclass(frozen=True, slots=True)
class Zone:
    """A named polygon of a camera."""

    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """The people in one zone."""

    name: str
    people: float
    """Never negative, never more than the frame's count."""


def zone_counts(
    count: float, density: NDArray[np.float32], zones: Sequence[Zone], *, included: NDArray[np.float64] | None = None
) -> tuple[ZoneCount, ...]:
    """Divides a frame's count among zones: count * (map over the zone) / (whole map).

    Cells are weighted by the share of them that a zone covers. Zones that together make up the picture add up to the
    count. Where the map is empty, every zone gets its share of the area.

    Args:
        count: people in the frame, from the backbone.
        density: people per cell (h, w); cells below zero, or not finite, count as empty.
        zones: the camera's zones, which may overlap.
        included: share of every cell that counts at all (h, w); None for all of the picture. The map has to be
            empty elsewhere already, see `engine.picture.masks.keep_inside`.
    """
    shape = (density.shape[0], density.shape[1])
    area = np.full(shape, 1.0 / density.size) if included is None else included / max(float(included.sum()), 1e-12)
    people = np.nan_to_num(density.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0).clip(min=0.0)
    people += EVENLY * area
    scale = count / max(float(people.sum()), EVENLY)
    return tuple(
        ZoneCount(zone.name, min(max(float(np.vdot(coverage(zone.polygon, shape), people)) * scale, 0.0), count))
        for zone in zones
    )
