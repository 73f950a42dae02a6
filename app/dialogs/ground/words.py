"""What the calibration says of itself, in words; pure."""

from math import degrees

from PyQt6.QtCore import QCoreApplication

from app.dialogs.ground.marks import Kind, Mark, ends_of, kind_of, metres_of
from engine.calibration.fitting import Fit
from engine.calibration.ground import Ground

DOUBTFUL = 0.1
HELP = (
    "Mark at least two people who stand upright, one near and one far: press on the foot and drag to the top of the "
    "head. Or choose distances, and mark four or more on the ground. Drag an end to move it; right-click or Delete "
    "removes a mark; the wheel zooms, the middle button moves the picture."
)
KEYS = (
    "Keys on the picture: arrows aim (Shift: finer, Ctrl: moves the picture), Space begins and ends a mark, Escape "
    "drops it, Delete removes one, P people, D distances, + − 0 zoom."
)


def mark_words(number: int, mark: Mark) -> str:
    """Returns what a list says of a mark."""
    words = {"person": _said("Person {}: {:.2f} m tall"), "distance": _said("Distance {}: {:.2f} m")}
    return words[kind_of(mark)].format(number, metres_of(mark))


def step_words(kind: Kind, start: tuple[float, float] | None) -> str:
    """Returns what the next click does."""
    if kind == "person":
        return _said("Now the foot of a person") if start is None else _said("Now the top of the head")
    return _said("Now the start of a distance on the ground") if start is None else _said("Now its end")


def fit_words(fit: Fit) -> str:
    """Returns how well marks agree, and how far lengths may be off."""
    words = _said("The marks agree to {:.0f} cm; lengths near them may be wrong by {:.0%}.")
    more = _said(" More people, near and far, make it surer.") if fit.doubt > DOUBTFUL else ""
    return words.format(max(100 * fit.residual, 1), max(fit.doubt, 0.01)) + more


def ground_words(ground: Ground, step: int) -> str:
    """Returns how the camera looks at the ground."""
    words = _said("The camera hangs {:.1f} m high, looks {:.0f}° down and sees {:.0f}° across. Squares: {} m.")
    return words.format(ground.height, degrees(ground.tilt), ground.field_of_view, step)


def is_too_short(mark: Mark, scale: tuple[float, float], least: float) -> bool:
    """Whether a mark begins and ends at about the same place on the screen."""
    (ax, ay), (bx, by) = ends_of(mark)
    return max(abs(ax - bx) * scale[0], abs(ay - by) * scale[1]) < least


def _said(words: str) -> str:
    return QCoreApplication.translate("ground", words)
