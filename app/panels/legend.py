"""The scale of the heat-map: its colours with numbers, in people per cell or in a square of 100 pixels."""

from math import floor, log10

from PyQt6.QtCore import QRect, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.theme import PLATE_ALPHA, colours, em
from engine.calibration.crowding import BANDS, CRITICAL, CRITICAL_WORDS
from engine.monitor.bands import COLOURS
from engine.picture.heatmap import PALETTE

SQUARE = 100  # pixels: the side of the square that people are told for, where it is not a cell
BAR_EM, MARGIN_EM, TICK_EM, MARK_EM = 0.9, 0.5, 0.3, 3.2  # MARK_EM: room that a number takes along the bar
LENGTH_EM, LEAST_EM = 15.0, 10.0
STEPS = (1.0, 2.0, 5.0, 10.0)
LIMIT = "!"
"""Where the last band becomes deadly."""


class Legend(QAbstractButton):
    """Drawn like words on a picture; pressed, it tells the scale in the other unit."""

    square_wanted = pyqtSignal(bool)
    """Somebody wants people in a square of 100 pixels, or per cell: to be remembered."""

    def __init__(self, orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._orientation = orientation
        self._most: float | None = None
        self._cell, self._fixed, self._square, self._banded = 8.0, False, False, False
        along, across = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        self.setSizePolicy(*((along, across) if orientation is Qt.Orientation.Horizontal else (across, along)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._switch)
        self._tell()

    def show_scale(self, most: float | None, cell: float, *, fixed: bool) -> None:
        """Shows another scale.

        Args:
            most: people per cell in the strongest colour; None while there is no map.
            cell: width of a cell in pixels of the camera's picture.
            fixed: whether somebody chose it; otherwise it follows the picture.
        """
        if (most, cell, fixed) != (self._most, self._cell, self._fixed):
            self._most, self._cell, self._fixed = most, cell, fixed
            self._tell()

    def show_bands(self, banded: bool) -> None:
        """Shows the bands of people per square metre, or the scale of a heat-map."""
        if banded != self._banded:
            self._banded = banded
            self._tell()

    def set_square(self, square: bool) -> None:
        """Tells people in a square of 100 pixels, or per cell."""
        if square != self._square:
            self._square = square
            self._tell()

    @property
    def most(self) -> float | None:
        """People in the strongest colour, in the unit that is told; None while there is no map."""
        return None if self._most is None else self._most * ((SQUARE / self._cell) ** 2 if self._square else 1.0)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for four or five numbers."""
        return self._size(LENGTH_EM)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for the unit, and the least and the greatest number."""
        return self._size(LEAST_EM)

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """Draws the plate, the words, the bar and its numbers."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QColor(colours().plate)
        plate.setAlpha(PLATE_ALPHA)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(self.rect(), em(self, 0.3), em(self, 0.3))
        painter.setPen(QColor(colours().plate_text))
        margin, line = em(self, MARGIN_EM), self.fontMetrics().height()
        words = self.fontMetrics().elidedText(self._words(), Qt.TextElideMode.ElideRight, self.width() - 2 * margin)
        painter.drawText(QRect(margin, margin, self.width() - 2 * margin, line), Qt.AlignmentFlag.AlignLeft, words)
        if self._banded:
            self._draw_bands(painter, self._bar())
        elif self.most is not None:
            self._draw_bar(painter, self._bar(), self.most)
        painter.end()

    def _bar(self) -> QRect:
        margin, line, thick = em(self, MARGIN_EM), self.fontMetrics().height(), em(self, BAR_EM)
        top = margin + line + margin // 2
        if self._orientation is Qt.Orientation.Horizontal:
            side = max(margin, line)  # half a number hangs over each end
            return QRect(side, top, self.width() - 2 * side, thick)
        return QRect(margin, top + line // 2, thick, self.height() - top - line - margin)

    def _draw_bar(self, painter: QPainter, bar: QRect, most: float) -> None:
        flat = self._orientation is Qt.Orientation.Horizontal
        strip = (PALETTE if flat else PALETTE[::-1]).tobytes()
        width, height = (len(PALETTE), 1) if flat else (1, len(PALETTE))
        painter.drawImage(bar, QImage(strip, width, height, 4 * width, QImage.Format.Format_RGBA8888))
        length = bar.width() if flat else bar.height()
        tick, line = em(self, TICK_EM), self.fontMetrics().height()
        for value in ticks(most, length // em(self, MARK_EM)):
            along = round((length - 1) * value / most) if most > 0 else 0
            if flat:
                x = bar.left() + along
                painter.drawLine(x, bar.bottom() + 1, x, bar.bottom() + tick)
                room = QRect(x - 2 * line, bar.bottom() + tick, 4 * line, line)
                painter.drawText(room, Qt.AlignmentFlag.AlignHCenter, f"{value:.3g}")
            else:
                y = bar.bottom() - along
                painter.drawLine(bar.right() + 1, y, bar.right() + tick, y)
                room = QRect(bar.right() + 2 * tick, y - line // 2, self.width(), line)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, f"{value:.3g}")

    def _draw_bands(self, painter: QPainter, bar: QRect) -> None:
        """Draws a field for each band, with its letter and where it begins; the last is parted at the limit within."""
        flat, tick, line = (
            self._orientation is Qt.Orientation.Horizontal,
            em(self, TICK_EM),
            self.fontMetrics().height(),
        )
        fields = [(band.name, band.above, colour) for band, colour in zip(BANDS, COLOURS, strict=True)]
        fields.append((LIMIT, CRITICAL, COLOURS[-1]))
        wide, high = bar.width() // len(fields), bar.height() // len(fields)
        for place, (name, above, colour) in enumerate(fields):
            if flat:
                field = QRect(bar.left() + place * wide, bar.top(), wide, bar.height())
                room = QRect(field.left(), field.bottom() + tick, wide, line)
            else:
                field = QRect(bar.left(), bar.bottom() - (place + 1) * high, bar.width(), high)
                room = QRect(field.right() + tick, field.top(), self.width(), high)
            painter.fillRect(field, QColor(colour))
            painter.setPen(QColor(colours().plate_text if colour in (COLOURS[0], COLOURS[-1]) else "#101418"))
            painter.drawText(field, Qt.AlignmentFlag.AlignCenter, name)
            painter.setPen(QColor(colours().plate_text))
            if name == LIMIT and flat:
                painter.drawLine(field.topLeft(), field.bottomLeft())
            elif name == LIMIT:
                painter.drawLine(field.bottomLeft(), field.bottomRight())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"{above:.2g}")

    def _size(self, length_em: float) -> QSize:
        margin, line = em(self, MARGIN_EM), self.fontMetrics().height()
        words = self.fontMetrics().horizontalAdvance(self._words()) + 2 * margin
        if self._orientation is Qt.Orientation.Horizontal:
            height = 2 * line + em(self, BAR_EM + TICK_EM) + 2 * margin + margin // 2
            return QSize(max(em(self, length_em), words), height)
        return QSize(words, em(self, length_em))

    def _words(self) -> str:
        if self._banded:
            return self.tr("people/m², Fruin A to F") if self._most is not None else self.tr("people/m²: no map yet")
        if self._most is None:
            return self.tr("no heat-map yet")
        unit = self.tr("people in 100×100 pixels") if self._square else self.tr("people per cell")
        return f"{unit}, {self.tr('fixed') if self._fixed else self.tr('automatic')}"

    def _switch(self) -> None:
        if self._banded:
            return
        self.set_square(not self._square)
        self.square_wanted.emit(self._square)

    def _tell(self) -> None:
        other = self.tr("people per cell") if self._square else self.tr("people in 100×100 pixels")
        scale = self.tr("Heat-map: 0 to {most:.3g} {words}").format(most=self.most or 0.0, words=self._words())
        self.setAccessibleName(self._words() if self._most is None else scale)
        if self._banded:
            lines = [(band.name, band.above, band.words) for band in BANDS] + [(LIMIT, CRITICAL, CRITICAL_WORDS)]
            tip = "\n".join(f"{name}, {above:g} people/m²: {self.tr(words)}" for name, above, words in lines)
            self.setAccessibleName(self._words())
        else:
            tip = self._cell_tip(other)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)
        self.updateGeometry()
        self.update()

    def _cell_tip(self, other: str) -> str:
        return self.tr("Press for {unit}. A cell is {cell:.3g} pixels wide.").format(unit=other, cell=self._cell)


def ticks(most: float, room: int) -> list[float]:
    """Returns the numbers on a scale from 0 to `most`: round ones, so many as there is room for, at least two."""
    if most <= 0:
        return [0.0]
    rough = most / max(1, room)
    power = 10.0 ** floor(log10(rough))
    step = next(power * step for step in STEPS if power * step >= rough * (1 - 1e-9))
    if step > most:
        return [0.0, most]
    return [number * step for number in range(floor(most / step + 1e-9) + 1)]
