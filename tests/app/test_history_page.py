"""The history in the real window: a log of drawn days, looked back at by mouse and keys, and what it cannot read."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

import csv
import shutil
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta

from PyQt6.QtCore import QDate, QObject, Qt, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from app import theme
from app.pages.history import HistoryCallbacks, HistoryPage
from app.panels.banner import Banner
from app.panels.curve_choice import TOTAL
from app.panels.history_bar import ANY_DATE
from app.panels.history_cell import DATE
from app.panels.history_parts import CURVE, RESULTS
from app.running.seconds_export import has_parquet
from clipping import clipped
from drawn_history import GROUP, NAMES, RECORDING, ZONE, write_history
from engine.history.periods import day_of
from engine.log.database import open_database
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.config_file import checked
from names import nameless

WAIT_MS = 30_000
DAYS = 11
NORTH, JUNCTION = Subject(NAMES[0]), Subject(NAMES[0], ZONE)
CAMERA = f'name = "{NAMES[0]}"\naddress = "rtsp://127.0.0.1:9/x"\nenabled = false\ncapacity = 80'
ENTER, DOWN, LEFT, UP = Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A log until the end of yesterday, and when that is."""
    path = tmp_path_factory.mktemp("drawn") / "log.db"
    midnight = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    write_history(path, midnight - 60, days=DAYS, seconds=(18, 20))
    return path


@pytest.fixture
def log(drawn, database):
    database.parent.mkdir(parents=True)
    for path in drawn.parent.glob(f"{drawn.name}*"):  # with the end of its audit log beside it
        shutil.copy(path, f"{database}{path.name.removeprefix(drawn.name)}")
    return database


class Document(QObject):
    """A configuration that stays as it is."""

    changed = pyqtSignal()

    def __init__(self, log):
        super().__init__()
        camera = {"name": NAMES[0], "address": "rtsp://127.0.0.1:9/x", "enabled": False, "capacity": 80}
        self.config = checked(Config, {"database": str(log), "cameras": [camera]}, "a test", folder=log.parent)


@pytest.fixture
def make_page(log, qtbot):
    theme.apply(QApplication.instance())
    made = []

    def make(state=None):
        page = HistoryPage(Document(log), HistoryCallbacks(lambda _: None, lambda *_: None, lambda: None))
        made.append(page)
        qtbot.addWidget(page)
        page.restore(state or {})
        page.resize(1250, 780)
        page.show()
        page.enter()
        read(page, qtbot)
        return page

    yield make
    for page in made:
        page.finish()


@pytest.fixture
def page(make_page):
    """The page without a window around it, with all of it read."""
    return make_page()


@pytest.fixture
def whole(make_assembly, log, qtbot):
    """The page in its window."""
    return opened(make_assembly(log, CAMERA), qtbot)


def opened(assembly, qtbot):
    assembly.window.resize(1400, 900)
    assembly.window.show_page("history")
    page = assembly.history
    qtbot.waitUntil(lambda: page.holding is not None, timeout=WAIT_MS)
    read(page, qtbot)
    return page


def read(page, qtbot):
    """Waits until all that was asked is answered and shown."""

    def is_shown():
        page.pull_numbers()
        return not page.asking.is_busy

    qtbot.waitUntil(is_shown, timeout=WAIT_MS)
    page.pull_numbers()


def yesterday():
    return date.today() - timedelta(days=1)


def click(view, row, qtbot):
    place = view.visualRect(view.model().index(row, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def cells(view, row):
    return [view.model().index(row, column).data() for column in range(view.model().columnCount())]


def test_days_are_looked_back_at_from_the_calendar_to_a_file(whole, tmp_path, qtbot):
    page, body = whole, whole.body
    assert body.span.first == yesterday()
    body.calendar.table.setFocus()
    for key in (UP, LEFT, Qt.Key.Key_Right, ENTER):  # a week before
        QTest.keyClick(body.calendar.table, key)
    read(page, qtbot)
    assert body.span.first == yesterday() - timedelta(days=7)
    assert body.calendar.table.currentItem().data(DATE) == body.span.first
    told = body.calendar.table.currentItem().toolTip()
    assert "North path: " in told
    assert "people on average, at most " in told
    body.look_at(type(body.span).around("day", yesterday()))
    body.bar.compare_with(7)
    read(page, qtbot)
    drawn = body.curve.drawn
    assert set(drawn.others) == set(drawn.days) == {Subject(name) for name in (*NAMES, GROUP)}
    assert drawn.days[NORTH].series.grid == drawn.others[NORTH].series.grid
    assert drawn.days[NORTH].capacity == 80
    evening = body.span.bounds.from_s + 18.6 * 3600
    body.curve.plot.point_at(evening)
    both = body.curve.choice.value(NORTH), body.curve.choice._items[NORTH].text(2)
    assert all("(" in words and 20 < float(words.split()[0]) < 120 for words in both)
    assert f"{NORTH}: " in body.curve.plot.accessibleDescription()
    body.results.setCurrentIndex(0)
    click(body.results.peaks, 0, qtbot)
    people, _, subject = cells(body.results.peaks, 0)
    read(page, qtbot)
    assert float(people) > 50
    assert subject == GROUP
    start, end = body.curve.bounds
    assert start < body.curve.plot.cursor_s < end
    assert end - start < 3 * 3600
    assert abs(body.curve.plot.cursor_s - evening) < 3 * 3600
    page.saving.save_table(tmp_path / "hours.csv")
    qtbot.waitUntil(lambda: "hours.csv" in body.bar.words.words, timeout=WAIT_MS)
    with (tmp_path / "hours.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24 * 4
    assert datetime.fromisoformat(rows[0]["begin (local time with its distance from UTC)"]).date() == yesterday()
    assert {row["count"] for row in rows} == {*NAMES, GROUP}
    assert all(
        float(row["least (people)"]) <= float(row["mean (people)"]) <= float(row["most (people)"]) for row in rows
    )


def test_what_is_seen_is_saved_as_curves_seconds_and_a_picture(page, tmp_path, qtbot):
    body, saving = page.body, page.saving
    body.bar.compare_with(1)
    read(page, qtbot)
    for name, save in (("curves.csv", saving.save_curves), ("seconds.csv", saving.save_seconds)):
        save(tmp_path / name)
    saving.save_picture(tmp_path / "curve.png")
    qtbot.waitUntil(
        lambda: all((tmp_path / n).exists() for n in ("curves.csv", "seconds.csv", "curve.png")), timeout=WAIT_MS
    )
    assert QImage(str(tmp_path / "curve.png")).width() >= body.curve.plot.width()
    head = (tmp_path / "curves.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert f"{NORTH}: mean (people)" in head
    assert head.count(f"{NORTH}, ") == 4
    with (tmp_path / "seconds.csv").open() as file:
        seconds = list(csv.DictReader(file))
    assert {row["camera"] for row in seconds} == {NAMES[0]}  # whose seconds the log still has
    assert len(seconds) == 2 * 3600
    assert {day_of(datetime.fromisoformat(row["time"]).timestamp()) for row in seconds[::600]} == {yesterday()}


def test_an_export_can_be_stopped_and_says_so(page, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr("engine.log.export.PART_S", 60)
    page.saving.save_seconds(tmp_path / "seconds.csv")
    page.saving.seconds.stop()

    def is_told():
        page.pull_numbers()
        return "was stopped" in page.body.bar.words.words

    qtbot.waitUntil(is_told, timeout=WAIT_MS)
    assert list(tmp_path.glob("seconds*")) == []


def test_parquet_is_written_or_the_one_command_is_named(page, tmp_path, qtbot):
    entry = page.saving.entries["parquet"]
    if has_parquet():
        page.saving.save_seconds(tmp_path / "seconds.parquet")
        qtbot.waitUntil((tmp_path / "seconds.parquet").exists, timeout=WAIT_MS)
    else:
        assert "pip install 'deepcount[analysis]'" in entry.text()
        entry.trigger()
        page.pull_numbers()
        assert "pip install 'deepcount[analysis]'" in page.body.bar.words.words


def search(page, words, qtbot):
    page.doings["search"].trigger()
    page.body.search.field.setText(words)
    return [page.body.search.list.item(row).text() for row in range(page.body.search.list.count())]


def test_what_is_found_leads_there(page, qtbot):
    body = page.body
    assert search(page, "north alert ada second gate", qtbot)[0].startswith(f"{NORTH}: ")
    QTest.keyClick(body.search.field, ENTER)
    read(page, qtbot)
    assert body.span.holds(day_of(body.curve.plot.cursor_s))
    assert body.curve.bounds[0] < body.curve.plot.cursor_s < body.curve.bounds[1]
    assert any("crowd" in cells(body.results.alerts, row)[5] for row in range(body.results.alerts.model().rowCount()))
    (zone,) = search(page, f"{ZONE} zone", qtbot)
    assert zone.startswith(str(JUNCTION))
    QTest.keyClick(body.search.field, DOWN)
    QTest.keyClick(body.search.list, ENTER)
    read(page, qtbot)
    assert JUNCTION in body.curve.choice.ticked
    assert body.curve.drawn.days[JUNCTION].series.readings.any()
    assert search(page, "no such thing", qtbot) == []
    assert body.search.number.text() == "Nothing was found"
    QTest.keyClick(body.search.field, Qt.Key.Key_Escape)
    assert body.calendar.isVisible()


def test_a_recording_that_is_found_nowhere_is_missed_in_words(whole, qtbot):
    page = whole
    (hit,) = search(page, "evening recording", qtbot)
    assert hit.startswith(RECORDING)
    QTest.keyClick(page.body.search.field, ENTER)
    assert "it is not known where it is now" in page.window().findChild(Banner).text


def test_a_recording_that_was_opened_before_is_opened_again(make_assembly, log, clip, qtbot):
    assembly = make_assembly(log)
    page, path = opened(assembly, qtbot), clip.with_name(RECORDING)
    clip.rename(path)
    with qtbot.waitSignal(assembly.bridge.opened, timeout=WAIT_MS):
        assembly.open(path)
    assembly.window.show_page("history")
    search(page, "evening recording", qtbot)
    with qtbot.waitSignal(assembly.bridge.opened, timeout=WAIT_MS):
        QTest.keyClick(page.body.search.field, ENTER)
    assert assembly.window.page is assembly.recording


def test_gaps_and_days_without_data_are_told(page, qtbot):
    calendar = page.body.calendar
    told = {}
    for ago in (1, 6, 10):
        day = date.today() - timedelta(days=ago)
        calendar.go_to(day)
        read(page, qtbot)
        told[ago] = calendar.table.currentItem().toolTip()
    assert "nothing was counted" in told[10]
    assert "% of the day is known" in told[6]
    assert "known" not in told[1]
    calendar.go_to(date.today() + timedelta(days=1))
    read(page, qtbot)
    assert calendar.table.currentItem().toolTip().endswith("not yet")


def test_the_table_is_sorted_by_what_is_clicked_and_leads_to_the_hour(page, qtbot):
    results = page.body.results
    results.setCurrentIndex(1)
    results.sums.sortByColumn(4, Qt.SortOrder.DescendingOrder)
    most = [float(cells(results.sums, row)[4]) for row in range(96)]
    assert most == sorted(most, reverse=True)
    begin = cells(results.sums, 0)[0]
    click(results.sums, 0, qtbot)
    assert begin.endswith(datetime.fromtimestamp(page.body.curve.plot.cursor_s).strftime("%H:%M"))
    results.sums.verticalScrollBar().setValue(40)
    page.refresh()
    read(page, qtbot)
    assert cells(results.sums, 0)[0] == begin  # what is read again stays as it was sorted, chosen and seen
    assert [index.row() for index in results.sums.selectionModel().selectedRows()] == [0]
    assert results.sums.verticalScrollBar().value() == 40
    results.step.setCurrentIndex(1)
    read(page, qtbot)
    assert results.sums.model().rowCount() == 4


def test_weeks_months_and_own_spans_are_chosen_and_found_again(page, make_page, qtbot):
    body = page.body
    body.bar.kind.setCurrentIndex(1)
    body.bar.kind.activated.emit(1)
    read(page, qtbot)
    assert body.span.number == 7
    assert len(body.results.rows) == 7 * 4
    assert body.bar.other.findData(1) < 0  # a day before lies in the week
    body.curve.choice.tick([NORTH, TOTAL])
    read(page, qtbot)
    assert set(body.curve.drawn.days) == {NORTH, TOTAL}
    before = body.span
    page.doings["earlier"].trigger()
    page.doings["later"].trigger()
    assert body.span == before
    body.bar.kind.setCurrentIndex(3)
    body.bar.kind.activated.emit(3)
    body.bar.first.setDate(body.bar.last.date().addDays(-20))
    read(page, qtbot)
    assert (body.span.kind, body.span.number) == ("own", 21)
    assert not body.results.step.isEnabled()
    state = page.state()
    other = make_page({"kind": "week", "chosen": [*state["chosen"], "nonsense", [1]]})
    assert other.body.span.kind == "week"
    assert other.body.curve.choice.ticked == [TOTAL, NORTH]


def test_a_day_is_compared_with_any_other(page, qtbot):
    bar, body = page.body.bar, page.body
    bar.compare_with(ANY_DATE)
    other = yesterday() - timedelta(days=3)
    bar.other_day.setDate(QDate(other.year, other.month, other.day))
    read(page, qtbot)
    assert bar.by_days == -3
    assert body.curve.drawn.others[NORTH].series.readings.any()
    assert body.curve.choice.headerItem().text(2) == f"{other.day} {other:%b}"
    page.doings["earlier"].trigger()
    read(page, qtbot)
    assert bar.by_days == -2
    bar.compare_with(None)
    read(page, qtbot)
    assert body.curve.drawn.others == {}


def test_zooming_reads_finer_counts_and_stays_within_the_days(page, qtbot):
    curve = page.body.curve
    coarse, whole = curve.grid.step_s, curve.whole
    curve.plot.point_at(whole[0] + 18 * 3600)
    curve.plot.setFocus()
    for _ in range(12):
        QTest.keyClick(curve.plot, Qt.Key.Key_Plus)
    read(page, qtbot)
    assert curve.drawn.days[NORTH].series.grid.step_s < coarse
    for _ in range(60):
        QTest.keyClick(curve.plot, Qt.Key.Key_PageUp)
    assert curve.bounds[0] == whole[0]
    QTest.keyClick(curve.plot, Qt.Key.Key_Home)
    assert curve.bounds == whole


def test_a_locked_wall_leaves_the_history_to_be_read(make_assembly, log, qtbot):
    assembly = make_assembly(log, CAMERA)
    assembly.wall.restore({"locked": True})
    page = opened(assembly, qtbot)
    assert assembly.window.page is page
    assert page.body.isVisible()
    assert not page.invitation.button.isVisibleTo(page.invitation)


def test_nothing_in_a_full_history_is_cut_and_all_has_a_name(whole, qtbot):
    page = whole
    page.body.bar.compare_with(7)
    read(page, qtbot)
    faults = {}
    for size in [(640, 400), (900, 600), (1400, 900)]:
        page.window().resize(*size)
        page.body.search.field.clear()
        faults |= {(size, *place): found for place, found in faults_of(page).items()}
    assert faults == {key: [] for key in faults}


def faults_of(page):
    """What is cut or has no name, by the part that is seen and what is open in it."""
    window, body, faults = page.window(), page.body, {}
    for part in range(4):
        body.parts.show_part(part)
        for tab in range(3) if part in (CURVE, RESULTS) else (0,):
            body.results.setCurrentIndex(tab)
            QApplication.processEvents()
            faults[part, tab] = clipped(window) + nameless(window)
    page.doings["search"].trigger()
    body.search.field.setText("alert")
    QApplication.processEvents()
    faults["search", 0] = clipped(window) + nameless(window)
    return faults


def said(page):
    return page.invitation.heading, page.invitation._sentence.text()


def shown(make_assembly, target, qtbot):
    assembly = make_assembly(target)
    assembly.window.show_page("history")
    page = assembly.history
    qtbot.waitUntil(lambda: bool(page.invitation.heading), timeout=WAIT_MS)
    return page


def test_without_a_log_it_says_what_belongs_here_and_leads_to_the_set_up(make_assembly, qtbot):
    page = shown(make_assembly, None, qtbot)
    assert said(page)[0] == "No log is kept"
    assert nameless(page.window()) == []
    qtbot.mouseClick(page.invitation.button, Qt.MouseButton.LeftButton)
    assert page.window().page.name == "setup"


def test_a_log_that_is_not_there_yet_or_was_just_made_holds_nothing(make_assembly, database, qtbot):
    page = shown(make_assembly, database, qtbot)
    assert said(page)[0] == "Nothing was counted yet"


@pytest.mark.parametrize("fault", ["damaged", "newer"])
def test_a_log_that_cannot_be_read_is_told_in_a_sentence(make_assembly, database, qtbot, fault):
    database.parent.mkdir(parents=True)
    if fault == "damaged":
        database.write_text("This is no database, and long enough to be one. " * 99)
    else:
        open_database(database).dispose()
        with sqlite3.connect(database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
            connection.execute("DROP TABLE rollup")
        connection.close()
    page = shown(make_assembly, database, qtbot)
    heading, sentence = said(page)
    assert heading == "The log cannot be read"
    assert ("another version of DeepCount" if fault == "newer" else "no SQLite database") in sentence


def test_a_log_that_is_held_is_told_above_what_is_known_and_read_again(page, log, qtbot, monkeypatch):
    """Nobody may hold a log that is being read, as a whole window does."""
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(log, isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        page.refresh()
        read(page, qtbot)
        assert page.problem.isVisible()
        assert "is locked" in page.problem.text()
    page.refresh()
    read(page, qtbot)
    assert not page.problem.isVisible()
