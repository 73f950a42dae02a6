"""What the history decides without a window: spans, words, what is found, days of 23 and 25 hours."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

import time
from dataclasses import replace
from datetime import date, datetime
from itertools import pairwise

import numpy as np
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFontMetrics
from sqlalchemy import insert

from app.panels.curve_look import Look
from app.panels.history_cell import alert_mark
from app.panels.history_curve import within
from app.panels.history_span import Span
from app.panels.history_tables import SUMS, SortedRows, sum_rows
from app.panels.history_words import column_words, day_lines, period_words, span_words
from app.panels.rows import Cell
from app.running.finding import Kind, entries_of, found
from app.running.lookback import AskCurves, AskHolding, AskMonth, AskReport, Day, answered
from engine.alerts.record import moment
from engine.history.contents import Contents, Counted, Owner
from engine.history.periods import Period, Sum
from engine.history.series import Grid
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.log.rollups import roll_up_some
from engine.rules.series import Subject

THURSDAY = date(2026, 11, 26)
GATE = Subject("gate")


def test_the_alerts_of_a_day_leave_its_number_room(qapp):
    metrics = QFontMetrics(qapp.font())
    wide = metrics.horizontalAdvance("▲46")
    assert [alert_mark(46, metrics, room) for room in (wide, wide - 1)] == ["▲46", "▲"]


@pytest.mark.parametrize(
    ("kind", "week_begins", "first", "last", "words"),
    [
        ("day", 0, (2026, 11, 26), (2026, 11, 26), "Thursday 26 November 2026"),
        ("week", 0, (2026, 11, 23), (2026, 11, 29), "Mon 23 Nov 2026 – Sun 29 Nov 2026"),
        ("week", 6, (2026, 11, 22), (2026, 11, 28), "Sun 22 Nov 2026 – Sat 28 Nov 2026"),
        ("month", 0, (2026, 11, 1), (2026, 11, 30), "November 2026"),
    ],
)
def test_a_span_is_a_day_a_week_or_a_month_of_the_calendar(kind, week_begins, first, last, words):
    span = Span.around(kind, THURSDAY, week_begins=week_begins)
    assert (span.first, span.last) == (date(*first), date(*last))
    assert span_words(span) == words
    assert span.moved(1).moved(-1) == span
    assert (span.moved(1).first - span.last).days == (span.first - span.moved(-1).last).days == 1


def test_spans_are_bounded_and_compared_with_days_outside_of_them():
    assert Span.of(THURSDAY, date(2020, 1, 1)).number <= 3 * 366
    assert Span.of(THURSDAY, date(2026, 11, 24)).first == date(2026, 11, 24)
    assert Span.around("day", THURSDAY).before == [1, 7, 28, 364]
    assert Span.around("week", THURSDAY).before == [7, 28, 364]
    assert Span.around("month", THURSDAY).before == [364]
    assert column_words(Span.around("day", THURSDAY), -7) == "19 Nov"
    assert column_words(Span.around("week", THURSDAY)) == "23–29 Nov"
    assert column_words(Span.around("week", THURSDAY), -28) == "26 Oct–1 Nov"


@pytest.mark.parametrize(
    ("bounds", "shown"),
    [
        ((100, 200), (100, 200)),
        ((-50, 50), (0, 100)),
        ((950, 1100), (850, 1000)),
        ((-9, 2000), (0, 1000)),
        ((5, 6), (5, 65)),
    ],
    ids=["within", "before", "after", "longer", "too short"],
)
def test_a_curve_is_moved_and_zoomed_within_its_days(bounds, shown):
    assert within(bounds, (0, 1000)) == shown


def test_days_that_are_compared_have_the_colour_of_these_and_another_pattern():
    places = [Look(place) for place in (0, 8)]
    looks = [*places, *(replace(look, is_other=True) for look in places)]
    assert len({look.colour for look in looks}) == 1
    assert len({look.dash for look in looks}) == 4
    assert Look(is_other=True).dash != Look().dash


def day(most, known_s, alerts=0):
    period = Period(0, 86_400)
    return Day(date(1970, 1, 1), period, {GATE: Sum(period, most and most / 2, 0.0, most, known_s)}, alerts)


@pytest.mark.parametrize(
    ("made", "now_s", "said"),
    [
        (day(40.0, 86_400.0, 1), 1e6, ["gate: 20 people on average, at most 40", "1 alert"]),
        (day(40.0, 43_200.0), 1e6, ["gate: 20 people on average, at most 40", "50 % of the day is known"]),
        (day(40.0, 43_200.0), 43_200.0, ["gate: 20 people on average, at most 40"]),
        (day(None, 0.0), 1e6, ["nothing was counted"]),
        (day(None, 0.0), -1.0, ["not yet"]),
    ],
    ids=["full", "half", "going on", "empty", "to come"],
)
def test_a_day_is_told_in_words(made, now_s, said):
    assert day_lines(made, now_s)[1:] == said


CONTENTS = Contents(
    (
        Owner("gate", False, ("left",), 0.0, 100.0),
        Owner("All of it", True, (), 0.0, 100.0),
        Owner("film.mp4", False, (), 50.0, 90.0),
        Owner("named.mp4", False, (), 0.0, 90.0),
        Owner("still.avi", False, (), None, None),
    ),
    (
        Counted("film.mp4", 70.0, 90.0, "light"),
        Counted("film.mp4", 50.0, 60.0, "light"),
        Counted("gate", 0.0, 100.0, "m"),
    ),
)


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ("GATE", [(Kind.CAMERA, "gate"), (Kind.ZONE, "gate/left")]),
        ("left gate", [(Kind.ZONE, "gate/left")]),
        ("mp4", [(Kind.CAMERA, "named.mp4"), (Kind.RECORDING, "film.mp4"), (Kind.RECORDING, "film.mp4")]),
        ("group it", [(Kind.GROUP, "All of it")]),
        ("recording 1970", [(Kind.RECORDING, "film.mp4")] * 2),
        ("elsewhere", []),
        ("  ", []),
    ],
)
def test_a_log_is_searched_for_all_of_the_words(words, hits):
    entries = entries_of(CONTENTS, (), ["gate", "named.mp4"])
    assert [(entry.kind, entry.title) for entry in found(entries, words)] == hits
    assert len(found(entries, "e", most=2)) == 2


def test_rows_are_sorted_by_what_lies_behind_their_words_with_the_unknown_at_the_end():
    rows = SortedRows(SUMS[:1])
    rows.put_led([((Cell(str(value), value),), value) for value in (3.0, None, 11.0, 2.0)])
    for order, expected in (
        (Qt.SortOrder.AscendingOrder, [2.0, 3.0, 11.0, None]),
        (Qt.SortOrder.DescendingOrder, [11.0, 3.0, 2.0, None]),
    ):
        rows.sort(0, order)
        assert [rows.target(place) for place in range(4)] == expected
        assert rows.index(0, 0).data() == str(expected[0])


@pytest.fixture
def berlin(monkeypatch):
    """The clock of a place where it is changed twice a year."""
    if not hasattr(time, "tzset"):
        pytest.skip("Windows takes no time zone from its environment")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def changed_clocks(berlin, tmp_path):
    """A log of the three days around the change of October, a sample every ten minutes: the hour of UTC."""
    path = tmp_path / "log.db"
    engine = open_database(path)
    began_s = datetime(2026, 10, 24).timestamp()
    seconds = np.arange(0, 73 * 3600, 600)
    hours = (began_s + seconds) // 3600 % 24
    with engine.begin() as connection:
        connection.execute(insert(StoredCamera), {"id": 1, "name": "gate"})
        run = {"id": 1, "camera_id": 1, "started_at": moment(began_s), "model_name": "m", "model_sha256": "0"}
        connection.execute(insert(Run), run | {"is_summed": False})
        values = [dict.fromkeys(("mean", "least", "most"), float(hour)) for hour in hours]
        rows = [
            {"run_id": 1, "second": int(at), "readings": 1} | each for at, each in zip(seconds, values, strict=True)
        ]
        connection.execute(insert(StoredSample), rows)
    while roll_up_some(engine):
        pass
    engine.dispose()
    return str(path)


def test_an_hour_that_comes_twice_is_two_hours_of_its_day(changed_clocks):
    sunday = date(2026, 10, 25)
    report = answered(changed_clocks, AskReport(sunday, 1, (GATE,), by_hours=True))
    begins = [period_words(row.sum.period) for row in report.rows]
    assert len(begins) == 25
    assert begins[1:5] == [
        f"Sun 25 Oct 2026 {clock}" for clock in ("01:00", "02:00 UTC+02:00", "02:00 UTC+01:00", "03:00")
    ]
    assert [row.sum.mean for row in report.rows] == [22.0, 23.0, *map(float, range(23))]
    assert all(row.sum.known_s == 360 for row in report.rows)  # six minutes of each hour
    month = answered(changed_clocks, AskMonth(date(2026, 10, 1), 31, (GATE,)))
    lengths = {each.day.day: (each.period.to_s - each.period.from_s) // 3600 for each in month.days}
    assert (lengths[24], lengths[25], lengths[26]) == (24, 25, 24)
    assert [each.day.day for each in month.days if each.most is not None] == [24, 25, 26]
    assert all(one.period.to_s == other.period.from_s for one, other in pairwise(month.days))


def test_days_of_different_length_are_compared_by_the_time_of_day(changed_clocks):
    monday = Span.around("day", date(2026, 10, 26)).bounds
    grid = Grid(monday.from_s, 600, 144)
    curves = answered(changed_clocks, AskCurves((GATE,), grid, by_days=-2))
    days, others = curves.series[GATE], curves.others[GATE]
    noon = grid.bucket(datetime(2026, 10, 26, 12).timestamp())
    assert (days.mean[noon], others.mean[noon]) == (11.0, 10.0)  # noon is at 11 in winter, at 10 in summer
    assert (others.readings > 0).all()


def test_hours_are_drawn_where_the_log_has_nothing_finer(changed_clocks):
    engine = open_database(changed_clocks)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sample")
        connection.exec_driver_sql("DELETE FROM rollup WHERE span_s = 60")
    engine.dispose()
    sunday = Span.around("day", date(2026, 10, 25)).bounds
    curves = answered(changed_clocks, AskCurves((GATE,), Grid.over(*sunday, points=1000)))
    assert curves.grid.step_s == 3600
    assert (curves.series[GATE].readings > 0).sum() >= 25
    holding = answered(changed_clocks, AskHolding(()))
    assert [owner.name for owner in holding.contents.owners] == ["gate"]


def test_a_table_of_hours_leaves_out_what_is_to_come(changed_clocks):
    report = answered(changed_clocks, AskReport(date(2026, 10, 25), 1, (GATE,), by_hours=True))
    noon = datetime(2026, 10, 25, 12, 30).timestamp()
    rows = sum_rows(report.rows, noon)
    assert len(rows) == 14
    assert rows[-1][0][5].words == "24 min 00 s"
