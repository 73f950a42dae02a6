"""The look that is in force: light or dark, as the system says or by choice, and lengths that grow with the font.

Controls are drawn by Qt's Fusion style from the palette; the style sheet only touches what is named in it, so that
Qt's own dialogs stay whole. A font larger than ours, set for the whole system, is kept.
"""

from typing import Literal

from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QFontInfo, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

from app.colour_table import DARK, LIGHT, PLATE_ALPHA, Colours
from app.focus_ring import FocusRing
from app.style import style_sheet

__all__ = ["DARK", "LIGHT", "PLATE_ALPHA", "Choice", "Colours", "apply", "changed", "colours", "em"]

Choice = Literal["system", "light", "dark"]
LEAST_FONT_PT = 10.5
FUSION_DARKER = 140  # percent by which Fusion makes borders darker than what it takes for the window's colour
EDGED = (
    "QAbstractSpinBox", "QCheckBox", "QComboBox", "QGroupBox", "QLineEdit", "QPlainTextEdit", "QProgressBar",
    "QRadioButton", "QSlider", "QTextEdit",
)  # fmt: skip
"""Controls that are told from what is around them by their borders, which have to be seen."""


class _Look(QObject):
    """What is in force, for the one application of a process."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.colours = DARK
        self.choice: Choice = "system"
        self._application: QApplication | None = None

    def apply(self, application: QApplication, choice: Choice) -> None:
        """Takes a choice, and follows the system from then on if that is the choice."""
        hints = application.styleHints()
        assert hints is not None
        if application is not self._application:
            self._application = application
            application.setStyle("Fusion")
            font = application.font()
            font.setPointSizeF(max(LEAST_FONT_PT, QFontInfo(font).pointSizeF()))
            application.setFont(font)
            hints.colorSchemeChanged.connect(self.follow)
            self._ring = FocusRing(application, colours)
        self.choice = choice
        hints.setColorScheme(_SCHEMES[choice])  # for what the system draws: frames of windows, its own dialogs
        self._dress(_SCHEMES[choice] if choice != "system" else hints.colorScheme())

    def follow(self, scheme: Qt.ColorScheme) -> None:
        """The system changed its scheme."""
        if self.choice == "system":
            self._dress(scheme)

    def _dress(self, scheme: Qt.ColorScheme) -> None:
        assert self._application is not None
        self.colours = LIGHT if scheme is Qt.ColorScheme.Light else DARK
        palette = _palette(self.colours)
        self._application.setPalette(palette)
        palette.setColor(QPalette.ColorRole.Window, QColor(self.colours.edge).lighter(FUSION_DARKER))
        for control in EDGED:
            self._application.setPalette(palette, control)
        self._application.setStyleSheet(style_sheet(self.colours, self._application.font().pointSizeF()))
        self.changed.emit()


_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_look = _Look()
changed = _look.changed
"""Emitted when other colours are in force; for what keeps colours, such as plots, rather than asks when it paints."""


def colours() -> Colours:
    """The colours in force."""
    return _look.colours


def apply(application: QApplication, choice: Choice = "system") -> None:
    """Gives the application its look; 'system' is dark where the system does not say, and follows it live."""
    _look.apply(application, choice)


def em(widget: QWidget, lengths: float) -> int:
    """Returns a length in pixels: so many heights of the widget's letters."""
    return round(lengths * QFontInfo(widget.font()).pixelSize())


def _palette(look: Colours) -> QPalette:
    role = QPalette.ColorRole
    table = {
        role.Window: look.window, role.WindowText: look.text, role.Base: look.panel, role.AlternateBase: look.window,
        role.Text: look.text, role.PlaceholderText: look.quiet, role.Button: look.panel, role.ButtonText: look.text,
        role.BrightText: look.problem, role.Highlight: look.selection, role.HighlightedText: look.selection_text,
        role.Accent: look.selection, role.Link: look.accent, role.LinkVisited: look.accent,
        role.ToolTipBase: look.panel, role.ToolTipText: look.text, role.Light: look.edge, role.Midlight: look.line,
        role.Mid: look.edge, role.Dark: look.edge, role.Shadow: "#000000",
    }  # fmt: skip
    palette = QPalette()
    for which, colour in table.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(look.faint))
    for which in (role.Highlight, role.Accent):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(look.line))
    palette.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, QColor(look.text))
    return palette
