"""Where the panels of a recording are: the video large, the count beside it, the curve and the log beneath."""

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.panels.count_plot import CountPlot
from app.panels.facts_panel import FactsPanel
from app.panels.panel import plate
from app.panels.sample_log import SampleLog
from app.panels.video_view import VideoView

GAP = 8  # pixels between panels


@dataclass(frozen=True, slots=True)
class Panels:
    """What the page is made of."""

    video: VideoView
    facts: FactsPanel
    plot: CountPlot
    log: SampleLog


def arrange(panels: Panels) -> tuple[QWidget, QWidget]:
    """Returns a widget that holds all panels, and the part of it beneath the video; the borders can be dragged."""
    lower = _splitter(Qt.Orientation.Horizontal, (plate(panels.plot), 64), (plate(panels.log), 36))
    left = _splitter(Qt.Orientation.Vertical, (panels.video, 66), (lower, 34))
    whole = _splitter(Qt.Orientation.Horizontal, (left, 76), (plate(panels.facts), 24))
    content = QWidget()
    column = QVBoxLayout(content)
    column.setContentsMargins(GAP, GAP, GAP, GAP)
    column.setSpacing(GAP)
    column.addWidget(whole, stretch=1)
    return content, lower


def _splitter(orientation: Qt.Orientation, *shares: tuple[QWidget, int]) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(GAP)
    splitter.setChildrenCollapsible(False)
    for place, (widget, share) in enumerate(shares):
        splitter.addWidget(widget)
        splitter.setStretchFactor(place, share)
    splitter.setSizes([share * 10 for _, share in shares])
    return splitter
