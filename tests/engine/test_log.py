import sqlite3
import threading
from contextlib import contextmanager
from time import monotonic

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session

from engine.counting.reading import Reading
from engine.errors import DatabaseError
from engine.inference.contract import read_model_file
from engine.log.backlog import Backlog
from engine.log.database import Base, Run, StoredCamera, StoredSample, database_state, database_url, open_database
from engine.log.store import Store
from engine.paths import LIGHT_MODEL
from engine.picture.frame import Frame


def reading(time_s, count):
    return Reading(Frame.of(0, time_s, np.zeros((2, 2, 3), np.uint8)), count)


@pytest.fixture(scope="module")
def model_file():
    return read_model_file(LIGHT_MODEL)


def rows(path):
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        found = [(s.second, s.mean, s.least, s.most, s.readings) for s in session.scalars(select(StoredSample))]
    engine.dispose()
    return found


def test_samples_of_a_run_are_in_the_log_with_its_camera_and_model(tmp_path, model_file):
    path, written = tmp_path / "log.db", []
    store = Store(path, on_written=lambda camera, samples: written.extend((camera, s.second) for s in samples))
    run = store.run(camera="north gate", model=model_file)
    for time_s, count in [(0.0, 1.0), (0.5, 3.0), (1.0, 8.0)]:
        assert run.put(reading(time_s, count))
    store.close()
    assert store.problem is None
    assert rows(path) == [(0, 2.0, 1.0, 3.0, 2), (1, 8.0, 8.0, 8.0, 1)]
    assert written == [("north gate", 0), ("north gate", 1)]
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        assert session.scalars(select(StoredCamera.name)).all() == ["north gate"]
        assert session.scalars(select(Run.model_sha256)).all() == [model_file.sha256]
    engine.dispose()


def test_a_second_run_of_the_same_camera_adds_to_the_log(tmp_path, model_file):
    path = tmp_path / "log.db"
    for _ in range(2):
        store = Store(path)
        store.run(camera="gate", model=model_file).put(reading(0.0, 2.0))
        store.close()
    assert len(rows(path)) == 2
    assert "holds 2 samples" in database_state(path)


def test_migrations_make_the_tables_that_the_code_expects(tmp_path):
    engine = open_database(tmp_path / "log.db")
    made = inspect(engine)
    for name, table in Base.metadata.tables.items():
        assert {c["name"] for c in made.get_columns(name)} == {c.name for c in table.columns}
    engine.dispose()


def test_a_locked_log_is_named_as_locked(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.1)
    path = tmp_path / "log.db"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseError, match="is locked"):
        open_database(path)
    holder.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"not a database, just words " * 100, "is no SQLite database", id="text"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 4000, "damaged|no SQLite database", id="torn header"),
    ],
)
def test_a_damaged_log_is_refused_and_left_as_it_was(tmp_path, content, message):
    path = tmp_path / "log.db"
    path.write_bytes(content)
    with pytest.raises(DatabaseError, match=message):
        open_database(path)
    assert path.read_bytes() == content


def test_a_log_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "log.db"
    open_database(path).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(DatabaseError, match="another version of DeepCount"):
        open_database(path)


def test_a_database_of_something_else_is_refused(tmp_path):
    path = tmp_path / "log.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE camera (lens TEXT)")
    connection.close()
    with pytest.raises(DatabaseError, match="holds tables of something else"):
        open_database(path)


def test_a_log_in_a_place_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseError, match="cannot be opened"):
        open_database(tmp_path / "file" / "log.db")


@pytest.mark.parametrize(
    "url", ["postgresql+nosuch://user:hunter2@host/db", "://user:hunter2@x", "nosuch://u:hunter2@h/d"]
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url):
    with pytest.raises(DatabaseError) as caught:
        open_database(url)
    assert "hunter2" not in str(caught.value)


def samples_of(path):
    """Returns (camera, second, mean, readings) of all samples, by camera and second."""
    query = (
        select(StoredCamera.name, StoredSample.second, StoredSample.mean, StoredSample.readings)
        .join(Run, Run.camera_id == StoredCamera.id)
        .join(StoredSample, StoredSample.run_id == Run.id)
        .order_by(StoredCamera.name, Run.id, StoredSample.second)
    )
    engine = create_engine(database_url(path))
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
    engine.dispose()
    return found


def test_many_cameras_share_one_writing_thread(tmp_path, model_file):
    path = tmp_path / "log.db"
    store = Store(path)
    runs = [store.run(camera=f"camera {number}", model=model_file) for number in range(5)]
    for second in range(3):
        for number, run in enumerate(runs):
            assert run.put(reading(second + 0.5, float(number)))
    assert [t.name for t in threading.enumerate() if t.name.startswith("store of")] == ["store of log.db"]
    store.close()
    assert samples_of(path) == [(f"camera {n}", s, float(n), 1) for n in range(5) for s in range(3)]


def test_a_second_without_readings_is_unknown_and_has_no_sample(tmp_path, model_file):
    path = tmp_path / "log.db"
    store = Store(path)
    lost, dark = store.run(camera="lost", model=model_file), store.run(camera="dark", model=model_file)
    lost.put(reading(0.2, 5.0))
    lost.put(reading(7.9, 6.0))
    store.close()
    assert samples_of(path) == [("lost", 0, 5.0, 1), ("lost", 7, 6.0, 1)]
    assert not dark.put(reading(8.0, 1.0))
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        assert session.scalars(select(StoredCamera.name).order_by(StoredCamera.id)).all() == ["lost", "dark"]
    engine.dispose()


def test_closing_one_run_finishes_its_last_sample_while_others_go_on(tmp_path, model_file):
    path, seen = tmp_path / "log.db", threading.Event()
    store = Store(path, on_written=lambda camera, samples: seen.set())
    ended, other = store.run(camera="ended", model=model_file), store.run(camera="other", model=model_file)
    ended.put(reading(3.0, 4.0))
    other.put(reading(3.0, 9.0))
    ended.close()
    assert seen.wait(10)
    assert samples_of(path) == [("ended", 3, 4.0, 1)]
    assert not ended.put(reading(3.5, 4.0))
    assert other.put(reading(3.5, 9.0))
    store.close()
    assert samples_of(path) == [("ended", 3, 4.0, 1), ("other", 3, 9.0, 2)]


def test_a_second_that_was_stored_already_stays_and_holds_up_no_other(tmp_path, model_file):
    """As after a clock that jumped back, or a commit whose answer was lost."""
    path = tmp_path / "log.db"
    store = Store(path)
    run = store.run(camera="gate", model=model_file)
    for time_s, count in [(5.0, 1.0), (6.0, 2.0), (5.0, 30.0), (8.0, 4.0)]:
        run.put(reading(time_s, count))
    store.close()
    assert samples_of(path) == [("gate", 5, 1.0, 1), ("gate", 6, 2.0, 1), ("gate", 8, 4.0, 1)]


@contextmanager
def held(path):
    """Locks a log as another program would."""
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@pytest.fixture
def hasty(monkeypatch):
    """Attempts at a database that fails follow each other quickly."""
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.log.store.RETRY_S", 0.02)


def waited_for(condition, timeout_s=10.0):
    end, tick = monotonic() + timeout_s, threading.Event()
    while not condition() and monotonic() < end:
        tick.wait(0.01)
    return condition()


def test_samples_wait_while_the_log_is_locked_and_are_written_when_it_is_free(tmp_path, model_file, hasty, caplog):
    path = tmp_path / "log.db"
    store = Store(path)
    run = store.run(camera="gate", model=model_file)
    with held(path):
        for second in range(4):
            assert run.put(reading(float(second), 2.0))
        assert waited_for(lambda: store.problem)
        assert "is locked" in str(store.problem)
    assert waited_for(lambda: store.problem is None)
    store.close()
    assert [second for _, second, *_ in samples_of(path)] == [0, 1, 2, 3]
    assert store.lost == 0
    said = [record.getMessage() for record in caplog.records if record.name == "engine.log.store"]
    assert len(said) == 2
    assert "samples wait" in said[0]
    assert "written again; 0 were lost" in said[1]


def test_a_log_that_fails_for_long_never_blocks_and_loses_the_oldest_only(
    tmp_path, model_file, hasty, monkeypatch, caplog
):
    monkeypatch.setattr("engine.log.store.ROOM", 10)
    path = tmp_path / "log.db"
    store = Store(path)
    run = store.run(camera="gate", model=model_file)
    assert waited_for(lambda: run.row is not None)
    with held(path):
        for second in range(101):
            assert run.put(reading(float(second), 2.0))
        assert waited_for(lambda: store.lost >= 90)
    store.close()
    assert store.lost in (90, 91)  # the last second may come before or after room was made
    assert samples_of(path) == [("gate", second, 2.0, 1) for second in range(store.lost, 101)]
    assert f"{store.lost} were lost" in caplog.text


def test_a_store_that_is_closed_while_its_log_fails_ends_and_says_what_is_lost(tmp_path, model_file, hasty, caplog):
    path = tmp_path / "log.db"
    store = Store(path)
    run = store.run(camera="gate", model=model_file)
    assert waited_for(lambda: run.row is not None)
    with held(path):
        for second in range(3):
            run.put(reading(float(second), 1.0))
        store.close()
    assert isinstance(store.problem, DatabaseError)
    assert store.lost == 3
    assert "3 samples that could not be written" in caplog.text
    assert not run.put(reading(9.0, 1.0))


def test_a_lossless_store_stops_at_the_first_failure_and_takes_no_more(tmp_path, model_file):
    path = tmp_path / "log.db"
    store = Store(path, lossless=True)
    run = store.run(camera="gate", model=model_file)
    assert waited_for(lambda: run.row is not None)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE sample")
    connection.close()
    run.put(reading(0.0, 1.0))
    run.put(reading(1.0, 1.0))
    assert waited_for(lambda: store.problem)
    assert isinstance(store.problem, DatabaseError)
    assert not run.put(reading(9.0, 1.0))
    store.close()


def test_a_lossless_backlog_waits_for_room_and_one_with_losses_never_does():
    patient, hasty = Backlog(2, lossless=True), Backlog(2, lossless=False)
    giver = threading.Thread(target=lambda: [patient.put(item) for item in range(5)])
    giver.start()
    taken = []
    while len(taken) < 5:
        batch = patient.take(timeout_s=10)
        assert 0 < len(batch) <= 2
        taken += batch
    giver.join(10)
    assert (taken, patient.lost) == ([0, 1, 2, 3, 4], 0)
    for item in range(5):
        assert hasty.put(item)
    assert (hasty.lost, hasty.take()) == (3, [3, 4])


def test_what_is_put_back_comes_first_and_gives_way_first():
    backlog = Backlog(3, lossless=False)
    for item in (1, 2):
        backlog.put(item)
    taken = backlog.take()
    backlog.put(3)
    backlog.put(4)
    backlog.put_back(taken)
    backlog.close()
    assert not backlog.put(5)
    assert (backlog.take(), backlog.lost, backlog.finished) == ([2, 3, 4], 1, True)
