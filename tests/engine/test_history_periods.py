"""Days and hours by the local clock, peaks, other days laid over this one, and what a log holds."""

import sys
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import delete, insert

from engine.alerts.listing import alerts_of
from engine.alerts.record import AlertRecord, moment, rule_text
from engine.alerts.table import Entries, save
from engine.history.peaks import Peak, highest
from engine.history.periods import (
    Period,
    day_of,
    days,
    grid_of_other_days,
    grid_under,
    hours,
    laid_over,
    midnight,
    shifted,
    summed,
)
from engine.history.query import History
from engine.history.series import Grid, Series
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.log.rollups import roll_up_some
from engine.log.tables import RollUp, StoredZone
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed
from engine.rules.series import Subject

BERLIN, KOLKATA, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Africa/Cairo")
TWICE, NEVER = date(2026, 10, 25), date(2026, 3, 29)
GATE, YARD = Subject("gate"), Subject("yard")


def series(grid, people, readings=1):
    mean = np.full(grid.number, np.nan, np.float32) if people is None else np.array(people, np.float32)
    return Series(grid, mean, mean - 1, mean + 1, np.where(np.isnan(mean), 0, readings))


def listed(values):
    return [None if np.isnan(value) else round(float(value), 3) for value in values]


def clock(moment_s, zone):
    return f"{datetime.fromtimestamp(moment_s, zone):%d %H:%M %z}"


@pytest.mark.parametrize(
    ("zone", "day", "length_h", "number", "step_s"),
    [
        (BERLIN, TWICE, 25, 25, 3600),
        (BERLIN, NEVER, 23, 23, 3600),
        (BERLIN, date(2026, 7, 1), 24, 24, 3600),
        (KOLKATA, date(2026, 7, 1), 24, 24, 1800),
        (CAIRO, date(2026, 4, 24), 23, 23, 3600),
        (UTC, TWICE, 24, 24, 3600),
    ],
    ids=["an hour twice", "an hour never", "summer", "half an hour off", "no midnight", "UTC"],
)
def test_a_day_is_as_long_as_the_clock_makes_it(zone, day, length_h, number, step_s):
    (whole,) = days(day, 1, zone)
    assert (whole.to_s - whole.from_s) == 3600 * length_h
    assert day_of(whole.from_s, zone) == day
    assert day_of(whole.from_s - 1, zone) < day
    parts = hours([whole])
    assert (len(parts), parts[0].from_s, parts[-1].to_s) == (number, whole.from_s, whole.to_s)
    grid = grid_under([whole])
    assert (grid.first_s, grid.end_s, grid.step_s) == (whole.from_s, whole.to_s, step_s)


def test_a_period_holds_the_mean_of_all_readings_and_its_extremes():
    first = midnight(TWICE, BERLIN)
    grid = Grid(first, 3600, 4)
    counted = series(grid, [10, np.nan, 30, np.nan], readings=1)
    counted.readings[2] = 3
    known = np.array([3600.0, 0, 1800, 0])
    two = [Period(first, first + 3 * 3600), Period(first + 3 * 3600, first + 4 * 3600)]
    whole, nothing = summed(counted, known, two)
    assert (whole.mean, whole.least, whole.most, whole.known_s) == (25.0, 9.0, 31.0, 5400.0)
    assert (nothing.mean, nothing.least, nothing.most, nothing.known_s) == (None, None, None, 0.0)


@pytest.mark.parametrize(
    ("day", "by_days", "there"),
    [
        (date(2026, 10, 26), -1, "25 12:00 +0100"),
        (date(2026, 10, 26), -7, "19 12:00 +0200"),
        (date(2026, 3, 29), -1, "28 12:00 +0100"),
    ],
    ids=["yesterday", "last week, in summer", "over the change"],
)
def test_the_same_time_of_another_day_is_that_of_its_clock(day, by_days, there):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN).timestamp()
    assert clock(shifted(noon, by_days, BERLIN), BERLIN) == there


def by_hour(day, other_day, zone=BERLIN):
    """Lays a day over another; the other counts the number of each of its hours by its clock, 100 more the 2nd time."""
    (whole,), by_days = days(day, 1, zone), (other_day - day).days
    grid = grid_under([whole])
    other = grid_of_other_days(grid, by_days, zone)
    people = []
    for start in other.starts_s:
        then = datetime.fromtimestamp(start, zone)
        people.append(then.hour + 100 * then.fold if then.date() == other_day else 999)
    return listed(laid_over(series(other, people), grid, by_days, zone).most)


def test_a_day_is_laid_over_another_by_the_time_of_day():
    usual = [float(hour + 1) for hour in range(24)]
    assert by_hour(date(2026, 7, 8), date(2026, 7, 1)) == usual
    assert by_hour(date(2026, 10, 28), date(2026, 10, 21)) == usual  # summer over winter
    assert by_hour(date(2026, 7, 8), date(2026, 7, 1), KOLKATA) == [people for people in usual for half in range(2)]
    assert by_hour(TWICE, date(2026, 10, 18)) == [*usual[:3], *usual[2:]]
    assert by_hour(NEVER, date(2026, 3, 22)) == [*usual[:2], *usual[3:]]
    assert by_hour(date(2026, 10, 26), TWICE) == [*usual[:2], 103.0, *usual[3:]]
    assert by_hour(date(2026, 3, 30), NEVER) == [*usual[:2], None, *usual[3:]]


def test_what_is_laid_over_keeps_its_gaps_and_weighs_an_hour_that_came_twice():
    grid = grid_under(days(date(2026, 10, 26), 1, BERLIN))
    other = grid_of_other_days(grid, -1, BERLIN)
    people = np.full(other.number, np.nan)
    second_hours = [place for place, start in enumerate(other.starts_s) if clock(start, BERLIN).startswith("25 02:00")]
    people[second_hours] = 10, 40
    counted = series(other, people)
    counted.readings[second_hours[1]] = 2
    moved = laid_over(counted, grid, -1, BERLIN)
    assert listed(moved.mean) == [None, None, 30.0, *[None] * 21]
    assert (moved.least[2], moved.most[2], moved.readings[2]) == (9.0, 41.0, 3)


@pytest.mark.parametrize(
    ("people", "found"),
    [
        ([1, 2, 9, 2, 1, 1, 7, 1, 1], [(2, 9), (6, 7)]),
        ([1, 2, 9, 2, 8, 1, 1, 1, 6], [(2, 9), (8, 6)]),
        ([1, 2, 9, 8, 1, 1, 1, 1, 1], [(2, 9)]),
        ([None, 3, None, None, 0, None, None, None, 4], [(8, 4), (1, 3)]),
        ([0] * 9, []),
        ([None] * 9, []),
    ],
    ids=["two", "too near", "a slope is none", "beside gaps", "nobody", "nothing known"],
)
def test_the_highest_peaks_are_apart(people, found):
    most = np.array([np.nan if each is None else each for each in people], np.float32)
    counted = Series(Grid(600, 60, 9), most, most, most, np.where(np.isnan(most), 0, 1))
    given = highest({GATE: counted}, apart_s=180)
    assert [((peak.at_s - 600) / 60, peak.people) for peak in given] == found


def test_peaks_of_several_are_told_with_their_camera_the_highest_first_and_no_more_than_wanted():
    grid = Grid(0, 60, 5)
    counted = {GATE: series(grid, [1, 8, 1, 1, 5]), YARD: series(grid, [7, 1, 1, 1, 9])}
    given = highest(counted, apart_s=60, number=3)
    assert [(peak.subject, peak.at_s, peak.people) for peak in given] == [(YARD, 240, 10), (GATE, 60, 9), (YARD, 0, 8)]


NOON = 1_700_049_600


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    if request.param == "postgresql" and sys.platform == "win32":
        pytest.skip("Windows cannot freeze a process")
    target = tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    engine = open_database(target)
    with engine.begin() as connection:
        connection.execute(
            insert(StoredCamera),
            [
                {"id": 1, "name": "gate", "kind": "camera"},
                {"id": 2, "name": "both", "kind": "group"},
                {"id": 3, "name": "never", "kind": "camera"},
            ],
        )
        connection.execute(insert(StoredZone), [{"camera_id": 1, "name": "left"}])
    yield target, engine
    engine.dispose()


def add_run(engine, number, camera, began_s, seconds, people=5.0):
    """Adds a run with a sample in each of these seconds."""
    begun = datetime.fromtimestamp(began_s, UTC).replace(tzinfo=None)
    run = {"id": number, "camera_id": camera, "started_at": begun, "model_name": "light", "model_sha256": "0"}
    rows = [
        {"run_id": number, "second": s, "mean": people, "least": people - 1, "most": people + s % 7, "readings": 1}
        for s in seconds
    ]
    with engine.begin() as connection:
        connection.execute(insert(Run), [run | {"is_summed": False}])
        if rows:
            connection.execute(insert(StoredSample), rows)


def roll_up_all(engine):
    while roll_up_some(engine):
        pass


def test_a_log_says_what_it_holds_and_since_when(log):
    target, engine = log
    add_run(engine, 1, 1, NOON, range(100))
    add_run(engine, 2, 1, NOON + 500, ())
    add_run(engine, 3, 2, NOON + 50, range(10))
    roll_up_all(engine)
    history = History(target)
    held = history.contents()
    assert [(own.name, own.is_group, own.zones, own.first_s, own.last_s) for own in held.owners] == [
        ("both", True, (), NOON + 50, NOON + 60),
        ("gate", False, ("left",), NOON, NOON + 100),
        ("never", False, (), None, None),
    ]
    assert [(run.owner, run.began_s, run.end_s) for run in held.runs] == [
        ("gate", NOON + 500, None),
        ("both", NOON + 50, NOON + 60),
        ("gate", NOON, NOON + 100),
    ]
    assert held.last_s == NOON + 100
    with engine.begin() as connection:
        connection.execute(delete(StoredSample))
    assert history.contents().last_s == NOON + 120  # of its minutes
    history.close()


def test_a_minute_is_known_where_anything_was_counted_in_it(log):
    target, engine = log
    add_run(engine, 1, 1, NOON, [*range(0, 300, 10), *range(600, 660)])  # each ten seconds
    add_run(engine, 3, 1, NOON + 7205, [0])
    history, grid = History(target), Grid(NOON - 3600, 3600, 4)
    before = history.known_s(GATE, grid).tolist()
    add_run(engine, 2, 1, NOON + 240.5, [0, 1])  # in a minute that is known
    roll_up_all(engine)
    assert before == history.known_s(GATE, grid).tolist() == [0, 360, 0, 60]
    assert history.known_s(GATE, Grid(NOON, 60, 11)).tolist() == [60] * 5 + [0] * 5 + [60]
    assert history.known_s(Subject("gate", "right"), grid).tolist() == [0] * 4
    with engine.begin() as connection:
        connection.execute(delete(RollUp).where(RollUp.span_s == 60))
    assert history.known_s(GATE, grid).tolist() == [0, 92, 0, 1]
    history.close()


def test_a_peak_is_found_to_its_second_as_far_as_the_log_has_seconds(log):
    target, engine = log
    add_run(engine, 1, 1, NOON, range(600))
    with engine.begin() as connection:
        connection.execute(StoredSample.__table__.update().where(StoredSample.second == 432).values(most=90.0))
    roll_up_all(engine)
    history = History(target)
    rough = Peak(GATE, float(NOON), 3600, 90.0)
    assert history.exact(rough) == Peak(GATE, NOON + 432.0, 1, 90.0)
    with engine.begin() as connection:
        connection.execute(delete(StoredSample))
    assert history.exact(rough) == Peak(GATE, NOON + 420.0, 60, 90.0)
    with engine.begin() as connection:
        connection.execute(delete(RollUp).where(RollUp.span_s == 60))
    assert history.exact(rough) == rough
    history.close()


def test_the_alerts_of_a_span_are_those_that_held_in_it(log):
    _, engine = log
    placed = Placed(Rule("crowd", 25.0), GATE)

    def record(number, raised, cleared):
        texts = ("gate", None, "crowd", rule_text(placed), "warning")
        times = (moment(raised), moment(raised), 31.0, moment(raised))
        over = None if cleared is None else moment(cleared)
        return AlertRecord(f"{number:032x}", *texts, *times, "light", "ab" * 32, cleared_at=over)

    spans = [(0, 50), (50, 150), (150, 160), (150, None), (250, 260), (20, None)]
    save(
        engine,
        Entries([record(number, NOON + a, None if b is None else NOON + b) for number, (a, b) in enumerate(spans)]),
    )
    found = alerts_of(engine, between=(NOON + 100, NOON + 200))
    assert [int(alert.uid, 16) for alert in found] == [3, 2, 1, 5]
    assert [int(alert.uid, 16) for alert in alerts_of(engine, between=(NOON + 100, NOON + 200), most=1)] == [3]
