"""A day as a bar: what was recorded of it, and which part is chosen; the mouse chooses another."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.panels.day_marks import local, marks
from engine.recording.segments import Span

HEIGHT_EM = 3.2
STEPS_S = (3600, 7200, 10_800, 21_600)
MARK_EM = 5.0  # room for a mark
SNAP_S = 60
CLICK_PX = 4


class DayBar(QWidget):
    """Twenty-four hours of the local clock, or as many as the day has."""

    chosen = pyqtSignal(float, float)
    """From when to when somebody drew, in seconds since 1970."""

    def __init__(self) -> None:
        """Shows nothing yet."""
        super().__init__()
        self._from_s, self._to_s = 0.0, 86_400.0
        self._spans: Sequence[Span] = ()
        self._chosen = Span(0.0, 0.0)
        self._pressed: QPointF | None = None
        self._is_drawn = False
        self.setMinimumHeight(theme.em(self, HEIGHT_EM))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def show_day(self, from_s: float, to_s: float, spans: Sequence[Span]) -> None:
        """Shows a day, from midnight to midnight, and what was recorded of it."""
        self._from_s, self._to_s, self._spans = from_s, to_s, spans
        self.update()

    def choose(self, span: Span) -> None:
        """Marks a part."""
        self._chosen = span
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Begins a part."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._is_drawn = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Draws it on."""
        if event is None or self._pressed is None:
            return
        self._is_drawn = self._is_drawn or abs(event.position().x() - self._pressed.x()) >= CLICK_PX
        first, last = sorted(round(self._second(at) / SNAP_S) * SNAP_S for at in (self._pressed, event.position()))
        if self._is_drawn and last > first:
            self.chosen.emit(first, last)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802
        """Ends it; a mere click chooses what was recorded around it."""
        pressed, self._pressed = self._pressed, None
        if event is None or pressed is None or self._is_drawn:
            return
        at_s = self._second(pressed)
        for span in self._spans:
            if span.begin_s <= at_s <= span.end_s:
                self.chosen.emit(max(span.begin_s, self._from_s), min(span.end_s, self._to_s))

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws the bar, its hours beneath."""
        painter, palette = QPainter(self), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        bar = QRectF(0.5, 0.5, self.width() - 1, self.height() - line - 4)
        painter.setPen(QPen(palette.mid().color()))
        painter.setBrush(palette.base())
        painter.drawRect(bar)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.highlight())
        for span in self._spans:
            painter.drawRect(self._between(span, bar, bar.height() / 4))
        if self._chosen.end_s > self._chosen.begin_s:
            painter.setPen(QPen(palette.windowText().color(), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._between(self._chosen, bar, 1.0))
        painter.setPen(palette.windowText().color())
        for moment_s in marks(self._from_s, self._to_s, self._step()):
            words = "24:00" if moment_s == self._to_s else f"{local(moment_s):%H:%M}"
            width = self.fontMetrics().horizontalAdvance(words)
            left = min(max(self._x(moment_s) - width / 2, 0.0), self.width() - width)
            painter.drawText(QPointF(left, self.height() - self.fontMetrics().descent() - 1), words)

    def _step(self) -> int:
        most = max(2, int(self.width() / theme.em(self, MARK_EM)))
        return next((step for step in STEPS_S if (self._to_s - self._from_s) / step <= most), STEPS_S[-1])

    def _between(self, span: Span, bar: QRectF, inset: float) -> QRectF:
        first, last = (min(max(self._x(second), bar.left()), bar.right()) for second in (span.begin_s, span.end_s))
        return QRectF(first, bar.top() + inset, max(1.0, last - first), bar.height() - 2 * inset)

    def _x(self, second: float) -> float:
        return (second - self._from_s) / (self._to_s - self._from_s) * self.width()

    def _second(self, at: QPointF) -> float:
        share = min(1.0, max(0.0, at.x() / max(1, self.width())))
        return self._from_s + share * (self._to_s - self._from_s)
