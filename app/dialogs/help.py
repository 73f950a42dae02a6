"""What the Help menu shows; rich text is of our own words alone, and a model's card is taken without HTML."""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import av
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QWidget

from app.actions import keys_text
from app.dialogs.reader import Reader
from engine import __version__

LIBRARIES = (
    ("PyQt6", "GPL-3.0"),
    ("PyQt6-Qt6", "Qt, LGPL-3.0"),
    ("pyqtgraph", "MIT"),
    ("QtAwesome", "MIT; icons: Material Design Icons of Pictogrammers, Apache-2.0"),
    ("onnxruntime", "MIT"),
    ("onnxruntime-gpu", "MIT"),
    ("openvino", "Apache-2.0"),
    ("opencv-python", "Apache-2.0"),
    ("av", "BSD-3-Clause"),
    ("numpy", "BSD-3-Clause"),
    ("onnx", "Apache-2.0"),
    ("matplotlib", "PSF-like"),
    ("SQLAlchemy", "MIT"),
    ("alembic", "MIT"),
    ("pydantic", "MIT"),
    ("tomlkit", "MIT"),
    ("keyring", "MIT"),
    ("httpx", "BSD-3-Clause"),
    ("paho-mqtt", "EPL-2.0 or BSD-3-Clause"),
)
"""Distributions and their licences; those that are not installed are left out."""
ABOUT = """<h2>DeepCount {version}</h2>
<p>Estimates how many people are in the pictures of cameras and recordings, on this machine. A count is an estimate:
the models' cards in <i>assets/models</i> say how good it is on which pictures.</p>
<p>Free software: licence GPL-3.0-or-later, without any warranty.</p>
<h3>Models</h3>
<p>Trained on ShanghaiTech part A, ShanghaiTech part B and UCF_CC_50, which were published for research, on SCUT-HEAD,
free for academic research, and on photographs of crowds.<br>
<b>light</b>: {stated}. Its first layers come from MobileNetV2 with ImageNet weights, Apache-2.0.<br>
<b>full</b>: {stated}. It holds <i>light</i> too; the first layers of the other network in it come from VGG-16
with ImageNet weights of the Visual Geometry Group, University of Oxford (Simonyan and Zisserman), CC BY 4.0.</p>
<h3>Demonstration clip</h3>
<p>View 1 of sequence S1.L1 of the PETS 2009 data set, University of Reading, United Kingdom; free for academic and
industrial research. J. Ferryman and A. Shahrokni, “PETS2009: Dataset and challenge”, IEEE International Workshop on
Performance Evaluation of Tracking and Surveillance, 2009.</p>
<h3>Libraries</h3>
<table>{libraries}</table>
<p>The colours of the heat-map are “plasma” by Stéfan van der Walt and Nathaniel Smith, CC0.</p>"""
CELL = "<td style='padding-right: 12px'>{}</td>"
STATED = (
    "research use only: ShanghaiTech states no licence; research use only: UCF_CC_50 states no licence; "
    "research use only: SCUT-HEAD and the photographs of rf_crowd"
)
"""Of the models that come with the product, as their files say it."""


def about_text() -> str:
    """Returns version, licences and acknowledgements as rich text."""
    found = [(name, _version(name), licence) for name, licence in LIBRARIES]
    rows = [(name, number, licence) for name, number, licence in found if number]
    rows.append(("FFmpeg, in av", av.ffmpeg_version_info, "LGPL-3.0-or-later; with x264 and x265, GPL-2.0-or-later"))
    lines = "".join(f"<tr>{''.join(map(CELL.format, row))}</tr>" for row in rows)
    return ABOUT.format(version=__version__, libraries=lines, stated=STATED)


def show_about(parent: QWidget) -> None:
    """Shows version, licence and acknowledgements; does not wait."""
    Reader(parent, parent.tr("About DeepCount")).show_html(about_text())


def show_keys(parent: QWidget, groups: Mapping[str, Sequence[QAction]]) -> None:
    """Lists all keys, under titles; does not wait."""
    Reader(parent, parent.tr("Keyboard shortcuts")).show_html(keys_text(groups))


def show_model_card(parent: QWidget, model: Path) -> None:
    """Shows how good a model counts, as the card beside its file says; does not wait."""
    reader, card = Reader(parent, parent.tr("How good is the count?")), model.with_suffix(".md")
    if card.is_file():
        reader.show_markdown(card)
    else:
        words = parent.tr("No card lies beside {model}; whoever trained it knows.")
        reader.show_plain(words.format(model=model.name))


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
