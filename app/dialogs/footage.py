"""Chooses what was recorded of a camera: which, on which day, from when to when; what there is is seen."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from PyQt6.QtCore import QDate, Qt, QTime
from PyQt6.QtWidgets import (
    QComboBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.rows import Rows
from app.dialogs.words import WrappedLabel
from app.panels.day_bar import DayBar
from app.running.recorded import Recorded
from app.running.task import Task
from app.theme import em
from engine.recording.segments import Span

WIDTH_EM = 34
FIRST_S = 3600.0  # of the newest recording, that is chosen at first
MOST_SAID = 6
TIME = "HH:mm"


class Choice(NamedTuple):
    """What was chosen."""

    camera: str
    from_s: float
    """In seconds since 1970, as is `to_s`."""
    to_s: float


class FootageDialog(QDialog):
    """Accepted, `choice` says what is to be opened."""

    def __init__(self, recorded: Recorded, camera: str = "", parent: QWidget | None = None) -> None:
        """Takes what was recorded; `camera` is chosen first, if it is there."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Open footage"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._recorded, self._wanted = recorded, camera
        self._spans: list[Span] = []
        self._task: Task | None = None
        self.camera, self.day, self.bar = QComboBox(), QDateEdit(), DayBar()
        self.begin, self.end = QTimeEdit(), QTimeEdit()
        self.said, self._rows = WrappedLabel(), Rows()
        self._build()
        self._connect()
        self._say(self.tr("Looking for recordings…"))
        self._ask(recorded.cameras, self._take_cameras)

    @property
    def choice(self) -> Choice:
        """What is chosen now; an end that is not after the begin is one of the next day."""
        day = self.day.date().toPyDate()
        first = datetime.combine(day, self.begin.time().toPyTime())
        last = datetime.combine(day, self.end.time().toPyTime())
        last = last if last > first else datetime.combine(day + timedelta(days=1), last.time())
        return Choice(self.camera.currentText(), first.timestamp(), last.timestamp())

    def done(self, result: int) -> None:
        """Waits for nothing more."""
        if self._task is not None:
            self._task.drop()
        super().done(result)

    def _build(self) -> None:
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("ddd yyyy-MM-dd")
        self.day.setDate(QDate.currentDate())
        for edit in (self.begin, self.end):
            edit.setDisplayFormat(TIME)
        times = QWidget()
        line = QHBoxLayout(times)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.begin)
        line.addWidget(QLabel(self.tr("to")))
        line.addWidget(self.end)
        line.addStretch(1)
        self.begin.setAccessibleName(self.tr("From"))
        self.end.setAccessibleName(self.tr("To"))
        self.bar.setAccessibleName(self.tr("What was recorded of the day"))
        self.bar.setToolTip(self.tr("Draw over a part to choose it, or click on what was recorded"))
        self._rows.add(self.tr("&Camera"), self.camera)
        self._rows.add(self.tr("&Day"), self.day)
        self._rows.add(self.tr("&Time"), times)
        times.setFocusProxy(self.begin)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self._rows)
        column.addWidget(self.bar)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.resize(em(self, WIDTH_EM), self.sizeHint().height())

    def _connect(self) -> None:
        self.camera.currentTextChanged.connect(self._look)
        self.day.dateChanged.connect(self._show_day)
        self.begin.timeChanged.connect(self._mark)
        self.end.timeChanged.connect(self._mark)
        self.bar.chosen.connect(self._take_times)

    def _ask(self, work: Callable[[], object], then: Callable[[object], None]) -> None:
        """Has something looked up; only the newest answer is wanted."""
        if self._task is not None:
            self._task.drop()
        self._task = Task("looking for recordings", work)
        self._task.done.connect(then)
        self._task.failed.connect(self._say)
        self._task.start()

    def _take_cameras(self, cameras: object) -> None:
        assert isinstance(cameras, list)
        self.camera.blockSignals(True)
        self.camera.addItems(cameras)
        self.camera.setCurrentText(self._wanted if self._wanted in cameras else (cameras or [""])[0])
        self.camera.blockSignals(False)
        if cameras:
            self._look()
        else:
            words = self.tr("Nothing was recorded yet: {0} is empty. Cameras are recorded that are set up so.")
            self._say(words.format(self._recorded.place))

    def _look(self) -> None:
        camera = self.camera.currentText()
        self._ask(lambda: self._recorded.spans(camera), self._take_spans)

    def _take_spans(self, spans: object) -> None:
        assert isinstance(spans, list)
        is_first = not self._spans
        self._spans = spans
        if self._spans:
            first, last = self._spans[0].begin_s, self._spans[-1].end_s
            self.day.setDateRange(_day(first), _day(last))
            if is_first:
                self._choose(max(self._spans[-1].begin_s, last - FIRST_S), last)
        self._show_day()

    def _choose(self, from_s: float, to_s: float) -> None:
        self.day.setDate(_day(from_s))
        self._take_times(from_s, to_s)

    def _take_times(self, from_s: float, to_s: float) -> None:
        """Takes whole minutes that hold all of a span."""
        first = datetime.fromtimestamp(from_s).replace(second=0, microsecond=0)
        last = datetime.fromtimestamp(to_s)
        if last.second or last.microsecond:
            last = last.replace(second=0, microsecond=0) + timedelta(minutes=1)
        self.begin.setTime(QTime(first.hour, first.minute))
        self.end.setTime(QTime(last.hour, last.minute))

    def _show_day(self) -> None:
        day = self.day.date().toPyDate()
        from_s, to_s = midnight(day), midnight(day + timedelta(days=1))
        spans = [span for span in self._spans if span.end_s > from_s and span.begin_s < to_s]
        self.bar.show_day(from_s, to_s, spans)
        self._mark()

    def _mark(self) -> None:
        """Shows what is chosen, and says what of it there is."""
        choice = self.choice
        self.bar.choose(Span(choice.from_s, choice.to_s))
        within = [
            Span(max(span.begin_s, choice.from_s), min(span.end_s, choice.to_s))
            for span in self._spans
            if span.end_s > choice.from_s and span.begin_s < choice.to_s
        ]
        said = [f"{_clock(span.begin_s)}–{_clock(span.end_s)}" for span in within]
        words = ", ".join([*said[:MOST_SAID], *(["…"] if len(said) > MOST_SAID else [])])
        if within:
            self._say(self.tr("Recorded: {0}").format(words))
        elif self._spans:
            self._say(self.tr("Nothing was recorded then."))
        self._offer(bool(within))

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self._offer(False)

    def _offer(self, is_there: bool) -> None:
        button = self._buttons.button(QDialogButtonBox.StandardButton.Open)
        assert button is not None
        button.setEnabled(is_there)


def midnight(day: date) -> float:
    """Returns when a day begins by this computer's clock, in seconds since 1970."""
    return datetime.combine(day, time()).timestamp()


def _day(second: float) -> QDate:
    then = datetime.fromtimestamp(second)
    return QDate(then.year, then.month, then.day)


def _clock(second: float) -> str:
    return f"{datetime.fromtimestamp(second):%H:%M:%S}"
