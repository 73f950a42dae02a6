"""The one place for colours and shapes: dark, so that the video is the brightest thing in the room."""

from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication

GROUND = "#0f1216"  # behind the video
WINDOW = "#171b21"
PANEL = "#1f252d"
LINE = "#343d49"
TEXT = "#eef2f6"
QUIET = "#a9b4c0"  # secondary text: 8:1 on a panel
FAINT = "#76828f"
ACCENT = "#4cc2ff"
LEAST_FONT_PT = 10.5
PROBLEM_GROUND, PROBLEM_TEXT = "#6b1d24", "#ffecec"

STYLE = f"""
QMainWindow, QDialog, QMessageBox {{ background: {WINDOW}; }}
QToolBar {{ background: {PANEL}; border: none; border-bottom: 1px solid {LINE}; padding: 5px 8px; spacing: 4px; }}
QToolBar::separator {{ background: {LINE}; width: 1px; margin: 5px 8px; }}
QToolButton {{ color: {TEXT}; padding: 5px 10px; border: 1px solid transparent; border-radius: 5px; }}
QToolButton:hover {{ background: {LINE}; }}
QToolButton:focus {{ border-color: {ACCENT}; }}
QToolButton:checked {{ background: #17425c; border-color: #2b7fae; }}
QToolButton:disabled {{ color: {FAINT}; }}
QMenuBar {{ background: {PANEL}; }}
QMenuBar::item {{ padding: 5px 10px; background: transparent; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {LINE}; }}
QMenu {{ background: {PANEL}; border: 1px solid {LINE}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; }}
QMenu::item:disabled {{ color: {FAINT}; }}
QStatusBar {{ background: {PANEL}; border-top: 1px solid {LINE}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {QUIET}; padding: 2px 10px; }}
QSplitter::handle {{ background: {WINDOW}; }}
QSplitter::handle:hover {{ background: {LINE}; }}
QLabel#title {{ color: {QUIET}; font-weight: 600; }}
QLabel#fact {{ color: {QUIET}; }}
QLabel#value {{ color: {TEXT}; font-size: 18px; font-weight: 600; }}
QLabel#invitation {{ color: {QUIET}; font-size: 24px; }}
QFrame#panel {{ background: {PANEL}; border-radius: 8px; }}
QFrame#rule {{ background: {LINE}; }}
QFrame#banner {{ background: {PROBLEM_GROUND}; border-radius: 8px; }}
QFrame#banner QLabel {{ color: {PROBLEM_TEXT}; font-size: 15px; }}
QFrame#banner QPushButton {{ background: transparent; color: {PROBLEM_TEXT}; border: 1px solid #b0575f; }}
QFrame#banner QPushButton:hover {{ background: #8a2e36; }}
QPushButton {{ background: #17425c; border: 1px solid #2b7fae; border-radius: 5px; padding: 8px 18px; }}
QPushButton:hover {{ background: #1d5576; }}
QPushButton:focus {{ border-color: {TEXT}; }}
QTableView {{ background: {PANEL}; border: none; font-size: 14px; gridline-color: transparent; }}
QHeaderView {{ background: {PANEL}; }}
QHeaderView::section {{ background: {PANEL}; color: {QUIET}; border: none; border-bottom: 1px solid {LINE};
                        padding: 3px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {LINE}; border-radius: 4px; min-height: 28px; margin: 1px; }}
QScrollBar::handle:vertical:hover {{ background: {FAINT}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {PANEL}; color: {TEXT}; border: 1px solid {LINE}; padding: 5px; }}
"""


def apply(application: QApplication) -> None:
    """Gives the application its look."""
    application.setStyle("Fusion")
    application.setPalette(_palette())
    font = application.font()
    font.setPointSizeF(max(LEAST_FONT_PT, font.pointSizeF()))
    application.setFont(font)
    application.setStyleSheet(STYLE)


def _palette() -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: WINDOW, role.WindowText: TEXT, role.Base: PANEL, role.AlternateBase: WINDOW, role.Text: TEXT,
        role.PlaceholderText: QUIET, role.Button: PANEL, role.ButtonText: TEXT, role.BrightText: "#ffffff",
        role.Highlight: "#2b7fae", role.HighlightedText: "#ffffff", role.Link: ACCENT, role.ToolTipBase: PANEL,
        role.ToolTipText: TEXT, role.Light: LINE, role.Midlight: LINE, role.Mid: LINE, role.Dark: GROUND,
        role.Shadow: "#000000",
    }  # fmt: skip
    palette = QPalette()
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(FAINT))
    return palette
