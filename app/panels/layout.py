"""Where the panels of a recording are: the video large, its time-line beneath, the count and the log beside it."""

from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.panels.facts_panel import FactsPanel
from app.panels.panel import plate, scrolling
from app.panels.sample_log import SampleLog
from app.panels.splitter import splitter
from app.panels.timeline import Timeline
from app.panels.video_view import VideoView
from app.theme import em

GAP_EM = 0.6  # between panels
WIDE_EM, HIGH_EM = 46.0, 36.0  # from here on there is room for the log


@dataclass(frozen=True, slots=True)
class Panels:
    """What the page is made of."""

    video: VideoView
    facts: FactsPanel
    plot: Timeline
    log: SampleLog


class Content(QWidget):
    """Does without the log where it would push the count out of sight."""

    def __init__(self, line: QWidget, log: QWidget) -> None:
        super().__init__()
        self._line, self._log, self._is_full = line, log, False
        self._has_log = True

    def fill(self, full: bool) -> None:
        """Shows the video and its count alone, or all."""
        self._is_full = full
        self._line.setVisible(not full)
        self._show_log()

    def leave_out_log(self) -> None:
        """Does without the log from now on."""
        self._has_log = False
        self._show_log()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Shows the log where there is room for it."""
        super().resizeEvent(event)
        self._show_log()

    def _show_log(self) -> None:
        has_room = self.width() >= em(self, WIDE_EM) and self.height() >= em(self, HIGH_EM)
        self._log.setVisible(has_room and self._has_log and not self._is_full)


def arrange(panels: Panels) -> Content:
    """Returns a widget that holds all panels; the borders between them can be dragged."""
    log, line = plate(panels.log), plate(panels.plot)
    left = splitter(Qt.Orientation.Vertical, (panels.video, 68), (line, 32))
    right = splitter(Qt.Orientation.Vertical, (plate(panels.facts), 68), (log, 32))
    whole = splitter(Qt.Orientation.Horizontal, (left, 76), (right, 24))
    content = Content(line, log)
    column = QVBoxLayout(content)
    gap = em(content, GAP_EM)
    column.setContentsMargins(gap, gap, gap, gap)
    column.addWidget(scrolling(whole, content.tr("Recording")))
    return content
