"""The groups above the wall: what each counts, how many it holds, and why a count is not known."""

from collections.abc import Sequence
from math import ceil

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QWidget

from app.panels.elided import ElidedLabel
from app.panels.group_words import GroupWords
from app.theme import em

WIDE_EM, MOST_ROWS = 17.0, 2
"""How wide a group is at least, and how many rows of them there are before one scrolls."""
OVER, UNKNOWN = "▲", "?"


class GroupPlate(QFrame):
    """One group."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._name, self._count, self._more = ElidedLabel(), QLabel(), ElidedLabel()
        self._words: GroupWords | None = None
        self._name.setObjectName("fact")
        font = self._count.font()
        font.setBold(True)
        self._count.setFont(font)
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(em(self, 0.6), em(self, 0.25), em(self, 0.6), em(self, 0.25))
        for label in (self._name, self._count, self._more):
            row.addWidget(label)
        row.addStretch(1)

    @property
    def words(self) -> GroupWords | None:
        """What is shown."""
        return self._words

    def show_words(self, words: GroupWords) -> None:
        """Shows how a group is doing; draws only what is other than before."""
        if words == self._words:
            return
        self._words = words
        self._name.set_words(words.name)
        self._count.setText(f"{OVER} {words.count}" if words.is_over else words.count)
        self._more.set_words(", ".join(filter(None, [words.share, words.reason, words.alert])))
        bad, quiet = words.is_over or bool(words.alert), bool(words.reason)
        for label in (self._count, self._more):
            label.setObjectName("bad" if bad else "fact" if quiet or label is self._more else "")
            style = label.style()
            assert style is not None
            style.unpolish(label)
            style.polish(label)
        self.setToolTip(words.spoken)
        self.setAccessibleName(words.spoken)


class GroupStrip(QScrollArea):
    """All groups side by side, in as many rows as are needed; hidden where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.plates: list[GroupPlate] = []
        self._is_away, self._columns = False, 0
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(em(self, 0.25))
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Groups"))
        self.setObjectName("message")  # which has no ground of its own
        self._fit()

    def show_groups(self, groups: Sequence[GroupWords]) -> None:
        """Shows what is said of all groups."""
        if len(groups) != len(self.plates):
            for plate in self.plates[len(groups) :]:
                self._grid.removeWidget(plate)
                plate.deleteLater()
            more = [GroupPlate() for _ in groups[len(self.plates) :]]
            self.plates = [*self.plates[: len(groups)], *more]
            self._columns = 0
        for plate, words in zip(self.plates, groups, strict=True):
            plate.show_words(words)
        self._fit()

    def set_away(self, away: bool) -> None:
        """Takes all of it away, or brings it back."""
        self._is_away = away
        self._fit()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Puts as many side by side as have room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setHidden(self._is_away or not self.plates)
        columns = min(max(1, int(self.width() / em(self, WIDE_EM))), max(1, len(self.plates)))
        if columns == self._columns or not self.plates:
            return
        for place, plate in enumerate(self.plates):
            self._grid.addWidget(plate, place // columns, place % columns)
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        rows = ceil(len(self.plates) / columns)
        seen = min(rows, MOST_ROWS)
        high = seen * self.plates[0].sizeHint().height() + (seen - 1) * self._grid.spacing()
        bar = self.verticalScrollBar()
        assert bar is not None
        self.setFixedHeight(max(high, bar.sizeHint().height()) if rows > seen else high)
