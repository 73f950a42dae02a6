"""Which alerts are listed: by state, severity, camera, and words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from app.panels.alert_words import SEVERITIES, Standing, severity_words, standing_of, standing_word
from app.theme import em
from engine.alerts.listing import Alert

NARROW_EM = 46  # below which the search has a line of its own
TO_DO = "to do"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted; '' is all."""

    standing: str = ""
    """One of `Standing`, or `TO_DO` for what is not closed."""
    severity: str = ""
    owner: str = ""
    words: str = ""

    def takes(self, alert: Alert) -> bool:
        """Whether an alert is wanted."""
        standing = standing_of(alert)
        if self.standing == TO_DO and standing is Standing.CLOSED:
            return False
        if self.standing not in ("", TO_DO, standing):
            return False
        said = " ".join(
            filter(None, [alert.subject, alert.rule_name, alert.said, alert.note, alert.acknowledged_by])
        ).casefold()
        fits = (self.severity in ("", alert.severity), self.owner in ("", alert.owner))
        return all(fits) and all(word in said for word in self.words.casefold().split())


class AlertFilter(QWidget):
    """Lists to choose from, and a field to search."""

    changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.standing, self.severity, self.owner, self.search = QComboBox(), QComboBox(), QComboBox(), QLineEdit()
        for box, name in (
            (self.standing, self.tr("State")),
            (self.severity, self.tr("Severity")),
            (self.owner, self.tr("Camera or group")),
        ):
            box.setAccessibleName(name)
            box.setToolTip(name)
        for words, value in ((self.tr("All states"), ""), (self.tr("Not closed"), TO_DO)):
            self.standing.addItem(words, value)
        for standing in Standing:
            self.standing.addItem(standing_word(standing).capitalize(), standing.value)
        self.severity.addItem(self.tr("All severities"), "")
        for severity in SEVERITIES:
            self.severity.addItem(severity_words(severity), severity)
        self.offer(())
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search camera, rule, note and name"))
        self.search.setToolTip(self.tr("Search camera, rule, note and name (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self._arrange()

    @property
    def choice(self) -> Choice:
        """What is wanted now."""
        data = (self.standing.currentData(), self.severity.currentData(), self.owner.currentData())
        return Choice(*data, self.search.text())

    def choose(self, choice: Choice) -> None:
        """Wants something else; what is not offered is all."""
        boxes = (self.standing, self.severity, self.owner)
        for box, value in zip(boxes, (choice.standing, choice.severity, choice.owner), strict=True):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.search.setText(choice.words)

    def offer(self, owners: Iterable[str]) -> None:
        """Offers these cameras and groups; what is chosen stays so."""
        wanted = sorted(set(owners) | ({self.owner.currentData()} - {"", None}), key=str.casefold)
        if ["", *wanted] == [self.owner.itemData(row) for row in range(self.owner.count())]:
            return
        chosen = self.owner.currentData()
        self.owner.blockSignals(True)
        self.owner.clear()
        self.owner.addItem(self.tr("All cameras"), "")
        for owner in wanted:
            self.owner.addItem(owner, owner)
        self.owner.setCurrentIndex(max(0, self.owner.findData(chosen)))
        self.owner.blockSignals(False)

    def of(self, alerts: Sequence[Alert]) -> list[Alert]:
        """Returns those that are wanted."""
        choice = self.choice
        return [alert for alert in alerts if choice.takes(alert)]

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Gives the search a line of its own where there is little room."""
        super().resizeEvent(event)
        narrow = self.width() < em(self, NARROW_EM)
        self._halves.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)

    def _arrange(self) -> None:
        self._halves, boxes = QBoxLayout(QBoxLayout.Direction.LeftToRight, self), QHBoxLayout()
        self._halves.setContentsMargins(0, 0, 0, 0)
        for box in (self.standing, self.severity, self.owner):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            box.currentIndexChanged.connect(lambda _: self.changed.emit())
            boxes.addWidget(box)
        boxes.addStretch(1)
        self._halves.addLayout(boxes)
        self._halves.addWidget(self.search, stretch=1)
        self.search.textChanged.connect(lambda _: self.changed.emit())
