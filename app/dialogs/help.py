"""What the Help menu shows."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QIcon
from PyQt6.QtWidgets import QMessageBox, QWidget

from app.actions import keys_text
from engine import __version__

ABOUT = f"""<h2>DeepCount {__version__}</h2>
<p>Counts crowds in live video, in real time.</p>
<p>Free software: licence GPL-3.0-or-later, without any warranty.</p>
<p>The demonstration clip is view 1 of sequence S1.L1 of the PETS 2009 data set, University of Reading, United Kingdom;
free for academic and industrial research. J. Ferryman and A. Shahrokni, “PETS2009: Dataset and challenge”, IEEE
International Workshop on Performance Evaluation of Tracking and Surveillance, 2009.</p>"""


def show_about(parent: QWidget) -> None:
    """Shows version, licence and acknowledgements; does not wait."""
    _show(parent, "About DeepCount", ABOUT)


def show_keys(parent: QWidget, groups: Mapping[str, Sequence[QAction]]) -> None:
    """Lists all keys, under titles; does not wait."""
    _show(parent, "Keyboard shortcuts", keys_text(groups))


def _show(parent: QWidget, title: str, words: str) -> None:
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(words)
    close = box.addButton(QMessageBox.StandardButton.Close)
    assert close is not None
    close.setIcon(QIcon())
    box.open()
