"""The log in PostgreSQL: a server of its own that is frozen, stopped, filled and refused."""

import gzip
import json
import signal
import sys
from time import monotonic

import pytest
from sqlalchemy import create_engine, text

from engine.cli import main
from engine.counting.reading import Sample
from engine.errors import DatabaseError
from engine.log.database import database_state, open_database
from engine.log.place import HeldError, database_url, named
from engine.log.run import NamedModel, RunRecord
from engine.log.store import Store
from engine.log.stowage import Stowage
from engine.paths import LIGHT_MODEL, waiting_folder
from logged import open_at_once, reading, samples_of, waited_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot freeze a process")


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    """Samples that wait do so in a folder of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def log(postgres):
    """The URL of an empty database."""
    return postgres.database()


@pytest.fixture
def hasty(monkeypatch):
    """Nothing is waited for as long as in earnest; two seconds are the least for a connection."""
    monkeypatch.setattr("engine.log.postgresql.ANSWER_TIMEOUT_S", 0.5)
    monkeypatch.setattr("engine.log.postgresql.CONNECT_TIMEOUT_S", 2)
    monkeypatch.setattr("engine.log.store.RETRY_S", 0.1)


def seconds_of(target):
    return [second for _, second, *_ in samples_of(target)]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_log_is_kept_in_postgresql_however_its_url_is_written(log, model_file, scheme):
    target = log.replace("postgresql", scheme, 1)
    for count in (1.0, 2.0):
        store = Store(target)
        store.run(camera="gate", model=model_file).put(reading(0.0, count))
        store.close()
        assert store.loss == ""
    assert [mean for _, _, mean, _ in samples_of(target)] == [1.0, 2.0]
    assert database_state(target).endswith("holds 2 samples")


def test_programs_that_open_one_new_log_at_once_all_succeed(postgres):
    assert open_at_once([postgres.database(f"counts_{number}") for number in range(4)]) == {"opened"}


def test_samples_wait_while_the_server_is_frozen_and_are_written_when_it_is_not(
    postgres, log, model_file, hasty, caplog
):
    store = Store(log)
    run = store.run(camera="gate", model=model_file)
    assert waited_for(lambda: run.record.row)
    with postgres.frozen():
        for second in range(5):
            assert run.put(reading(float(second), 1.0))
        assert waited_for(lambda: store.problem)
        assert "does not answer" in str(store.problem)
        assert "samples wait" in caplog.text
    assert waited_for(lambda: store.problem is None)
    store.close()
    assert seconds_of(log) == list(range(5))
    assert (store.lost, store.loss) == (0, "")
    assert "written again; 0 were lost" in caplog.text


def test_what_a_store_that_is_closed_could_not_write_waits_on_disk_for_the_next(
    postgres, log, model_file, hasty, tmp_path, caplog
):
    store = Store(log)
    run = store.run(camera="gate", model=model_file)
    run.put(reading(0.0, 1.0))
    run.put(reading(1.0, 1.0))
    assert waited_for(lambda: seconds_of(log) == [0])
    with postgres.frozen():
        run.put(reading(2.0, 3.0))
        store.close()
    assert (store.lost, store.loss, store.stowed) == (0, "", 2)
    assert "2 samples wait on disk" in caplog.text
    assert seconds_of(log)[:1] == [0]
    later = Store(log)
    assert waited_for(lambda: seconds_of(log) == [0, 1, 2])
    later.close()
    assert [mean for _, _, mean, _ in samples_of(log)] == [1.0, 1.0, 3.0]
    assert not list(tmp_path.rglob("*.gz"))


def test_what_memory_has_no_room_for_waits_on_disk_and_none_is_lost_or_doubled(
    postgres, log, model_file, hasty, monkeypatch, tmp_path
):
    monkeypatch.setattr("engine.log.store.STOWED", 5)
    monkeypatch.setattr("engine.log.store.AT_ONCE", 10)
    written = []
    store, other = Store(log), Store(log)
    runs = [each.run(camera="gate", model=model_file, on_written=written.extend) for each in (store, other)]
    assert waited_for(lambda: all(run.record.row for run in runs))
    postgres.stop()
    try:
        for second in range(40):
            assert all(run.put(reading(float(second), float(second))) for run in runs)
        assert waited_for(lambda: store.stowed >= 30 and other.stowed >= 30)
        assert len({path.parent for path in tmp_path.rglob("*.gz")}) == 2
        assert store.waiting + store.stowed >= 39
    finally:
        postgres.start()
    assert waited_for(lambda: store.stowed == other.stowed == 0)
    store.close()
    other.close()
    assert (store.loss, other.loss) == ("", "")
    assert sorted(seconds_of(log)) == sorted([*range(40), *range(40)])
    assert len(written) == 80
    assert not list(tmp_path.rglob("*.gz"))


def test_a_batch_on_disk_that_was_spoiled_is_said_and_holds_up_nothing(log, model_file, tmp_path, caplog):
    stowage = Stowage(waiting_folder(), named(database_url(log)))
    record = RunRecord("gate", NamedModel("small", "0" * 64), 1e9)
    for second in range(3):
        assert stowage.put([(record, None), (record, Sample(second, 1.0, 1.0, 1.0, 1))])
    stowage.close()
    paths = sorted(tmp_path.rglob("*.gz"))
    paths[0].write_bytes(b"\x00")
    paths[1].write_bytes(gzip.compress(b'{"runs": [], "samples": [[5, {"second": 1}]], "gaps": []}'))
    store = Store(log)
    assert waited_for(lambda: seconds_of(log) == [2])
    store.close()
    assert caplog.text.count("cannot be read, and are left there") == 2
    assert sorted(tmp_path.rglob("*.gz")) == paths[:2]


def test_samples_wait_while_the_server_is_stopped(postgres, log, model_file, hasty):
    store = Store(log)
    run = store.run(camera="gate", model=model_file)
    assert waited_for(lambda: run.record.row)
    postgres.stop()
    try:
        for second in range(5):
            assert run.put(reading(float(second), 1.0))
        assert waited_for(lambda: store.problem)
    finally:
        postgres.start()
    assert waited_for(lambda: store.problem is None)
    store.close()
    assert seconds_of(log) == list(range(5))
    assert store.loss == ""


def test_samples_wait_while_another_program_locks_the_table(log, model_file, hasty, monkeypatch):
    monkeypatch.setattr("engine.log.postgresql.STATEMENT_TIMEOUT_S", 0.2)
    store = Store(log, lossless=True)
    run = store.run(camera="gate", model=model_file)
    other = create_engine(database_url(log))
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE sample"))
        for second in range(3):
            run.put(reading(float(second), 1.0))
        assert waited_for(lambda: store.problem)
        assert "is held by another program" in str(store.problem)
    other.dispose()
    store.finish()
    store.close()
    assert (seconds_of(log), store.loss) == ([0, 1, 2], "")


def test_long_and_odd_names_are_stored_and_a_row_out_of_range_holds_up_no_other(log, model_file):
    store = Store(log)
    odd = store.run(camera="gate\x00\ud800" + "x" * 300, model=model_file)
    other = store.run(camera="another", model=model_file)
    for second in (0.0, 3e9, 4.0):
        odd.put(reading(second, 1.0))
        other.put(reading(second % 1e9, 1.0))
    store.close()
    names = {name for name, *_ in samples_of(log)}
    assert len(names) == 2
    assert max(map(len, names)) == 200
    assert sorted(seconds_of(log)) == [0, 0, 4, 4]
    assert store.loss == "1 samples were lost: 1 refused for good (integer out of range)"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("hunter2", "letmein", "refuses this user or password", id="wrong password"),
        pytest.param(":hunter2", "", "asks for a password", id="no password"),
        pytest.param("/counts", "/no_counts", "does not exist on that server", id="no such database"),
        pytest.param("@127.0.0.1", "@no-such-host.invalid", "host that is unknown", id="unknown host"),
        pytest.param("?", "?sslpassword=letmein&nonsense=letmein&", "cannot be used: .*nonsense", id="unknown option"),
        pytest.param("?", "?connect_timeout=soon&", "cannot be used: .*soon", id="no number"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_secrets(log, old, new, words, monkeypatch):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    target = f"{log}?passfile=/letmein".replace(old, new)
    for use in (open_database, database_state):
        with pytest.raises(DatabaseError, match=words) as caught:
            use(target)
        assert "hunter2" not in str(caught.value)
        assert "letmein" not in str(caught.value)


def test_a_server_that_is_not_there_is_said(free_port):
    with pytest.raises(HeldError, match="refuses the connection; is PostgreSQL running there"):
        open_database(f"postgresql://u:hunter2@127.0.0.1:{free_port}/counts")


def test_what_to_install_is_said_where_it_is_missing(monkeypatch):
    monkeypatch.delitem(sys.modules, "engine.log.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DatabaseError, match=r"pip install 'deepcount\[postgresql\]'") as caught:
        open_database("postgresql://u:hunter2@host/counts?password=hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_watch_says_soon_that_its_server_does_not_answer(postgres, log, hasty, clip, capsys):
    path, began_s = clip(frames=2), monotonic()
    with postgres.frozen():
        assert main(["watch", str(path), "--database", log, "--model", str(LIGHT_MODEL)]) == 2
    assert monotonic() - began_s < 60  # where it waited for ever
    printed = capsys.readouterr()
    assert "does not answer" in printed.err
    assert "hunter2" not in printed.out + printed.err


def test_a_watch_whose_server_freezes_goes_on_and_says_what_waits(postgres, log, watching):
    open_database(log).dispose()
    process = watching(
        before="import engine.log.postgresql as p; p.ANSWER_TIMEOUT_S, p.CONNECT_TIMEOUT_S = 0.5, 2", database=log
    )
    assert waited_for(lambda: process.poll() is None and seconds_of(log), 60)
    with postgres.frozen():
        assert "does not answer" in next(text for text in process.stderr if "samples wait" in text)
        assert next(text for text in process.stdout if json.loads(text)["count"] is not None)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2  # of the end of the watch nothing is in the audit log
    assert "samples wait on disk" in err
    assert "hunter2" not in err
