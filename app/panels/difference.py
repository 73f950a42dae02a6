"""How two counts of one recording differ, in figures and in words; pure."""

from dataclasses import dataclass

import numpy as np
from PyQt6.QtCore import QCoreApplication

from app.panels.counted import SAME_S, Counted
from app.panels.timeline_span import moment_text


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the second is above the first, on the frames that both have."""

    number: int
    """Of those frames."""
    mean: float
    most: float
    """Of all differences the one that is furthest from 0."""
    at_s: float
    """Where that is."""


def difference(first: Counted, second: Counted) -> Difference | None:
    """Returns how two counts differ; None where they have no frame in common."""
    if not len(first) or not len(second):
        return None
    places = np.searchsorted(first.times, second.times - SAME_S)
    near = np.minimum(places, len(first) - 1)
    is_common = np.abs(first.times[near] - second.times) <= SAME_S
    apart = (second.people - first.people[near])[is_common]
    if not len(apart):
        return None
    furthest = int(np.abs(apart).argmax())
    at_s = float(second.times[is_common][furthest])
    return Difference(len(apart), float(apart.mean()), float(apart[furthest]), at_s)


def difference_words(name: str, found: Difference | None) -> str:
    """Returns what a second count says beside the first, for people."""
    if found is None:
        return _said("{0}: no frame is counted in both ways yet").format(name)
    words = _said("{0}: {1} people on average, {2} at most (at {3})")
    return words.format(name, _signed(found.mean, 1), _signed(found.most, 0), moment_text(found.at_s))


def _signed(people: float, digits: int) -> str:
    """Returns by how much more or less."""
    text = f"{abs(people):.{digits}f}"
    if float(text) == 0:
        return _said("as many")
    return _said("{0} more").format(text) if people > 0 else _said("{0} fewer").format(text)


def _said(words: str) -> str:
    return QCoreApplication.translate("difference", words)
