"""Words on a dark plate, readable over any picture; drawn once, and again only when the words change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from app.panels.tile_words import Tone
from app.theme import PLATE_ALPHA, colours

PADDING, ROUNDING, SPACE = 0.35, 0.25, 0.4  # of the height of the letters
SMALLEST = 0.7  # of their size, to which words shrink that do not fit
ELIDED_CHARACTERS = 4  # that are worth showing of words that are cut


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one kind."""

    text: str
    tone: Tone = Tone.WORDS
    factor: float = 1.0
    """Of the plate's font."""
    bold: bool = False
    elastic: bool = False
    """Whether it is cut where there is no room for it, which its tool-tip makes up for."""
    optional: bool = False
    """Whether it is left out where there is no room for it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a plate is drawn."""

    font: QFont
    ratio: float
    """Pixels of the screen in one of the window."""
    width: float
    """That it has at most."""


class TextPlate:
    """One line of words; keeps what it drew."""

    def __init__(self) -> None:
        self._key: object = None
        self._pixmap: QPixmap | None = None

    def pixmap(self, runs: Sequence[Run], setting: Setting) -> QPixmap | None:
        """Returns it drawn in pixels of the screen, as wide as the words; None without any."""
        runs = tuple(run for run in runs if run.text)
        key = runs, setting.font.key(), setting.ratio, setting.width
        if key != self._key:
            self._key, self._pixmap = key, _drawn(runs, setting) if runs and setting.width > 1 else None
        return self._pixmap


def tone_colour(tone: Tone) -> str:
    """Returns what words of a tone have on a plate; at least 4.5:1 over a white picture and over a black one."""
    look = colours()
    return {
        Tone.WORDS: look.plate_text,
        Tone.QUIET: look.plate_quiet,
        Tone.GOOD: look.plate_good,
        Tone.WAITING: look.plate_warning,
        Tone.BAD: look.plate_problem,
    }[tone]


def _font(run: Run, font: QFont) -> QFont:
    sized = QFont(font)
    sized.setPointSizeF(font.pointSizeF() * run.factor)
    sized.setBold(run.bold)
    return sized


def _metrics(run: Run, setting: Setting) -> QFontMetricsF:
    return QFontMetricsF(_font(run, setting.font))


def _width(runs: Sequence[Run], setting: Setting) -> float:
    height = QFontMetricsF(setting.font).height()
    words = sum(_metrics(run, setting).horizontalAdvance(run.text) for run in runs)
    return words + height * (2 * PADDING + SPACE * (len(runs) - 1))


def _fitting(runs: tuple[Run, ...], setting: Setting) -> tuple[Run, ...]:
    """Leaves out, cuts, shrinks, then cuts to the last letter what does not fit."""
    while _width(runs, setting) > setting.width and any(run.optional for run in runs):
        last = max(place for place, run in enumerate(runs) if run.optional)
        runs = runs[:last] + runs[last + 1 :]
    runs = _cut(runs, setting, ELIDED_CHARACTERS)
    excess = _width(runs, setting) - setting.width
    if excess > 0:  # only letters shrink, not what is between them
        words = sum(_metrics(run, setting).horizontalAdvance(run.text) for run in runs)
        runs = tuple(replace(run, factor=run.factor * max(SMALLEST, 1 - excess / words)) for run in runs)
    return _cut(runs, setting, 1)


def _cut(runs: tuple[Run, ...], setting: Setting, least: int) -> tuple[Run, ...]:
    """Shortens elastic words by what is too much, but leaves so many of their letters."""
    excess = _width(runs, setting) - setting.width
    return tuple(_shortened(run, excess, setting, least) if excess > 0 and run.elastic else run for run in runs)


def _shortened(run: Run, excess: float, setting: Setting, least: int) -> Run:
    metrics = _metrics(run, setting)
    room = max(metrics.horizontalAdvance(run.text[:least] + "…"), metrics.horizontalAdvance(run.text) - excess - 1)
    return replace(run, text=metrics.elidedText(run.text, Qt.TextElideMode.ElideRight, room))


def _drawn(runs: tuple[Run, ...], setting: Setting) -> QPixmap:
    runs = _fitting(runs, setting)
    letters = QFontMetricsF(setting.font).height()
    ascent = max(_metrics(run, setting).ascent() for run in runs)
    descent = max(_metrics(run, setting).descent() for run in runs)
    width, height = min(_width(runs, setting), setting.width), ascent + descent + PADDING * letters
    pixmap = QPixmap(max(1, round(width * setting.ratio)), max(1, round(height * setting.ratio)))
    pixmap.setDevicePixelRatio(setting.ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(colours().plate)
    ground.setAlpha(PLATE_ALPHA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(0, 0, width, height), ROUNDING * letters, ROUNDING * letters)
    x, baseline = PADDING * letters, PADDING * letters / 2 + ascent
    for run in runs:
        painter.setFont(_font(run, setting.font))
        painter.setPen(QColor(tone_colour(run.tone)))
        painter.drawText(QPointF(x, baseline), run.text)
        x += _metrics(run, setting).horizontalAdvance(run.text) + SPACE * letters
    painter.end()
    pixmap.setDevicePixelRatio(1.0)
    return pixmap
