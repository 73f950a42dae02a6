"""How every camera is doing, as a table: one row a camera, with all its figures."""

from collections.abc import Iterable

from PyQt6.QtCore import QCoreApplication

from app import theme
from app.panels.rows import Cell, Column, Row, Rows, RowsView, number_cell, text_cell
from engine.capture.health import State
from engine.monitor.facts import CameraFacts
from engine.picture.condition import Condition

COLUMNS = (
    Column("Camera", "Name of the camera"),
    Column("State", "What it is doing"),
    Column("Reason", "What is wrong, and what to do"),
    Column("Pictures /s", "Pictures that come from it, a second", is_number=True),
    Column("Counted /s", "Pictures that are counted, a second", is_number=True),
    Column("Skipped", "Share of the wanted pictures in whose place newer ones were counted", is_number=True),
    Column("Latency, usual", "How long after its arrival a picture is counted, half of them sooner", is_number=True),
    Column("Latency, worst of 20", "How long it took for the latest of 20 pictures", is_number=True),
    Column("Size", "Width and height of its picture in pixels", is_number=True),
    Column("Codec", "How its video is coded"),
    Column("Decoder", "What decodes its video"),
    Column("Picture", "What its newest picture is good for"),
    Column("Stalls", "How often no frame came for a while", is_number=True),
    Column("Reconnects", "How often frames came again after a loss", is_number=True),
    Column("Errors", "Pictures that could not be decoded, or were damaged", is_number=True),
    Column("Recording", "Whether it is recorded, how much there is, and since when"),
    Column("Encryption", "Who vouches for it, where the connection is encrypted (TLS)"),
)
REASON, MOST_REASON = 2, 26  # its column, and how wide it is at first, in em
STATES: dict[State, tuple[str, str]] = {
    State.LIVE: ("●", "good"),
    State.CONNECTING: ("○", "warning"),
    State.STALLED: ("▲", "warning"),
    State.RECONNECTING: ("↻", "warning"),
    State.FAILED: ("✕", "problem"),
    State.ENDED: ("■", "quiet"),
}
"""A symbol and a colour, beside the word."""


class HealthTable(RowsView):
    """All cameras, sorted by the column that is clicked."""

    def __init__(self) -> None:
        self._cells = Rows([Column(_said(column.title), _said(column.meaning), column.is_number) for column in COLUMNS])
        super().__init__(self._cells, _said("Health of the cameras"), sortable=True)
        self._cells.setParent(self)
        self._names: list[str] = []

    def put(self, cameras: Iterable[CameraFacts]) -> None:
        """Shows how cameras are doing now."""
        facts = list(cameras)
        self._cells.put([health_row(camera) for camera in facts])
        names = [camera.name for camera in facts]
        if names != self._names:
            self._names = names
            self.resizeColumnsToContents()
            self.setColumnWidth(REASON, min(self.columnWidth(REASON), theme.em(self, MOST_REASON)))


def health_row(facts: CameraFacts) -> Row:
    """Returns what a row says of a camera; what is not known is "–"."""
    health, load, link = facts.health, facts.load, facts.health.link
    symbol, tone = STATES[health.state]
    is_clear = health.condition is Condition.CLEAR
    size = health.size
    return (
        text_cell(facts.name),
        Cell(f"{symbol} {_said(health.state.value)}", list(STATES).index(health.state), tone),
        text_cell("; ".join(filter(None, [health.problem, health.remark, link.remark if link else ""])), missing=""),
        number_cell(health.rate if health.frames else None, "{:.1f}"),
        number_cell(load.counted_fps if facts.total.readings else None, "{:.1f}"),
        number_cell(load.dropped_share if load.offered_fps and load.is_whole else None, "{:.0%}"),
        number_cell(_ms(load.latency_p50_s), "{:.0f} ms"),
        number_cell(_ms(load.latency_p95_s), "{:.0f} ms"),
        Cell(f"{size[1]} × {size[0]}" if size else "–", size[0] * size[1] if size else None),
        text_cell(link.codec if link else ""),
        text_cell(link.decoder if link else ""),
        text_cell(("" if is_clear else "⚠ ") + _said(health.condition.value), "" if is_clear else "warning")
        if health.frames
        else text_cell(""),
        number_cell(health.stalls),
        number_cell(health.reconnects),
        number_cell(health.decode_errors),
        text_cell(
            facts.recording.words if facts.recording else "",
            "warning" if facts.recording and facts.recording.problem else "",
        ),
        text_cell((link and link.security) or ""),
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds


def _said(words: str) -> str:
    return QCoreApplication.translate("Health", words)
