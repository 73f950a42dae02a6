"""What if: a rule is tried on the counts of the recording that is shown, while its threshold is dragged."""

import numpy as np
from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from app.panels.alert_words import duration_words
from app.panels.counted import Floats
from app.panels.elided import ElidedLabel
from app.panels.timeline import Timeline
from app.panels.timeline_drawing import Alerts
from app.running.counts_trial import CountsOrder, CountsTrial, TriedCounts
from app.theme import em
from engine.rules.rule import HYSTERESIS, Rule

FIRST_SHARE = 0.8  # of the highest count, for the first threshold
USUAL_LEVEL, USUAL_FOR_S = 10.0, 3.0
MOST_PEOPLE, MOST_S = 100_000.0, 86_400.0
COLUMNS = (4, 2, 1)  # in which the fields stand, as many as there is room for
SAID = "It would have raised {alerts}; {time} of the recording are known."


class TimelineTrial(QWidget):
    """The fields of a rule above a time-line, and what it would have done; hidden until it is wanted."""

    closed = pyqtSignal()

    def __init__(self, line: Timeline) -> None:
        super().__init__()
        self._line, self._trial = line, CountsTrial()
        self._asked: object = None
        """What was tried last."""
        self._counts: tuple[int, Floats, Floats] = (-1, np.empty(0), np.empty(0))
        self.is_on = False
        self.side, self.level = QComboBox(), _number(self.tr(" people"), MOST_PEOPLE, 1.0)
        self.for_s, self.clear = _number(" s", MOST_S, 1.0), _number(self.tr(" people"), MOST_PEOPLE, 1.0)
        self.words, self._close = ElidedLabel(), QPushButton(self.tr("Close"))
        self._grid, self._arranged = QGridLayout(), (0, False)
        self._build()
        self.hide()

    def switch(self, wanted: bool) -> None:
        """Tries a rule, or no longer."""
        self.is_on, self._asked = wanted, None
        self.setVisible(wanted)
        most = self._line.counted.most
        if wanted and self.level.value() == 0.0:
            self.level.setValue(round(FIRST_SHARE * most[1]) if most and most[1] >= 1 else USUAL_LEVEL)
        if wanted:
            self.pull()
            self.level.setFocus()
        else:
            self._line.show_alerts(Alerts())
            self._line.show_level(None)

    def begin(self) -> None:
        """Another recording is shown: its own threshold is wanted."""
        self._asked, self._counts = None, (-1, np.empty(0), np.empty(0))
        if self.is_on:
            self._line.show_level(*self._levels())

    def pull(self) -> None:
        """Has the rule tried where it or the counts are others, and shows what came of it."""
        if not self.is_on:
            return
        tried = self._trial.take()
        if tried is not None:
            self._show(tried)
        wanted = (self.rule, len(self._line.counted))
        if wanted != self._asked and not self._trial.is_busy:
            self._asked = wanted
            self._trial.ask(CountsOrder(self.rule, *self._columns_now(), self._line.counted.step_s))

    def finish(self) -> None:
        """Tries no more."""
        self._trial.close()

    @property
    def rule(self) -> Rule:
        """What is tried."""
        clear = None if self.clear.value() == self.clear.minimum() else self.clear.value()
        is_above = self.side.currentIndex() == 0
        return Rule("what if", self.level.value(), is_above=is_above, clear=clear, for_s=self.for_s.value())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As wide as the widest field, since they can go beneath each other."""
        widest = max(field.minimumSizeHint().width() for field in self._fields)
        return QSize(widest + em(self, 0.5), self._grid.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Stands the fields beside each other as far as there is room."""
        super().resizeEvent(event)
        self._arrange()

    def _columns_now(self) -> tuple[Floats, Floats]:
        counted = self._line.counted
        if self._counts[0] != len(counted):  # the thread must not see them grow
            self._counts = len(counted), counted.times.copy(), counted.people.copy()
        return self._counts[1:]

    def _levels(self) -> tuple[float, float]:
        return self.rule.level, self.rule.clear_level

    def _show(self, tried: TriedCounts) -> None:
        self._line.show_alerts(Alerts(tried.spans))
        number = len(tried.spans)
        alerts = self.tr("1 alert") if number == 1 else self.tr("{0} alerts").format(number)
        words = self.tr(SAID).format(alerts=alerts, time=duration_words(tried.known_s))
        if self.words.set_words(words):
            self._arrange()

    def _follow(self) -> None:
        """Another rule is to be tried."""
        if self.is_on:
            self._line.show_level(*self._levels())
            self.pull()

    def _drag(self, level: float) -> None:
        if self.is_on:
            self.level.setValue(round(level))

    def _build(self) -> None:
        self.side.addItems([self.tr("above"), self.tr("below")])
        self.side.setAccessibleName(self.tr("Alert where the count is"))
        self.for_s.setValue(USUAL_FOR_S)
        self.clear.setMinimum(-1.0)
        self.clear.setValue(-1.0)
        self.clear.setSpecialValueText(self.tr("{0:.0%} away").format(HYSTERESIS))
        named = ((self.level, self.tr("Threshold")), (self.for_s, self.tr("For")), (self.clear, self.tr("Clear at")))
        for field, name in named:
            field.setAccessibleName(name)
            field.valueChanged.connect(self._follow)
        self.level.setToolTip(self.tr("The line can be dragged on the curve too"))
        self.clear.setToolTip(self.tr("At which count an alert is over again"))
        self.side.currentIndexChanged.connect(self._follow)
        self._close.clicked.connect(self.closed)
        self._line.plot.level_dragged.connect(self._drag)
        self._fields = [
            _row(_label(self.tr("Alert"), self.side), self.side, self.level),
            _row(_label(self.tr("for"), self.for_s), self.for_s),
            _row(_label(self.tr("clear at"), self.clear), self.clear),
            _row(self._close),
        ]
        self._grid.setContentsMargins(0, 0, em(self, 0.5), 0)
        self.setLayout(self._grid)
        self._arrange()

    def _needed(self, columns: int) -> int:
        """Returns how wide it has to be for so many columns."""
        widths = [field.minimumSizeHint().width() for field in self._fields]
        gaps = (columns + 1) * self._grid.horizontalSpacing()
        return sum(max(widths[column::columns]) for column in range(columns)) + gaps

    def _arrange(self) -> None:
        columns = next((number for number in COLUMNS if self._needed(number) <= self.width()), 1)
        is_row = columns == len(self._fields) and self._needed(columns) + self.words.whole_width() <= self.width()
        if (columns, is_row) == self._arranged:
            return
        self._arranged = columns, is_row
        self.updateGeometry()
        for place, field in enumerate(self._fields):
            self._grid.addWidget(field, place // columns, place % columns)
        self._grid.addWidget(self.words, *((0, columns) if is_row else (len(self._fields), 0, 1, columns)))
        for column in range(len(self._fields) + 1):
            self._grid.setColumnStretch(column, int(column == (len(self._fields) if is_row else columns - 1)))


def _number(unit: str, most: float, step: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(0.0, most)
    box.setDecimals(0)
    box.setSingleStep(step)
    box.setSuffix(unit)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # a wheel that scrolls past changes nothing
    return box


def _label(words: str, of: QWidget) -> QLabel:
    label = QLabel(words)
    label.setBuddy(of)
    return label


def _row(*widgets: QWidget) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return whole
