"""How crowded the zones of a calibrated camera are by its newest density map, in people per square metre; pure.

What is not known stays so: a zone that reaches up to the horizon, a picture of another shape than was calibrated, a
camera that was turned since.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.calibration.crowding import densest, zone_density
from engine.counting.reading import Reading
from engine.settings.calibration import CalibrationSettings
from engine.settings.config import CameraSettings

MOVED = (
    "the camera looks elsewhere than when it was calibrated, so nobody knows people per square metre; calibrate it "
    "anew, or save the calibration again if it still fits"
)


@dataclass(frozen=True, slots=True)
class Crowding:
    """How crowded a camera is."""

    zones: Mapping[str, float | None] = field(default_factory=dict)
    """People per square metre of each zone; None where its ground has no end."""
    densest: float | None = None
    """People per square metre of the densest 9 square metres."""
    stale: str = ""
    """Why the calibration is of no use now, in a sentence; empty where it is."""
    areas: Mapping[str, float | None] = field(default_factory=dict)
    """Square metres of ground in each zone; None where it reaches up to the horizon, so that it has no area."""


def crowding_of(reading: Reading, settings: CameraSettings) -> Crowding | None:
    """Returns how crowded it is on a reading; None without a calibration or a map."""
    calibration, density = settings.calibration, reading.density
    if calibration is None or density is None:
        return None
    height, width = reading.frame.size
    stale = stale_words(calibration, width / height) or (MOVED if reading.has_moved else "")
    if stale:
        return Crowding(dict.fromkeys(zone.name for zone in settings.zones), stale=stale)
    total = float(density.sum())
    people = np.asarray(density * (reading.count / total if total > 0 else 0.0), np.float32)
    zones = {zone.name: zone_density(people, calibration.ground, zone.polygon) for zone in settings.zones}
    most = densest(people, calibration.ground)
    areas = {zone.name: calibration.ground.area(zone.polygon) for zone in settings.zones}
    return Crowding(zones, None if most is None else most.per_m2, areas=areas)


def stale_words(calibration: CalibrationSettings, aspect: float) -> str:
    """Returns why a calibration does not hold for pictures of a width over height; empty where it does."""
    if calibration.ground.fits(aspect):
        return ""
    return (
        f"the calibration was made for a picture of {calibration.picture:.2f}:1, but now it is {aspect:.2f}:1, "
        "so nobody knows people per square metre; calibrate the camera anew"
    )
