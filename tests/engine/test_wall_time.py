"""What is stored of a live camera while the clock of the computer is set, or the computer sleeps."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from engine.log.database import Run, StoredSample
from engine.log.store import Store
from engine.log.wall_time import WallTime
from logged import found, reading

NOON_UTC = datetime(2026, 11, 26, 12)
NOON = NOON_UTC.replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("looks", "steps"),
    [
        pytest.param([(NOON + 1, 1.0), (NOON + 2, 2.0)], [], id="nothing happens"),
        pytest.param([(NOON + 1, 1.0), (NOON + 7202, 2.0)], [7200.0], id="two hours forward"),
        pytest.param([(NOON + 1, 1.0), (NOON - 7198, 2.0)], [-7200.0], id="two hours back"),
        pytest.param([(NOON + 3601, 1.0), (NOON + 3602, 2.0)], [3600.0], id="asleep for an hour"),
        pytest.param([(NOON + 7201, 1.0), (NOON + 2, 2.0)], [7200.0, -7200.0], id="there and back"),
        pytest.param([(NOON + 2.9, 1.0), (NOON + 3.9, 2.0)], [], id="less than a step"),
        pytest.param([(NOON + i * 1.0005, i * 1.0) for i in range(1, 90_000, 60)], [], id="a day of 500 ppm fast"),
        pytest.param([(NOON + i * 0.9995, i * 1.0) for i in range(1, 90_000, 60)], [], id="a day of 500 ppm slow"),
    ],
)
def test_a_step_of_wall_time_is_told_from_its_drift(looks, steps):
    wall, found_steps = WallTime.of(NOON, 0.0), []
    for clock_s, monotonic_s in looks:
        before, wall = wall, wall.seen(clock_s, monotonic_s)
        if wall.steps > before.steps:
            found_steps.append(wall.step_s)
        assert wall.at(monotonic_s) == pytest.approx(clock_s)
    assert found_steps == pytest.approx(steps)
    assert wall.steps == len(steps)


class Clocks:
    """The two clocks of a computer: time passes, somebody sets the one, or the computer sleeps."""

    def __init__(self):
        self.now = NOON, 500.0  # in one piece, as the store's thread looks at it too

    def __call__(self):
        return self.now

    @property
    def monotonic_s(self):
        return self.now[1]

    def pass_by(self, seconds, rate=1.0):
        self.now = self.now[0] + rate * seconds, self.now[1] + seconds

    def step(self, seconds):
        self.now = self.now[0] + seconds, self.now[1]


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def watched(tmp_path, model_file, clocks):
    """Opens a log by those clocks: `put(count)` a reading of now into its live run, `stored()` closes and reads it."""

    class Watched:
        store = Store(tmp_path / "log.db", clocks=clocks)
        run = store.run(camera="gate", model=model_file, live=True)

        def put(self, count):
            assert self.run.put(reading(0.0, count, arrived_s=clocks.monotonic_s))

        def stored(self):
            """Returns for each run when it began, and its samples, both in seconds after noon."""
            self.store.close()
            query = select(Run.started_at, StoredSample.second, StoredSample.mean).join(
                StoredSample, StoredSample.run_id == Run.id
            )
            runs = {}
            for started, second, mean in found(tmp_path / "log.db", query.order_by(StoredSample.id)):
                began_s = (started - NOON_UTC).total_seconds()
                runs.setdefault(began_s, []).append((began_s + second, mean))
            return runs

    watched = Watched()
    yield watched
    watched.store.close()


@pytest.mark.parametrize(
    ("step_s", "words"),
    [
        pytest.param(7200.0, "forward, or this computer slept, by 7200 s", id="forward, or asleep"),
        pytest.param(-7200.0, "set back by 7200 s", id="back"),
    ],
)
def test_a_clock_that_is_set_begins_a_new_run_at_the_right_time(clocks, watched, caplog, step_s, words):
    for count in (1.0, 2.0):
        watched.put(count)
        clocks.pass_by(1)
    clocks.step(step_s)
    for count in (3.0, 4.0):
        clocks.pass_by(1)
        watched.put(count)
    assert watched.stored() == {
        0.0: [(0.0, 1.0), (1.0, 2.0)],
        3.0 + step_s: [(3.0 + step_s, 3.0), (4.0 + step_s, 4.0)],
    }
    said = [record.getMessage() for record in caplog.records if "clock" in record.getMessage()]
    assert len(said) == 1
    assert words in said[0]


def test_a_frame_that_came_before_the_step_stays_in_the_run_before(clocks, watched):
    watched.put(1.0)
    clocks.pass_by(1)
    in_flight = reading(0.0, 2.0, arrived_s=clocks.monotonic_s)
    watched.store.run(camera="another", model=watched.run.record.model, live=True)  # looks at the clocks
    clocks.step(3600)
    clocks.pass_by(1)
    watched.run.put(in_flight)
    watched.put(3.0)
    assert watched.stored() == {0.0: [(0.0, 1.0), (1.0, 2.0)], 3602.0: [(3602.0, 3.0)]}


def test_a_clock_that_is_steered_goes_on_in_one_run_at_the_time_of_the_clock(clocks, watched, caplog):
    for hour in range(25):
        watched.put(float(hour))
        clocks.pass_by(3600, rate=1.0005)
    (samples,) = watched.stored().values()
    assert [second for second, _ in samples] == pytest.approx([hour * 3600 * 1.0005 for hour in range(25)], abs=1.01)
    assert "clock" not in caplog.text


def test_a_clock_that_is_set_back_a_little_loses_no_reading(clocks, watched):
    watched.put(1.0)
    clocks.pass_by(1.5)
    watched.put(2.0)
    clocks.step(-1.4)
    for count in (4.0, 6.0):
        clocks.pass_by(0.2)
        watched.put(count)
    assert watched.stored() == {0.0: [(0.0, 1.0), (1.0, 4.0)]}


def test_a_recording_keeps_its_own_time(clocks, tmp_path, model_file):
    store = Store(tmp_path / "log.db", clocks=clocks)
    run = store.run(camera="street.mp4", model=model_file)
    for time_s in (0.0, 1.0, 2.0):
        run.put(reading(time_s, 1.0))
        clocks.step(-7200)
    store.close()
    assert found(tmp_path / "log.db", select(StoredSample.second)) == [(0,), (1,), (2,)]
