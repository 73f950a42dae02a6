"""Where the panels of a recording are: the video large, the count beside it, the curve and the log beneath."""

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.count_plot import CountPlot
from app.panels.facts_panel import FactsPanel
from app.panels.panel import plate, scrolling
from app.panels.sample_log import SampleLog
from app.panels.splitter import splitter
from app.panels.video_view import VideoView
from app.theme import em

GAP_EM = 0.6  # between panels
WIDE_EM = 46.0  # from here on there is room for the log


@dataclass(frozen=True, slots=True)
class Panels:
    """What the page is made of."""

    video: VideoView
    facts: FactsPanel
    plot: CountPlot
    log: SampleLog


class _Content(QWidget):
    """Does without the log where it would push the count out of sight."""

    def __init__(self, log: QWidget) -> None:
        super().__init__()
        self._log = log

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Shows the log where there is room for it."""
        super().resizeEvent(event)
        self._log.setVisible(self.width() >= em(self, WIDE_EM))


def arrange(panels: Panels) -> tuple[QWidget, QWidget]:
    """Returns a widget that holds all panels, and the part of it beneath the video; the borders can be dragged."""
    log = plate(panels.log)
    lower = splitter(Qt.Orientation.Horizontal, (plate(panels.plot), 64), (log, 36))
    left = splitter(Qt.Orientation.Vertical, (panels.video, 66), (lower, 34))
    whole = splitter(Qt.Orientation.Horizontal, (left, 76), (plate(panels.facts), 24))
    content = _Content(log)
    column = QVBoxLayout(content)
    gap = em(content, GAP_EM)
    column.setContentsMargins(gap, gap, gap, gap)
    column.addWidget(scrolling(whole, content.tr("Recording")))
    return content, lower
