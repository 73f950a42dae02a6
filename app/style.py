"""The style sheet: what the palette cannot say, for widgets that are named here and for no others."""

from app.colour_table import Colours

SHEET = """
QToolBar {{ background: {panel}; border: none; border-bottom: 1px solid {line}; padding: 0.2em 0.4em; spacing: 0.2em; }}
QToolBar::separator {{ background: {line}; width: 1px; margin: 0.3em 0.4em; }}
QToolBar > QToolButton {{ color: {text}; padding: 0.25em 0.5em; border: 1px solid transparent; border-radius: 4px; }}
QToolBar > QToolButton[popupMode="1"] {{ padding-right: 1.4em; }}
QToolBar > QToolButton::menu-button {{ border: none; width: 1.2em; }}
QToolBar > QToolButton:hover {{ background: {line}; }}
QToolBar > QToolButton:checked {{ background: {accent_ground}; border-color: {accent}; }}
QToolBar > QToolButton:disabled {{ color: {faint}; }}
QToolBar > QToolButton#qt_toolbar_ext_button {{ padding: 0; border: none; background: {accent_ground}; }}
QSpinBox, QDoubleSpinBox {{ min-height: 1.5em; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {line}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {quiet}; padding: 0.1em 0.5em; }}
QLabel#title {{ color: {quiet}; font-weight: 600; }}
QLabel#fact {{ color: {quiet}; }}
QLabel#bad {{ color: {problem}; }}
QLabel#value {{ color: {text}; font-size: {larger}pt; font-weight: 600; }}
QLabel#invitation {{ color: {quiet}; font-size: {large}pt; }}
QFrame#panel {{ background: {panel}; border-radius: 8px; }}
QFrame#rule {{ background: {line}; }}
QFrame#banner {{ background: {problem_ground}; border-radius: 8px; }}
QFrame#banner QLabel {{ color: {problem_text}; }}
QFrame#alert {{ background: {warning_ground}; border-bottom: 2px solid {warning}; }}
QFrame#alert QLabel {{ color: {text}; font-weight: 600; }}
QFrame#banner[level="NEWS"] {{ background: {accent_ground}; }}
QFrame#banner[level="WARNING"] {{ background: {warning_ground}; }}
QFrame#banner[level="NEWS"] QLabel, QFrame#banner[level="WARNING"] QLabel {{ color: {text}; }}
QScrollArea#message, QScrollArea#message > QWidget > QWidget {{ background: transparent; }}
QPushButton {{ background: {accent_ground}; color: {text}; border: 1px solid {edge}; border-radius: 5px;
               padding: 0.35em 0.9em; }}
QPushButton:hover {{ border-color: {accent}; }}
QPushButton:pressed, QPushButton:checked {{ background: {selection}; color: {selection_text}; }}
QPushButton:default {{ border: 2px solid {accent}; }}
QPushButton:disabled {{ background: {window}; color: {faint}; border-color: {line}; }}
QFrame#banner QPushButton {{ background: transparent; color: {problem_text}; border-color: {problem_text}; }}
QFrame#banner[level="NEWS"] QPushButton, QFrame#banner[level="WARNING"] QPushButton {{ color: {text};
                                                                                    border-color: {text}; }}
QTableView#samples {{ border: none; }}
QTableView#samples QHeaderView {{ background: {panel}; }}
QTableView#samples QHeaderView::section {{ background: {panel}; color: {quiet}; border: none; }}
QTableView#samples QHeaderView::section {{ border-bottom: 1px solid {line}; padding: 0.15em; }}
QAbstractScrollArea::corner {{ background: transparent; border: none; }}
QScrollBar {{ background: transparent; margin: 0; }}
QScrollBar:vertical {{ width: 0.8em; }}
QScrollBar:horizontal {{ height: 0.8em; }}
QScrollBar::handle {{ background: {edge}; border-radius: 3px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {accent}; }}
QScrollBar::handle:vertical {{ min-height: 2em; }}
QScrollBar::handle:horizontal {{ min-width: 2em; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {panel}; color: {text}; border: 1px solid {edge}; padding: 0.3em; }}
"""


def style_sheet(colours: Colours, font_pt: float) -> str:
    """Returns the sheet for these colours and an application font of this size."""
    table = {name: getattr(colours, name) for name in colours.__slots__}
    sizes = {"larger": round(1.15 * font_pt, 1), "large": round(1.6 * font_pt, 1)}
    return SHEET.format(**table, **sizes)
