"""The log read for the eye: even buckets of any length, no peak lost, no gap filled, nothing held up."""

import sys
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import delete, func, insert, select

from engine.errors import DatabaseError
from engine.history.query import History
from engine.history.series import Grid, Series, folded, held, total
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.log.rollups import roll_up_some
from engine.log.store import Store
from engine.log.tables import RollUp
from engine.picture.zones import ZoneCount
from engine.rules.series import Subject
from logged import held as locked
from logged import reading

NOON = 1_700_049_600  # a whole day since 1970, and a half
GATE, LEFT = Subject("gate"), Subject("gate", "left")
MAP = np.zeros((2, 2), np.float32)


def series(*people, readings=1, step_s=1, first_s=NOON):
    """A series of these counts, None for unknown."""
    mean = np.array([np.nan if each is None else each for each in people], np.float32)
    number = np.where(np.isnan(mean), 0, readings)
    return Series(Grid(first_s, step_s, len(people)), mean, mean - 1, mean + 1, number)


def listed(values):
    return [None if np.isnan(value) else round(float(value), 3) for value in values]


@pytest.mark.parametrize(
    ("span_s", "points", "step_s"),
    [(300, 2000, 1), (300, 302, 1), (300, 100, 5), (3600, 500, 10), (86_400, 2000, 60), (365 * 86_400, 2000, 21_600)],
)
def test_buckets_are_as_fine_as_there_is_room_and_stay_where_they_are(span_s, points, step_s):
    for moved in (0.0, 0.4, 1.0, 17.9):
        grid = Grid.over(NOON + moved - span_s, NOON + moved, points=points)
        assert grid.step_s == step_s
        assert grid.first_s % step_s == 0
        assert grid.first_s <= NOON + moved - span_s
        assert NOON + moved <= grid.end_s
        assert grid.number <= points


def test_longer_buckets_hold_the_mean_of_all_readings_and_no_peak_is_lost():
    seconds = series(4.0, None, 8.0, None, None, None)
    seconds.readings[2] = 3
    sums = folded(seconds, Grid(NOON, 3, 2))
    assert listed(sums.mean) == [7.0, None]
    assert (listed(sums.least), listed(sums.most), sums.readings.tolist()) == ([3.0, None], [9.0, None], [4, 0])


@pytest.mark.parametrize(
    ("people", "hole_s", "now_s", "shown"),
    [
        ((5, None, None, 7), 3, 9, (5, 5, 5, 7)),
        ((5, None, None, 7), 2, 9, (5, None, None, 7)),
        ((None, 5, None, None), 3, 2.5, (None, 5, 5, None)),
        ((None, 5, None, None), 3, 60, (None, 5, None, None)),
        ((None, None, None, None), 3, 9, (None, None, None, None)),
    ],
    ids=["short hole", "long hole", "until now", "long ago", "nothing"],
)
def test_a_count_stands_through_a_hole_that_is_short(people, hole_s, now_s, shown):
    assert listed(held(series(*people), hole_s, NOON + now_s).mean) == [None if p is None else p for p in shown]


def test_a_total_is_unknown_as_soon_as_one_of_its_parts_is():
    whole = total([series(1, 2, None, 4), series(10, None, 30, 40), series(100, 200, 300, 400)])
    assert listed(whole.mean) == [111, None, None, 444]
    assert np.isnan(whole.most).all()


class Log:
    """A log with rows of the test's own."""

    def __init__(self, target):
        self.target, self.engine, self.runs = target, open_database(target), 0
        with self.engine.begin() as connection:
            connection.execute(insert(StoredCamera), [{"id": 1, "name": "gate"}, {"id": 2, "name": "yard"}])

    def add(self, start_s, means, camera=1, spread=1.0):
        """Adds a run whose seconds have these means, None for no sample."""
        self.runs += 1
        begun = datetime.fromtimestamp(start_s, UTC).replace(tzinfo=None)
        rows = [
            {"run_id": self.runs, "second": s, "mean": m, "least": m - spread, "most": m + spread, "readings": 2}
            for s, m in enumerate(means)
            if m is not None
        ]
        with self.engine.begin() as connection:
            run = {"id": self.runs, "camera_id": camera, "started_at": begun, "model_name": "m", "model_sha256": "0"}
            run["is_summed"] = False  # as of a version that made no roll-ups
            connection.execute(insert(Run), [run])
            if rows:
                connection.execute(insert(StoredSample), rows)


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    if request.param == "postgresql" and sys.platform == "win32":
        pytest.skip("Windows cannot freeze a process")
    target = tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()
    log = Log(target)
    yield log
    log.engine.dispose()


@pytest.fixture
def history(log):
    history = History(log.target)
    yield history
    history.close()


def test_a_span_is_put_together_from_the_runs_of_its_camera_alone(log, history):
    log.add(NOON - 4, [1, 2, 3, 4, 5, 6])
    log.add(NOON + 3.7, [7, None, 9])
    log.add(NOON, [50] * 9, camera=2)
    log.add(NOON + 100, [60])
    log.add(NOON - 100, [])
    assert listed(history.series(GATE, Grid(NOON, 1, 7)).mean) == [5, 6, None, 7, None, 9, None]
    assert listed(history.series(GATE, Grid(NOON - 4, 5, 2)).mean) == [3, 7.333]
    assert listed(history.series(Subject("nobody"), Grid(NOON, 1, 2)).mean) == [None, None]
    assert listed(history.series(Subject("gate", "left"), Grid(NOON, 1, 2)).mean) == [None, None]


def test_a_long_span_keeps_every_peak_and_every_gap(log, history):
    means = [20.0] * 7200
    means[4321], means[1000] = 90.0, 2.0
    means[1800:2400] = [None] * 600
    log.add(NOON - 7200, means)
    long = history.series(GATE, Grid.over(NOON - 7200, NOON, points=26))
    assert long.grid == Grid(NOON - 7200, 300, 24)
    assert listed(long.mean)[6:8] == [None, None]
    assert (np.nanmax(long.most), long.most.tolist().index(91.0)) == (91.0, 4321 // 300)
    assert (np.nanmin(long.least), long.least.tolist().index(1.0)) == (1.0, 3)
    assert long.readings.sum() == 2 * 6600


def test_runs_of_an_older_version_are_rolled_up_in_small_steps_and_read_the_same_all_the_while(
    log, history, monkeypatch
):
    monkeypatch.setattr("engine.log.rollups.SECONDS_AT_ONCE", 1000)
    means = [float(second % 50) for second in range(4000)]
    means[900:2400] = [None] * 1500
    log.add(NOON - 5000.5, means)
    log.add(NOON, [3.0] * 100)
    log.add(NOON + 500, [])
    grid = Grid(NOON - 5400, 300, 22)
    before, done = history.series(GATE, grid), [1]
    while done[-1]:
        assert done[-1] <= 1000
        done.append(roll_up_some(log.engine))
        now = history.series(GATE, grid)
        assert [listed(each) for each in now.columns] == [listed(each) for each in before.columns]
    with log.engine.connect() as connection:
        assert connection.scalars(select(Run.is_summed)).all() == [True] * 3
        assert connection.scalar(select(func.sum(RollUp.seconds)).where(RollUp.span_s == 60)) == 2600
    assert len(done) > 5


def test_a_log_is_read_while_another_program_writes_it(tmp_path):
    log = Log(tmp_path / "log.db")
    log.add(NOON, [1, 2])
    history = History(log.target)
    with locked(log.target):
        assert listed(history.series(GATE, Grid(NOON, 1, 2)).mean) == [1, 2]
    history.close()
    log.engine.dispose()


def test_a_log_that_is_not_there_is_refused_and_not_made(tmp_path):
    with pytest.raises(DatabaseError, match="is not there yet"):
        History(tmp_path / "none.db")
    (tmp_path / "text.db").write_text("This is no database, and long enough to be one. " * 99)
    history = History(tmp_path / "text.db")
    with pytest.raises(DatabaseError, match="is no SQLite database"):
        history.series(GATE, Grid(NOON, 1, 2))
    history.close()
    assert [path.name for path in tmp_path.iterdir()] == ["text.db"]


def test_what_the_log_summed_up_says_the_same_as_its_samples_and_outlives_them(log, model_file):
    store = Store(log.target, clocks=lambda: (NOON - 100.5, 0.0))
    run = store.run(camera="gate", model=model_file)
    for second in range(7400):
        zones = (ZoneCount("left", second % 7),)
        run.put(replace(reading(float(second), 90.0 if second == 4321 else second % 40), zones=zones, density=MAP))
    store.finish()
    store.close()
    log.runs += 1
    log.add(NOON + 60, [30.0] * 60)  # as an older version left it: without sums
    history = History(log.target)
    for subject, grid in ((GATE, Grid(NOON - 3600, 3600, 4)), (GATE, Grid(NOON, 120, 9)), (LEFT, Grid(NOON, 60, 9))):
        sums = history.series(subject, grid)
        seconds = history.series(subject, Grid(grid.first_s, 1, grid.number * grid.step_s))
        expected = folded(seconds, grid)
        np.testing.assert_allclose(sums.mean, expected.mean, rtol=0.01)
        assert abs(sums.readings - expected.readings).max() <= 2  # the run did not begin with a second of the clock
        np.testing.assert_array_equal(sums.most, expected.most)
    with log.engine.begin() as connection:
        connection.execute(delete(StoredSample))
    hours = history.series(GATE, Grid(NOON, 3600, 2))
    assert (hours.most[1], hours.readings[1]) == (90.0, 3600)
    history.close()
