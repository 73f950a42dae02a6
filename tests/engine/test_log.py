import math
import sqlite3
import subprocess
import sys
import threading

import pytest
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, select
from sqlalchemy.orm import Session

from engine.counting.reading import Sample
from engine.errors import DatabaseError
from engine.log.backlog import Backlog
from engine.log.database import TEXT_LENGTH, Base, Run, StoredCamera, StoredSample, database_state, open_database
from engine.log.place import database_url
from engine.log.revision import is_current, newest_revision
from engine.log.run import RunRecord
from engine.log.store import Store
from engine.log.writing import storable, write
from logged import found, held, open_at_once, reading, samples_of, waited_for


def rows(path):
    engine = create_engine(database_url(path))
    with Session(engine) as session:
        found = [(s.second, s.mean, s.least, s.most, s.readings) for s in session.scalars(select(StoredSample))]
    engine.dispose()
    return found


def test_samples_of_a_run_are_in_the_log_with_its_camera_and_model(tmp_path, model_file):
    path, written = tmp_path / "log.db", []
    store = Store(path)
    run = store.run(camera="north gate", model=model_file, on_written=written.extend)
    for time_s, count in [(0.0, 1.0), (0.5, 3.0), (1.0, 8.0)]:
        assert run.put(reading(time_s, count))
    store.close()
    assert store.problem is None
    assert rows(path) == [(0, 2.0, 1.0, 3.0, 2), (1, 8.0, 8.0, 8.0, 1)]
    assert [sample.second for sample in written] == [0, 1]
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
    store = Store(path)
    ended = store.run(camera="ended", model=model_file, on_written=lambda samples: seen.set())
    other = store.run(camera="other", model=model_file)
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


@pytest.fixture
def hasty(monkeypatch):
    """Attempts at a database that fails follow each other quickly."""
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.log.store.RETRY_S", 0.02)


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
    assert waited_for(lambda: run.record.row is not None)
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
    assert waited_for(lambda: run.record.row is not None)
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
    assert waited_for(lambda: run.record.row is not None)
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
        batch = patient.take(10, timeout_s=10)
        assert 0 < len(batch) <= 2
        taken += batch
    giver.join(10)
    assert (taken, patient.lost) == ([0, 1, 2, 3, 4], 0)
    for item in range(5):
        assert hasty.put(item)
    assert (hasty.lost, hasty.take(10)) == (3, [3, 4])


def test_what_is_put_back_comes_first_and_gives_way_first():
    backlog = Backlog(3, lossless=False)
    for item in (1, 2):
        backlog.put(item)
    taken = backlog.take(10)
    backlog.put(3)
    backlog.put(4)
    backlog.put_back(taken)
    backlog.close()
    assert not backlog.put(5)
    assert (backlog.take(10), backlog.lost, backlog.finished) == ([2, 3, 4], 1, True)


def test_programs_that_open_one_new_log_at_once_all_succeed(tmp_path):
    assert open_at_once([tmp_path / f"{number}.db" for number in range(10)]) == {"opened"}


@pytest.mark.parametrize("login", ["u:a@hunter2", "u:a@hunter2/b", "u:(@hunter2]@", "u:a@b?hunter2"])
def test_a_password_that_is_cut_in_two_is_no_host(login):
    with pytest.raises(DatabaseError, match="as %2F, %3F, %23 and %40") as caught:
        database_url(f"postgresql://{login}@cam.local/d")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("host", ["db.local", "10.0.0.1:5433", "[::1]:5432", ""])
def test_a_host_of_any_kind_is_taken(host):
    login = "u:a%40b@" if host else ""
    assert database_url(f"postgresql://{login}{host}/d").database == "d"


def test_a_path_that_looks_like_an_address_is_shown_without_its_secret(tmp_path):
    target = tmp_path / "~sqlite:/a.db?password=hunter2"
    open_database(target).dispose()
    assert database_state(target) == f"{tmp_path}/~sqlite:/a.db?password=*** holds 0 samples"


@pytest.mark.parametrize("target", ["sqlite://", ":memory:", "sqlite:///:memory:", "sqlite:///f?mode=memory", ""])
def test_a_log_that_would_be_forgotten_is_refused(target, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for use in (open_database, database_state):
        with pytest.raises(
            DatabaseError, match=r"lies in memory, .* expected a file such as counts\.db, or postgresql://HOST/NAME$"
        ):
            use(target)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "target",
    ["mysql://u:hunter2@h/d", "postgresql+pg8000://u:hunter2@h/d", "rtsp://u:hunter2@h/d", "postgresql://h:x/d"],
)
def test_a_database_of_a_kind_that_is_not_known_is_refused_without_its_password(target):
    with pytest.raises(DatabaseError, match=r"expected a file such as counts\.db, or postgresql://") as caught:
        open_database(target)
    assert "hunter2" not in str(caught.value)


def test_looking_at_a_log_changes_nothing(tmp_path):
    path = tmp_path / "log.db"
    assert "will be made" in database_state(path)
    assert not path.exists()
    open_database(path).dispose()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()
    before = path.read_bytes()
    assert "holds 0 samples" in database_state(path)
    assert path.read_bytes() == before


LONG = "x" * 199


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("north gate", "north gate", id="short"),
        pytest.param("Eingang Süd \N{CAMERA}", "Eingang Süd \N{CAMERA}", id="any script"),
        pytest.param(LONG + "y", LONG + "y", id="just fits"),
        pytest.param("a\x00b\ud800\x1b[31m", "a\ufffdb\ufffd\ufffd[31m", id="what no database takes"),
    ],
)
def test_a_text_that_fits_is_stored_as_it_is(text, stored):
    assert storable(text) == stored


def test_long_texts_are_cut_and_stay_different():
    first, second = storable(LONG + "yz"), storable(LONG + "zz")
    assert first != second
    assert len(first) == len(second) == TEXT_LENGTH
    assert first[:190] == second[:190] == LONG[:190]


def test_a_row_that_is_refused_for_good_is_put_aside_and_holds_up_no_other(tmp_path, model_file, caplog):
    path = tmp_path / "log.db"
    store = Store(path)
    sound, unsound = (store.run(camera=name, model=model_file) for name in ("sound", "unsound"))
    for second in range(5):
        sound.put(reading(float(second), 1.0))
        unsound.put(reading(float(second), math.nan if second == 1 else 2.0))
    store.close()
    assert samples_of(path) == [("sound", second, 1.0, 1) for second in range(5)] + [
        ("unsound", second, 2.0, 1) for second in (0, 2, 3, 4)
    ]
    assert (store.problem, store.lost) == (None, 1)
    assert store.loss == "1 samples were lost: 1 refused for good (NOT NULL constraint failed: sample.mean)"
    assert caplog.text.count("refuses an entry of 'unsound' for good") == 1


def test_a_commit_whose_answer_was_lost_is_made_once(tmp_path, model_file):
    path = tmp_path / "log.db"
    engine, record = open_database(path), RunRecord("gate", model_file, 1.8e9)
    for sample in (Sample(0, 1.0, 1.0, 1.0, 1), Sample(1, 1.0, 1.0, 1.0, 1)):
        write(engine, [(record, sample)])
        record.row = None  # as if nobody had heard of it
    engine.dispose()
    assert len(found(path, select(Run.id))) == 1
    assert len(rows(path)) == 2


def test_a_lossless_store_waits_for_a_log_that_is_held_and_loses_nothing(tmp_path, model_file, hasty, caplog):
    path = tmp_path / "log.db"
    store = Store(path, lossless=True)
    run = store.run(camera="street.mp4", model=model_file)
    finishing = threading.Thread(target=store.finish)
    with held(path):
        run.put(reading(0.0, 1.0))
        run.put(reading(1.0, 2.0))
        assert waited_for(lambda: store.problem)
        assert store.failure is None
        finishing.start()
    finishing.join(30)
    assert not finishing.is_alive()
    assert (store.problem, store.loss) == (None, "")
    store.close()
    assert [second for _, second, *_ in samples_of(path)] == [0, 1]
    assert "samples wait, none is being written" in caplog.text


def test_the_newest_revision_is_the_one_that_migrations_lead_to(tmp_path):
    engine = open_database(tmp_path / "log.db")
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == newest_revision()
        assert is_current(connection)
    engine.dispose()


def test_a_log_of_this_version_is_opened_without_what_migrates(tmp_path):
    open_database(tmp_path / "log.db").dispose()
    opening = f"import sys; from engine.log.database import open_database; open_database({str(tmp_path / 'log.db')!r})"
    code = [sys.executable, "-c", f"{opening}; print('alembic' in sys.modules)"]
    said = subprocess.run(code, check=True, capture_output=True, text=True)
    assert said.stdout == "False\n"
