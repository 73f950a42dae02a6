"""What to do next, for somebody who opens the window for the first time: three cards above the first picture."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.panel import plate


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do next."""

    words: str
    """On its button."""
    why: str
    act: Callable[[], object]


class Welcome(QFrame):
    """Cards side by side, until they are closed."""

    def __init__(self, cards: list[Card]) -> None:
        super().__init__()
        heading = QLabel(self.tr("Welcome. What you see is a demonstration clip, counted now. What is next?"))
        heading.setObjectName("title")
        heading.setWordWrap(True)
        close = QPushButton(self.tr("Close"))
        close.setToolTip(self.tr("Take these cards away"))
        close.clicked.connect(self.hide)
        top = QHBoxLayout()
        top.addWidget(heading, stretch=1)
        top.addWidget(close)
        row = QHBoxLayout()
        for card in cards:
            row.addWidget(plate(_card(card)), stretch=1)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addLayout(row)


def _card(card: Card) -> QWidget:
    widget = QWidget()
    button, why = QPushButton(card.words), QLabel(card.why)
    button.setToolTip(card.why)
    button.clicked.connect(card.act)
    why.setWordWrap(True)
    why.setAlignment(Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout(widget)
    column.addWidget(button)
    column.addWidget(why, stretch=1)
    return widget
