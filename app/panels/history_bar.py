"""The controls above the curves: how many days are seen, the days before and after, what they are compared with."""

from datetime import date, timedelta

from PyQt6.QtCore import QDate, QSignalBlocker, pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QComboBox, QDateEdit, QVBoxLayout, QWidget

from app.actions import placed
from app.icons import icon
from app.panels.elided import ElidedLabel
from app.panels.history_span import KINDS, Span
from app.panels.history_words import span_words
from app.theme import changed, colours
from app.toolbar import fill, shell_toolbar

ANY_DATE = "date"
DATES = "yyyy-MM-dd"


class HistoryBar(QWidget):
    """A toolbar, and a line of words beneath it."""

    moved = pyqtSignal(int)
    """One span later, or earlier below zero."""
    kind_wanted = pyqtSignal(str)
    own_wanted = pyqtSignal(object, object)
    """From a `date` to a `date`."""
    compared = pyqtSignal()
    """With other days than before, or with none."""

    def __init__(self, further: list[QAction]) -> None:
        """`further` are put at the end of the toolbar."""
        super().__init__()
        self._span = Span.around("day", date.today())
        self._moment, self._state, self._note, self._is_problem = "", "", "", False
        self.kind, self.other = QComboBox(), QComboBox()
        self.first, self.last, self.other_day = (_date_edit() for _ in range(3))
        self.words = ElidedLabel()
        self.tools = shell_toolbar(self.tr("Controls of the history"))
        self._name()
        self.back = self._step(self.tr("Earlier"), self.tr("Look at the days before (Alt+Left)"), -1)
        self.on = self._step(self.tr("Later"), self.tr("Look at the days after (Alt+Right)"), 1)
        self._dates = [placed(self, self.first), placed(self, self.last)]
        self._other_date = placed(self, self.other_day)
        parts = [self.back, self.on, placed(self, self.kind), *self._dates]
        fill(self.tools, [*parts, placed(self, self.other), self._other_date, *further])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.words)
        self._connect()
        self.show_span(self._span)
        changed.connect(self._write)

    def show_span(self, span: Span) -> None:
        """Says which days are seen; what they are compared with stays so, as far as it lies outside of them."""
        wanted = self.other.currentData()
        self._span = span
        blockers = [QSignalBlocker(part) for part in (self.kind, self.first, self.last, self.other, self.other_day)]
        self.kind.setCurrentIndex(KINDS.index(span.kind))
        for edit, day in ((self.first, span.first), (self.last, span.last)):
            edit.setDate(QDate(day.year, day.month, day.day))
        self.other.clear()
        for words, value in self._choices():
            self.other.addItem(words, value)
        self.other.setCurrentIndex(max(0, self.other.findData(wanted)))
        del blockers
        for action in self._dates:
            action.setVisible(span.kind == "own")
        self._other_date.setVisible(self.other.currentData() == ANY_DATE)
        self._write()

    @property
    def by_days(self) -> int | None:
        """By how many days those that they are compared with lie later, below zero earlier; None for no others."""
        match self.other.currentData():
            case None:
                return None
            case int(before):
                return -before
            case _:
                apart = (_day(self.other_day) - self._span.first).days
                return apart or None

    def compare_with(self, choice: object) -> None:
        """Compares with the days that lie so many days before, `ANY_DATE` or None."""
        self.other.setCurrentIndex(max(0, self.other.findData(choice)))

    def show_moment(self, words: str) -> None:
        """Says which moment is read."""
        self._moment = words
        self._write()

    def show_state(self, words: str) -> None:
        """Says what is being waited for; '' is nothing."""
        if words != self._state:
            self._state = words
            self._write()

    def show_note(self, words: str, *, is_problem: bool = False) -> None:
        """Says what became of something; it stays until there is something else to say."""
        self._note, self._is_problem = words, is_problem
        self._write()

    def _write(self) -> None:
        parts = (span_words(self._span), self._moment, self._state, self._note)
        self.words.set_words(" · ".join(filter(None, parts)))
        self.words.setStyleSheet(f"color: {colours().problem if self._is_problem else colours().text}; padding: 0.2em")

    def _choices(self) -> list[tuple[str, object]]:
        names = {
            1: self.tr("Compare: day before"),
            7: self.tr("Compare: week before"),
            28: self.tr("Compare: 4 weeks before"),
            364: self.tr("Compare: year before"),
        }
        found: list[tuple[str, object]] = [(self.tr("Compare: nothing"), None)]
        found += [(names[number], number) for number in self._span.before]
        return [*found, (self.tr("Compare: a date…"), ANY_DATE)]

    def _name(self) -> None:
        yesterday = date.today() - timedelta(days=1)
        self.other_day.setDate(QDate(yesterday.year, yesterday.month, yesterday.day))
        for words, kind in zip(
            (self.tr("Day"), self.tr("Week"), self.tr("Month"), self.tr("From–to")), KINDS, strict=True
        ):
            self.kind.addItem(words, kind)
        for part, name in (
            (self.kind, self.tr("How many days are seen")),
            (self.first, self.tr("From this day")),
            (self.last, self.tr("To this day")),
            (self.other, self.tr("Days to compare with; a week before has the same days of the week")),
            (self.other_day, self.tr("Day to compare with")),
        ):
            part.setAccessibleName(name)
            part.setToolTip(name)
            if isinstance(part, QComboBox):
                part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def _connect(self) -> None:
        self.kind.activated.connect(lambda place: self.kind_wanted.emit(KINDS[place]))
        for edit in (self.first, self.last):
            edit.dateChanged.connect(lambda _: self.own_wanted.emit(_day(self.first), _day(self.last)))
        self.other.currentIndexChanged.connect(self._compare)
        self.other_day.dateChanged.connect(lambda _: self.compared.emit())

    def _compare(self) -> None:
        self._other_date.setVisible(self.other.currentData() == ANY_DATE)
        self.compared.emit()

    def _step(self, words: str, tip: str, by: int) -> QAction:
        action = QAction(icon("back" if by < 0 else "on"), words, self)
        action.setToolTip(tip)
        action.triggered.connect(lambda: self.moved.emit(by))
        return action


def _date_edit() -> QDateEdit:
    edit = QDateEdit()
    edit.setCalendarPopup(True)
    edit.setDisplayFormat(DATES)
    edit.setKeyboardTracking(False)
    return edit


def _day(edit: QDateEdit) -> date:
    return edit.date().toPyDate()
