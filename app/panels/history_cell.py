"""How one day of a calendar is drawn."""

from datetime import date
from typing import Protocol

from PyQt6.QtCore import QModelIndex, QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.panels.history_words import WHOLE, people_words
from app.running.lookback import Day
from app.theme import colours, em

DATE = Qt.ItemDataRole.UserRole
STRIP_EM, MARGIN_EM, LINES = 0.4, 0.25, 2.0


class Days(Protocol):
    """Who knows the days that are drawn."""

    def day(self, day: date) -> Day | None:
        """Returns what is known of a day; None while it is being read."""
        ...

    def share(self, day: Day) -> float:
        """Returns how full a day was, 0 to 1."""
        ...

    def known(self, day: Day) -> float | None:
        """Returns how much of a day is known, 0 to 1; None for one that is not yet."""
        ...

    def is_looked_at(self, day: date) -> bool:
        """Whether a day is one of those that are looked at."""
        ...


class DayCell(QStyledItemDelegate):
    """Draws a day."""

    def __init__(self, days: Days, parent: QWidget) -> None:
        super().__init__(parent)
        self._days = days

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        """Room for two lines and a strip."""
        metrics = option.fontMetrics
        return QSize(metrics.horizontalAdvance("0000"), round(LINES * metrics.height() * 1.3))

    def paint(self, painter: QPainter | None, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draws the ground as high as the day was full, the strip of what is known, and the words."""
        when, widget = index.data(DATE), option.widget
        if painter is None or when is None or not isinstance(widget, QWidget):
            return
        day, cell = self._days.day(when), QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.fillRect(cell, QColor(colours().panel))
        if day is not None:
            self._draw_ground(painter, cell, day, em(widget, STRIP_EM))
        margin = em(widget, MARGIN_EM)
        self._draw_words(painter, cell.adjusted(margin, 0, -margin, -em(widget, STRIP_EM)), when, day)
        is_current = bool(option.state & QStyle.StateFlag.State_HasFocus)
        self._draw_border(painter, cell, is_current=is_current, is_looked_at=self._days.is_looked_at(when))
        painter.restore()

    def _draw_ground(self, painter: QPainter, cell: QRectF, day: Day, strip: int) -> None:
        known = self._days.known(day)
        if known is None:
            return
        look = colours()
        level = QRectF(cell)
        level.setTop(cell.bottom() - cell.height() * self._days.share(day))
        painter.fillRect(level, QColor(look.accent_ground))
        bar = QRectF(cell.left(), cell.bottom() - strip, cell.width(), strip)
        known = 1.0 if known >= WHOLE else known
        done = QRectF(bar.topLeft(), bar.size())
        done.setWidth(bar.width() * known)
        painter.fillRect(done, QColor(look.accent))
        if known < 1:
            missing = QRectF(done.right(), bar.top(), bar.width() - done.width(), strip)
            painter.fillRect(missing, QColor(look.panel))
            painter.fillRect(missing, QBrush(QColor(look.edge), Qt.BrushStyle.BDiagPattern))

    def _draw_words(self, painter: QPainter, room: QRectF, when: date, day: Day | None) -> None:
        look, flag = colours(), Qt.AlignmentFlag
        is_over = day is not None and self._days.known(day) is not None
        painter.setPen(QColor(look.quiet if is_over else look.faint))
        painter.drawText(room, flag.AlignLeft | flag.AlignTop, str(when.day))
        if day is None or not is_over:
            return
        if day.alerts:
            left = room.width() - painter.fontMetrics().horizontalAdvance(f"{when.day} ")
            painter.setPen(QColor(look.warning))
            painter.drawText(room, flag.AlignRight | flag.AlignTop, alert_mark(day.alerts, painter.fontMetrics(), left))
        painter.setPen(QColor(look.text))
        painter.drawText(room, flag.AlignRight | flag.AlignBottom, people_words(day.most))

    def _draw_border(self, painter: QPainter, cell: QRectF, *, is_current: bool, is_looked_at: bool) -> None:
        look = colours()
        colour = look.focus if is_current else look.selection if is_looked_at else look.line
        width = 2.0 if is_current or is_looked_at else 1.0
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRect(cell.adjusted(width / 2, width / 2, -width / 2, -width / 2))


def alert_mark(alerts: int, metrics: QFontMetrics, room: float) -> str:
    """Returns what says how many alerts a day had, the sign alone where there is no room for more."""
    words = f"▲{alerts}"
    return words if metrics.horizontalAdvance(words) <= room else "▲"
