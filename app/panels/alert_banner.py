"""A strip over every page that says which alerts were raised, until somebody takes care of them or puts it away."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QWidget

from app.panels.alert_words import SEVERITIES, firing_words
from app.panels.message import Message
from app.theme import em
from engine.alerts.guard import Firing
from engine.rules.rule import Severity

NARROW_EM = 48


class AlertBanner(QFrame):
    """Hidden while there is nothing to say; shows the worst of the newest, and how many others wait."""

    def __init__(self, *, on_show: Callable[[Firing], object], on_acknowledge: Callable[[Firing], object]) -> None:
        super().__init__()
        self.setObjectName("alert")
        self.waiting: list[Firing] = []
        """What was told and nobody took care of, the newest last."""
        self._over: frozenset[str] = frozenset()
        self._words = Message()
        self.show_it, self.acknowledge = QPushButton(self.tr("Show")), QPushButton(self.tr("Acknowledge…"))
        self.hide_it = QPushButton(self.tr("Hide"))
        self.show_it.setToolTip(self.tr("Go to the alert in the list"))
        self.acknowledge.setToolTip(self.tr("Take care of the alert, with a note"))
        self.hide_it.setToolTip(self.tr("Put this away; the alerts stay in the list"))
        self.show_it.clicked.connect(lambda: on_show(self._foremost()))
        self.acknowledge.clicked.connect(lambda: on_acknowledge(self._foremost()))
        self.hide_it.clicked.connect(self.put_away)
        self._halves, row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self), QHBoxLayout()
        self._halves.setContentsMargins(em(self, 1.1), em(self, 0.4), em(self, 0.9), em(self, 0.4))
        self._halves.addWidget(self._words, stretch=1)
        for button in (self.show_it, self.acknowledge, self.hide_it):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
        row.addStretch(0)
        self._halves.addLayout(row)
        self._show()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Puts the buttons beneath the words where there is little room."""
        super().resizeEvent(event)
        narrow = self.width() < em(self, NARROW_EM)
        self._halves.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    @property
    def text(self) -> str:
        """What it says now."""
        if not self.waiting:
            return ""
        first, others = self._foremost(), len(self.waiting) - 1
        words = f"{SEVERITIES[first.severity.value][0]} {firing_words(first)}"
        if first.uid in self._over:
            words += self.tr(" – it is over")
        return words + (self.tr(" – and {others} more").format(others=others) if others else "")

    def add(self, firing: Firing) -> None:
        """Says that an alert was raised, or has become worse."""
        self.waiting = [*(each for each in self.waiting if each.uid != firing.uid), firing]
        self._show()

    def keep(self, wanted: Callable[[Firing], bool], over: frozenset[str]) -> None:
        """Says no more of alerts that are not wanted, and of some that they are over."""
        waiting = [each for each in self.waiting if wanted(each)]
        if (waiting, over) != (self.waiting, self._over):
            self.waiting, self._over = waiting, over
            self._show()

    def put_away(self) -> None:
        """Says nothing until the next alert."""
        self.waiting = []
        self._show()

    def _foremost(self) -> Firing:
        """Returns the worst, of those the newest."""
        ranks = list(Severity)
        return max(self.waiting, key=lambda each: (ranks.index(each.severity), each.raised))

    def _show(self) -> None:
        self._words.set_text(self.text)
        window: QWidget | None = self.window()
        had_focus = window is not None and self.isAncestorOf(window.focusWidget() or self)
        self.setVisible(bool(self.waiting))
        if had_focus and not self.waiting and window is not None:
            window.setFocus()
