"""Where the panels of a recording are: the video large, the count beside it, the curve and the log beneath."""

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.count_plot import CountPlot
from app.panels.facts_panel import FactsPanel
from app.panels.panel import plate, scrolling
from app.panels.sample_log import SampleLog
from app.panels.splitter import splitter
from app.panels.video_view import VideoView
from app.theme import em

GAP_EM = 0.6  # between panels


@dataclass(frozen=True, slots=True)
class Panels:
    """What the page is made of."""

    video: VideoView
    facts: FactsPanel
    plot: CountPlot
    log: SampleLog


def arrange(panels: Panels) -> tuple[QWidget, QWidget]:
    """Returns a widget that holds all panels, and the part of it beneath the video; the borders can be dragged."""
    lower = splitter(Qt.Orientation.Horizontal, (plate(panels.plot), 64), (plate(panels.log), 36))
    left = splitter(Qt.Orientation.Vertical, (panels.video, 66), (lower, 34))
    whole = splitter(Qt.Orientation.Horizontal, (left, 76), (plate(panels.facts), 24))
    content = QWidget()
    column = QVBoxLayout(content)
    gap = em(content, GAP_EM)
    column.setContentsMargins(gap, gap, gap, gap)
    column.addWidget(scrolling(whole, content.tr("Recording")))
    return content, lower
