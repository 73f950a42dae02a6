"""How crowded a calibrated camera is, in lines; pure. Unknown is "–", never 0."""

from PyQt6.QtCore import QCoreApplication

from engine.calibration.crowding import PATCH, band_of
from engine.monitor.crowding import Crowding

UNKNOWN = "–"


def crowd_words(crowding: Crowding | None) -> str:
    """Returns a line for each zone and one for the densest place; '' where nobody knows the ground."""
    if crowding is None:
        return ""
    if crowding.stale:
        return f"⚠ {crowding.stale}"
    lines = [f"{name}: {density_words(per_m2)}{_area_words(name, crowding)}" for name, per_m2 in crowding.zones.items()]
    densest = _said("Densest {:.0f} m²: {}").format(PATCH, density_words(crowding.densest))
    return "\n".join([*lines, densest])


def density_words(per_m2: float | None) -> str:
    """Returns a density with its band: '2.4 people/m², D: dense: people touch now and then'."""
    if per_m2 is None:
        return f"{UNKNOWN} {_said('people/m²')}"
    band = band_of(per_m2)
    return f"{per_m2:.1f} {_said('people/m²')} ({band.name}, {_said(band.words.partition(':')[0])})"


def _area_words(name: str, crowding: Crowding) -> str:
    if name not in crowding.areas:
        return ""
    area = crowding.areas[name]
    if area is None:
        return f", {_said('it reaches the horizon, so it has no area')}"
    return f", {_said('on {area} m²').format(area=f'{area:.0f}')}"


def _said(words: str) -> str:
    return QCoreApplication.translate("crowd", words)
