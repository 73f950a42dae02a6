"""A month of days that shows how full each was: by the height of its ground and by a number, never by colour alone.

Beneath each number a strip tells how much of the day is known: what is hatched was not counted.
"""

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from PyQt6.QtCore import QDate, QLocale, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.words import help_text
from app.icons import icon
from app.panels.history_cell import DATE, LINES, MARGIN_EM, STRIP_EM, DayCell
from app.panels.history_span import WEEK, Span, month_after
from app.panels.history_words import day_lines
from app.running.lookback import Day
from app.theme import changed, em

STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -WEEK, Qt.Key.Key_Down: WEEK}


class Calendar(QWidget):
    """Tells which day is chosen, and of which month the days are wanted."""

    chosen = pyqtSignal(object)
    """A `date`."""
    month_wanted = pyqtSignal(object)
    """Another month is seen: the `date` of its first day."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self.month = today.replace(day=1)
        self._span, self._days, self._now_s = Span.around("day", today), dict[date, Day](), 0.0
        self.table = _Table(self)
        self.back, self.on, self._name = QToolButton(), QToolButton(), QLabel()
        self._build()
        self.show_month(self.month)
        changed.connect(self._repaint)

    def show_month(self, month: date) -> None:
        """Goes to the month in which a day lies."""
        is_other = month.replace(day=1) != self.month
        self.month = month.replace(day=1)
        self._fill()
        if is_other:
            self.month_wanted.emit(self.month)

    def show_days(self, days: Iterable[Day], now_s: float) -> None:
        """Shows how full days were, in place of those before."""
        self._days, self._now_s = {each.day: each for each in days}, now_s
        self._fill()

    def show_span(self, span: Span) -> None:
        """Says which days are looked at, and goes to the month of the last of them."""
        is_other = span != self._span
        self._span = span
        if is_other and not any(map(span.holds, (self.month, month_after(self.month) - timedelta(days=1)))):
            self.show_month(span.last)
        self.table.put_current(span.first if span.first >= self.month else self.month)
        self._repaint()

    @property
    def number(self) -> int:
        """Of the month's days."""
        return monthrange(self.month.year, self.month.month)[1]

    @property
    def busiest(self) -> float:
        """The most that any day of the month had; 0 where none is known."""
        return max((day.most for day in self._days.values() if day.most is not None), default=0.0)

    def share(self, day: Day) -> float:
        """Returns how full a day was beside the busiest of the month."""
        return (day.most or 0.0) / self.busiest if self.busiest > 0 else 0.0

    def known(self, day: Day) -> float | None:
        """Returns how much of a day is known; None for one that is not yet."""
        return None if day.period.from_s > self._now_s else day.known(self._now_s)

    def is_looked_at(self, day: date) -> bool:
        """Whether a day is one of those that are looked at."""
        return self._span.holds(day)

    def go_to(self, day: date) -> None:
        """Brings a day into sight, with the keyboard on it."""
        if day.replace(day=1) != self.month:
            self.show_month(day)
        self.table.put_current(day)

    def _build(self) -> None:
        for button, name, by in ((self.back, self.tr("Month before"), -1), (self.on, self.tr("Next month"), 1)):
            button.setIcon(icon("back" if by < 0 else "on"))
            button.setAccessibleName(name)
            button.setToolTip(f"{name} ({self.tr('Page Up') if by < 0 else self.tr('Page Down')})")
            button.clicked.connect(lambda _, by=by: self.show_month(self._month(by)))
        self._name.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        for part, stretch in ((self.back, 0), (self._name, 1), (self.on, 0)):
            row.addWidget(part, stretch=stretch)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.table, stretch=1)
        column.addWidget(help_text(self.tr("The most people of each day. Hatched: not counted. ▲\u00a0alerts.")))
        self.table.chosen.connect(self.chosen)
        self.table.turned.connect(lambda by: self.show_month(self._month(by)))
        self.table.left.connect(self.go_to)

    def _month(self, by: int) -> date:
        return month_after(self.month) if by > 0 else self.month - timedelta(days=1)

    def _fill(self) -> None:
        self._name.setText(f"{self.month:%B %Y}")
        self.table.fill([self.month + timedelta(days=place) for place in range(self.number)], self._words)

    def _words(self, day: date) -> list[str]:
        known = self._days.get(day)
        return [f"{day:%A} {day.day} {day:%B}"] if known is None else day_lines(known, self._now_s)

    def day(self, day: date) -> Day | None:
        """Returns what is known of a day; None while it is being read."""
        return self._days.get(day)

    def _repaint(self) -> None:
        viewport = self.table.viewport()
        assert viewport is not None
        viewport.update()


class _Table(QTableWidget):
    """The days in their weeks."""

    chosen, left, turned = pyqtSignal(object), pyqtSignal(object), pyqtSignal(int)

    def __init__(self, calendar: Calendar) -> None:
        super().__init__(0, WEEK)
        self._first = week_begins()
        self._places: dict[date, tuple[int, int]] = {}
        self.setAccessibleName(self.tr("Days"))
        self.setToolTip(self.tr("Enter looks at the day that is marked; arrows, Page Up and Page Down move"))
        names = [QDate(2024, 1, 1 + (self._first + place) % WEEK).toString("ddd") for place in range(WEEK)]
        self.setHorizontalHeaderLabels(names)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setItemDelegate(DayCell(calendar, self))
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        across.setHighlightSections(False)
        across.setSectionsClickable(False)
        down.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        down.hide()
        widest = max(across.sectionSizeHint(place) for place in range(WEEK))
        across.setMinimumSectionSize(widest)
        least = round(LINES * self.fontMetrics().height() + em(self, STRIP_EM + 2 * MARGIN_EM))
        down.setMinimumSectionSize(least)
        self.setMinimumSize(WEEK * widest + em(self, 0.5), 6 * least + across.sizeHint().height() + em(self, 0.5))
        self.itemClicked.connect(self._choose)

    def fill(self, days: list[date], words: Callable[[date], list[str]]) -> None:
        """Shows the days of a month."""
        current = self.currentItem()
        day = current.data(DATE) if current is not None else None
        lead = (days[0].weekday() - self._first) % WEEK
        self.clearContents()
        self.setRowCount((lead + len(days) + WEEK - 1) // WEEK)
        self._places = {each: divmod(lead + place, WEEK) for place, each in enumerate(days)}
        for row in range(self.rowCount()):
            for column in range(WEEK):
                blank = QTableWidgetItem()
                blank.setFlags(Qt.ItemFlag.NoItemFlags)
                self.setItem(row, column, blank)
        for each, place in self._places.items():
            self.setItem(*place, _item(each, words(each)))
        self.put_current(day if day in self._places else days[0])

    def put_current(self, day: date) -> None:
        """Puts the keyboard on a day, if it is seen."""
        if day in self._places:
            self.setCurrentCell(*self._places[day])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:  # noqa: N802
        """Moves from day to day and from month to month, and chooses."""
        if event is None:
            return
        item = self.currentItem()
        day = item.data(DATE) if item is not None else None
        match event.key():
            case key if key in STEPS and day is not None:
                self.left.emit(day + timedelta(days=STEPS[Qt.Key(key)]))
            case Qt.Key.Key_PageUp | Qt.Key.Key_PageDown as key:
                self.turned.emit(-1 if key == Qt.Key.Key_PageUp else 1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._choose(item)
            case _:
                super().keyPressEvent(event)

    def _choose(self, item: QTableWidgetItem | None) -> None:
        if item is not None and item.data(DATE) is not None:
            self.chosen.emit(item.data(DATE))


def week_begins() -> int:
    """Returns the day with which a week begins here; 0 is Monday."""
    return [
        Qt.DayOfWeek.Monday, Qt.DayOfWeek.Tuesday, Qt.DayOfWeek.Wednesday, Qt.DayOfWeek.Thursday, Qt.DayOfWeek.Friday,
        Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday,
    ].index(QLocale().firstDayOfWeek())  # fmt: skip


def _item(day: date, lines: list[str]) -> QTableWidgetItem:
    item = QTableWidgetItem(str(day.day))
    item.setData(DATE, day)
    item.setToolTip("\n".join(lines))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(lines))
    return item
