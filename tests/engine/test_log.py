import sqlite3

import numpy as np
import pytest
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session

from engine.contract import read_model_file
from engine.database import Base, Camera, Run, StoredSample, database_state, database_url, open_database
from engine.errors import DatabaseError
from engine.frame import Frame
from engine.paths import DEFAULT_MODEL
from engine.reading import Reading
from engine.store import Store


def reading(time_s, count):
    return Reading(Frame.of(0, time_s, np.zeros((2, 2, 3), np.uint8)), count)


@pytest.fixture(scope="module")
def model_file():
    return read_model_file(DEFAULT_MODEL)


def rows(path):
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        found = [(s.second, s.mean, s.least, s.most, s.readings) for s in session.scalars(select(StoredSample))]
    engine.dispose()
    return found


def test_samples_of_a_run_are_in_the_log_with_its_camera_and_model(tmp_path, model_file):
    path, written = tmp_path / "log.db", []
    store = Store(path, camera="north gate", model=model_file, on_written=written.extend)
    for time_s, count in [(0.0, 1.0), (0.5, 3.0), (1.0, 8.0)]:
        assert store.put(reading(time_s, count))
    store.close()
    assert store.failure is None
    assert rows(path) == [(0, 2.0, 1.0, 3.0, 2), (1, 8.0, 8.0, 8.0, 1)]
    assert [s.second for s in written] == [0, 1]
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        assert session.scalars(select(Camera.name)).all() == ["north gate"]
        assert session.scalars(select(Run.model_sha256)).all() == [model_file.sha256]
    engine.dispose()


def test_a_second_run_of_the_same_camera_adds_to_the_log(tmp_path, model_file):
    path = tmp_path / "log.db"
    for _ in range(2):
        store = Store(path, camera="gate", model=model_file)
        store.put(reading(0.0, 2.0))
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
    monkeypatch.setattr("engine.database.LOCK_TIMEOUT_S", 0.1)
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


def test_losing_the_database_is_reported_and_stops_nothing_else(tmp_path, model_file):
    path = tmp_path / "log.db"
    store = Store(path, camera="gate", model=model_file)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE sample")
    connection.close()
    for second in range(3):
        store.put(reading(float(second), 1.0))
    store.close()
    assert isinstance(store.failure, DatabaseError)
    assert not store.put(reading(9.0, 1.0))
