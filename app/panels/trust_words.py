"""How far a count is to be trusted, in words; pure."""

from PyQt6.QtCore import QCoreApplication

from engine.counting.doubt import Doubt
from engine.inference.error_table import CERTAINTY, Interval

IN_SHORT = {
    Doubt.GREY: "one flat colour",
    Doubt.FROZEN: "stands still",
    Doubt.TORN: "torn",
    Doubt.DARK: "too dark",
    Doubt.INCONSISTENT: "map disagrees",
    Doubt.UNLIKE: "unlike training",
    Doubt.COVERED: "covered",
    Doubt.BLURRED: "blurred",
    Doubt.MOVED: "camera moved",
}


def interval_words(interval: Interval | None) -> str:
    """Returns '18 to 31 with 90 % certainty'; '' where nothing is known of errors."""
    if interval is None:
        return ""
    ends = f"{interval.low:.0f} {_said('to')} {interval.high:.0f}"
    return f"{ends} {_said('with {certainty} certainty')}".format(certainty=f"{100 * CERTAINTY:.0f} %")


def doubt_words(doubt: Doubt) -> str:
    """Returns 'do not rely on this count: the picture is too dark'; '' where there is no reason."""
    return f"{_said('do not rely on this count')}: {_said(doubt.words)}" if doubt else ""


def reliable_words(doubt: Doubt) -> str:
    """Returns 'yes', or 'no: too dark', in two or three words."""
    return f"{_said('no')}: {_said(IN_SHORT[doubt])}" if doubt else _said("yes")


def _said(words: str) -> str:
    return QCoreApplication.translate("trust", words)
