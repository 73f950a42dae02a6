"""What is known of a model, in words; pure. Unknown is "–"."""

from collections.abc import Iterable

from PyQt6.QtCore import QCoreApplication

from engine.inference.known import KnownModel
from engine.monitor.speed import Speed

UNKNOWN = "–"
DATE = 10
"""Characters of a date without a time."""


def title_of(model: KnownModel) -> str:
    """Returns what people call a model: its name, and for a camera's own the name of its file."""
    return model.name if model.is_shipped else model.path.stem


def error_of(model: KnownModel) -> str:
    """Returns its MAE on held-out pictures, in people."""
    try:
        return f"{float(model.facts['validation_mae']):.1f}"
    except (KeyError, ValueError):
        return UNKNOWN


def date_of(model: KnownModel) -> str:
    """Returns when it was made."""
    return model.facts.get("date", UNKNOWN)[:DATE]


def speed_words(speeds: Iterable[Speed]) -> str:
    """Returns 'cpu 31 ms a tile, openvino 19 ms a tile'; '' where nothing was measured."""
    words = _said("{provider} {ms} ms a tile")
    measured = ((each.provider, each.tiles_per_s) for each in speeds)
    return ", ".join(words.format(provider=name, ms=f"{1000 / rate:.0f}") for name, rate in measured if rate)


def card_of(model: KnownModel, *, runs: str = "", speeds: Iterable[Speed] = ()) -> str:
    """Returns the card of a model in some lines.

    Args:
        model: whose it is.
        runs: what runs it now, and why; '' where it does not count.
        speeds: that were measured of it.
    """
    if model.problem:
        return f"⚠ {model.problem}"
    facts, fast = model.facts, speed_words(speeds)
    known = model.error_pictures
    network = _said("{network}, width {width}").format(network=facts["architecture"], width=facts["width"])
    cost = _said("; a small model leaves crowded tiles to it, which cost more") if model.is_cascade else ""
    held_out = facts.get("validation_data", "").rpartition(", ")[2] or _said("held-out pictures")
    interval = _said("it gives intervals, from {} pictures") if known else _said("it gives no intervals")
    off = _said("off by {mae} people (MAE) on {data}, {date}")
    lines = [
        _said("Error: {}; {}.").format(
            off.format(mae=error_of(model), data=held_out, date=date_of(model)), interval.format(known)
        ),
        _said("Runs now on {}.").format(runs) if runs else "",
        _said("Raced here: {}.").format(model.race) if model.race and model.race not in runs else "",
        _said("Measured here: {}.").format(fast) if fast else "",
        _said("Learnt from: {}.").format(facts["training_data"]),
        _said("Licence: {}.").format(facts["licence"]),
        _said("Network: {}{}.").format(network, cost),
    ]
    return "\n".join(filter(None, lines))


def _said(words: str) -> str:
    return QCoreApplication.translate("models", words)
