"""What the Help menu shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from app.actions import keys_text
from app.dialogs.reader import Reader
from engine import __version__

ABOUT = f"""<h2>DeepCount {__version__}</h2>
<p>Counts crowds in live video, in real time.</p>
<p>Free software: licence GPL-3.0-or-later, without any warranty.</p>
<p>The demonstration clip is view 1 of sequence S1.L1 of the PETS 2009 data set, University of Reading, United Kingdom;
free for academic and industrial research. J. Ferryman and A. Shahrokni, “PETS2009: Dataset and challenge”, IEEE
International Workshop on Performance Evaluation of Tracking and Surveillance, 2009.</p>"""


def show_about(parent: QWidget) -> None:
    """Shows version, licence and acknowledgements; does not wait."""
    Reader(parent, _tr("About DeepCount")).show_html(ABOUT)


def show_keys(parent: QWidget, groups: Mapping[str, Sequence[QAction]]) -> None:
    """Lists all keys, under titles; does not wait."""
    Reader(parent, _tr("Keyboard shortcuts")).show_html(keys_text(groups))


def show_model_card(parent: QWidget, model: Path) -> None:
    """Shows how good a model counts, as the card beside its file says; does not wait."""
    reader, card = Reader(parent, _tr("How good is the count?")), model.with_suffix(".md")
    if card.is_file():
        reader.show_markdown(card)
    else:
        reader.show_plain(_tr("No card lies beside {model}; whoever trained it knows.").format(model=model.name))


def _tr(words: str) -> str:
    return QCoreApplication.translate("Help", words)
