"""The pictures on buttons: letters of the font Material Design Icons, in the colours that are in force.

QtAwesome brings the font. It is not imported: it would go through all of Qt and load eleven other fonts, which takes
longer than all that is drawn at the start.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from app.theme import colours


def _file(pattern: str) -> Path:
    """Returns a file of QtAwesome's; raises ImportError."""
    package = find_spec("qtawesome")
    places = (package and package.submodule_search_locations) or ()
    found = [path for place in places for path in Path(place, "fonts").glob(pattern)]
    if not found:
        raise ImportError(f"QtAwesome, or its file {pattern}, is not installed")
    return found[0]


FONT = _file("materialdesignicons6-webfont-[0-9]*.ttf")
CODES = _file("materialdesignicons6-webfont-charmap-[0-9]*.json")
FILL = 0.92  # of a letter's height, in that of its icon
NAMES = {
    "open": "folder-open-outline",
    "play": "play",
    "pause": "pause",
    "restart": "skip-previous",
    "heatmap": "blur",
    "heads": "map-marker-multiple-outline",
    "fullscreen": "fullscreen",
    "live": "cctv",
    "recording": "filmstrip",
    "setup": "cog-outline",
    "diagnostics": "stethoscope",
    "alerts": "bell-outline",
    "history": "chart-line",
    "group": "account-group-outline",
    "notify": "send-outline",
    "add": "plus",
    "edit": "pencil-outline",
    "remove": "trash-can-outline",
    "undo": "undo",
    "redo": "redo",
    "lock": "lock-outline",
    "unlock": "lock-open-variant-outline",
    "zone": "vector-polygon",
    "include": "select-group",
    "mask": "eye-off-outline",
    "test": "connection",
    "save": "content-save-outline",
    "copy": "content-copy",
    "close": "close",
    "warning": "alert-outline",
    "problem": "alert-octagon-outline",
    "info": "information-outline",
    "sound": "volume-high",
    "muted": "volume-off",
    "acknowledge": "check",
    "suspend": "pause-circle-outline",
    "search": "magnify",
    "export": "export-variant",
    "layout": "view-grid-outline",
    "list": "format-list-checks",
    "back": "chevron-left",
    "on": "chevron-right",
    "more": "dots-vertical",
    "fit": "arrow-expand-horizontal",
    "peak": "chart-bell-curve",
    "mark_in": "contain-start",
    "mark_out": "contain-end",
    "snapshot": "camera-outline",
    "try": "bell-cog-outline",
    "again": "counter",
    "ground": "ruler-square",
    "model": "brain",
}


def icon(name: str) -> QIcon:
    """Returns one of `NAMES`; it is drawn anew in other colours when the look changes."""
    return QIcon(_Letter(chr(int(_codes()[NAMES[name]], 16))))


@cache
def _codes() -> dict[str, str]:
    """Returns the hexadecimal code of each letter by its name."""
    codes: dict[str, str] = json.loads(CODES.read_bytes())
    return codes


@cache
def _family() -> str:
    """Loads the font and returns its name."""
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(FONT)))[0]


class _Letter(QIconEngine):
    """Draws a letter whenever it is asked to, so that no colour is kept."""

    def __init__(self, letter: str) -> None:
        super().__init__()
        self._letter = letter

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draws it as large as fits."""
        assert painter is not None
        look = colours()
        by_mode = {QIcon.Mode.Disabled: look.faint, QIcon.Mode.Selected: look.selection_text}
        painter.save()
        font = QFont(_family())
        font.setPixelSize(round(FILL * min(rect.width(), rect.height())))
        painter.setFont(font)
        painter.setPen(QColor(by_mode.get(mode, look.text)))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Returns it on nothing."""
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return drawn

    def clone(self) -> QIconEngine:
        """Returns another one of the same letter."""
        return _Letter(self._letter)
