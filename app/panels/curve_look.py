"""How the lines of a curve are told apart: by colour and, since colour is never alone, by dash pattern."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PyQt6.QtCore import QPointF, QSizeF, Qt
from PyQt6.QtGui import QIcon, QPainter, QPixmap
from PyQt6.QtWidgets import QWidget

from app.theme import colours
from engine.rules.series import Subject

DASHES: tuple[tuple[float, ...], ...] = ((), (10, 4), (4, 3), (14, 3, 3, 3))
"""Pixels that are drawn and left out in turn."""
OTHER_TURN = 2  # patterns further on, so that none of one colour meets another
WIDTH, TOTAL_WIDTH, OTHER_WIDTH = 2, 4, 1
SAMPLE_EM = 2.2  # length of a line's sample in a list


@dataclass(frozen=True, slots=True)
class Look:
    """Of one line; colours are asked for when it is drawn, since another theme has others."""

    place: int | None = None
    """Among those that are told apart; None is the total's."""
    is_other: bool = False
    """Whether it is of other days: in the same colour, thinner, with another pattern."""

    @property
    def colour(self) -> str:
        """Of line and band."""
        table = colours()
        return table.text if self.place is None else table.series[self.place % len(table.series)]

    @property
    def dash(self) -> tuple[float, ...]:
        """Neighbours differ in both colour and pattern, those of one colour in the pattern."""
        if self.place is None:
            return DASHES[1] if self.is_other else ()
        turn = self.place + self.place // len(colours().series) + (OTHER_TURN if self.is_other else 0)
        return DASHES[turn % len(DASHES)]

    @property
    def width(self) -> int:
        """In pixels."""
        if self.is_other:
            return OTHER_WIDTH
        return TOTAL_WIDTH if self.place is None else WIDTH

    def sample(self, widget: QWidget) -> QPixmap:
        """Returns a short piece of it, for a list in a widget's font."""
        em, ratio = widget.fontMetrics().height(), widget.devicePixelRatioF()
        picture = QPixmap((QSizeF(SAMPLE_EM * em, em) * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setPen(
            pg.mkPen(self.colour, width=self.width, dash=[length / self.width for length in self.dash] or None)
        )
        painter.drawLine(QPointF(0, em / 2), QPointF(SAMPLE_EM * em, em / 2))
        painter.end()
        return picture

    def icon(self, widget: QWidget) -> QIcon:
        """Returns the same for a list of Qt, which would else paint it over where a row is selected."""
        picture, icon = self.sample(widget), QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(picture, mode)
        return icon


class Looks:
    """Gives each line that is chosen a look of its own, which it keeps for as long as it is chosen."""

    def __init__(self) -> None:
        self._places: dict[Subject, int] = {}

    def choose(self, subjects: Sequence[Subject]) -> dict[Subject, Look]:
        """Returns the looks of those that are chosen now."""
        self._places = {subject: place for subject, place in self._places.items() if subject in subjects}
        for subject in subjects:
            if subject not in self._places:
                taken = set(self._places.values())
                self._places[subject] = next(place for place in range(len(taken) + 1) if place not in taken)
        return {subject: Look(self._places[subject]) for subject in subjects}
