"""What to do next, for somebody who opens the window for the first time: three cards above the first picture."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.panels.elided import plain_tip
from app.panels.panel import plate
from app.theme import em

ROOMY_EM = 40  # heights of letters


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do next."""

    words: str
    """On its button."""
    why: str
    act: Callable[[], object]


class Welcome(QFrame):
    """Cards side by side, until they are closed; in a low window they are buttons alone."""

    closed = pyqtSignal()
    """Nobody wants to see the cards any more."""

    def __init__(self, cards: list[Card]) -> None:
        super().__init__()
        heading = QLabel(self.tr("Welcome. What you see is a demonstration clip, counted now. What is next?"))
        heading.setObjectName("title")
        heading.setWordWrap(True)
        close = QPushButton(self.tr("Close"))
        close.setToolTip(self.tr("Take these cards away"))
        close.clicked.connect(self.leave)
        top, row = QHBoxLayout(), QHBoxLayout()
        top.addWidget(heading, stretch=1)
        top.addWidget(close)
        self._whys = [QLabel(card.why) for card in cards]
        for card, why in zip(cards, self._whys, strict=True):
            row.addWidget(plate(_card(card, why)), stretch=1)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addLayout(row)

    def leave(self) -> None:
        """Goes."""
        self.hide()
        self.closed.emit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Says more where there is room."""
        super().resizeEvent(event)
        window = self.window()
        roomy = window is not None and window.height() >= em(self, ROOMY_EM)
        for why in self._whys:
            why.setVisible(roomy)


def _card(card: Card, why: QLabel) -> QWidget:
    widget = QWidget()
    button = QPushButton(card.words)
    button.setToolTip(plain_tip(card.why))
    button.clicked.connect(card.act)
    why.setWordWrap(True)
    why.setMargin(em(why, 0.5))
    why.setAlignment(Qt.AlignmentFlag.AlignTop)
    why.hide()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(button)
    column.addWidget(why, stretch=1)
    return widget


def first_cards(
    add_camera: Callable[[], object], open_recording: Callable[[], object], show_model: Callable[[], object]
) -> list[Card]:
    """Returns what somebody may want to do first."""

    def said(words: str) -> str:
        return QCoreApplication.translate("Welcome", words)

    return [
        Card(
            said("Add a camera"),
            said("Its address is enough, or its maker and its number in the network."),
            add_camera,
        ),
        Card(said("Open a recording"), said("Any video file: dropped on the window, or chosen."), open_recording),
        Card(
            said("How good is the count?"),
            said("The card of the model: what it learned from, and how far off it is."),
            show_model,
        ),
    ]
