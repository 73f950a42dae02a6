"""Zones, groups, gaps and roll-ups in the log, and logs of older versions."""

import sqlite3
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select

from engine.counting.reading import Sample, ZoneSample
from engine.errors import DatabaseError
from engine.log.copying import copy_log
from engine.log.database import StoredCamera, StoredSample, migrate, open_database
from engine.log.gaps import Gap, Silence
from engine.log.place import database_url
from engine.log.retention import Retention, delete_some
from engine.log.run import RunRecord
from engine.log.store import Store
from engine.log.tables import RollUp, StoredGap, StoredZone, StoredZoneSample
from engine.log.writing import write
from engine.picture.condition import Condition
from engine.picture.zones import ZoneCount
from logged import found, reading, samples_of, waited_for

WALL_S = 1_790_000_000.0


def zones_of(target):
    """Returns (zone, second, mean, least, most, readings) of all samples of zones."""
    zone = StoredZoneSample
    columns = StoredZone.name, zone.second, zone.mean, zone.least, zone.most, zone.readings
    query = select(*columns).join(zone, zone.zone_id == StoredZone.id).order_by(StoredZone.name, zone.second)
    return found(target, query)


def old_log(path):
    """Makes a log as the first version did, with a sample in it."""
    engine = create_engine(database_url(path))
    event.listen(engine, "connect", lambda connection, _record: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.begin() as connection:
        migrate(connection, "0001")
        for statement in (
            "INSERT INTO camera VALUES (1, 'gate')",
            "INSERT INTO run VALUES (1, 1, '2026-01-02 03:04:05.250000', 'light', 'abc')",
            "INSERT INTO sample VALUES (1, 1, 7, 2.0, 1.0, 3.0, 4)",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    """Where a log may lie."""
    return tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


def test_samples_have_their_zones_consistency_and_condition(log, model_file):
    store = Store(log)
    run = store.run(camera="gate", model=model_file)
    both = ZoneCount("left", 2.0), ZoneCount("right", 3.0)
    run.put(reading(0.0, 5.0, zones=both, consistency=0.9, condition=Condition.DARK))
    run.put(reading(0.5, 5.0, zones=(ZoneCount("left", 4.0),), consistency=0.7))
    run.put(reading(1.0, 6.0))
    run.close()
    store.run(camera="yard", model=model_file).put(reading(2.0, 1.0, zones=(ZoneCount("left", 1.0),)))
    store.close()
    assert zones_of(log) == [
        ("left", 0, 3.0, 2.0, 4.0, 2),
        ("left", 2, 1.0, 1.0, 1.0, 1),
        ("right", 0, 3.0, 3.0, 3.0, 1),
    ]
    query = select(StoredSample.second, StoredSample.consistency, StoredSample.condition).order_by(StoredSample.second)
    assert found(log, query) == [(0, pytest.approx(0.8), "dark"), (1, None, "clear"), (2, None, "clear")]
    assert len(found(log, select(StoredZone.id))) == 3  # zones of one name are of their cameras
    assert len(samples_of(log)) == 3


def test_a_group_is_stored_as_a_camera_is_and_begins_anew_where_the_clock_is_set_back(log, model_file):
    store = Store(log, clocks=lambda: (WALL_S, 0.0))
    run = store.group_run(group="all gates", model=model_file)
    for second in (0, 1, 5, 3):
        assert run.put(int(WALL_S) + second, Sample(0, float(second), 0.0, 9.0, 2))
    store.close()
    assert samples_of(log) == [
        ("all gates", 0, 0.0, 2),
        ("all gates", 1, 1.0, 2),
        ("all gates", 5, 5.0, 2),
        ("all gates", 0, 3.0, 2),
    ]
    assert found(log, select(StoredCamera.name, StoredCamera.kind)) == [("all gates", "group")]


def test_why_nothing_was_counted_is_in_the_log(tmp_path, model_file):
    path = tmp_path / "log.db"
    store = Store(path, clocks=lambda: (WALL_S, 0.0))
    run = store.run(camera="gate", model=model_file, live=True)
    for now_s, reason in enumerate([None, "stalled", "stalled", "reconnecting", None, "reconnecting"]):
        run.explain(now_s + 0.5, reason)
    store.close()
    run.explain(9.0, "stalled")
    query = select(StoredGap.second, StoredGap.seconds, StoredGap.reason)
    assert found(path, query) == [(1, 2, "stalled"), (3, 1, "reconnecting"), (5, 1, "reconnecting")]
    assert samples_of(path) == []


def test_a_gap_that_goes_on_is_noted_once_a_minute():
    silence = Silence()
    gaps = [gap for gap in (silence.add(second, "stalled") for second in range(130)) if gap]
    assert [*gaps, silence.finish()] == [Gap(0, 60, "stalled"), Gap(60, 60, "stalled"), Gap(120, 10, "stalled")]


SECONDS = st.lists(st.tuples(st.integers(0, 8000), st.floats(0, 500), st.integers(1, 9)), max_size=60)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SECONDS, st.integers(1, 20), st.sampled_from([0.0, 0.25, 17.75, 3599.5]))
def test_roll_ups_say_what_the_samples_do_however_they_came(tmp_path_factory, model_file, seconds, size, offset_s):
    path = tmp_path_factory.mktemp("rolled") / "log.db"
    engine, record = open_database(path), RunRecord("gate", model_file, WALL_S + offset_s)
    entries = [
        (record, Sample(second, mean, mean, mean + 1, number, zones=(ZoneSample("left", mean, mean, mean, number),)))
        for second, mean, number in seconds
    ]
    for first in range(0, len(entries), size):
        write(engine, entries[first : first + size])
        write(engine, entries[first : first + size])  # as if the answer had been lost
    engine.dispose()
    expected = defaultdict(list)
    for second, mean, _, most, number in found(path, select(*(StoredSample.__table__.c[key] for key in COLUMNS))):
        for span_s in (60, 3600):
            began = int(WALL_S + offset_s + second) // span_s * span_s
            for zone, highest in ((0, most), (1, mean)):
                expected[span_s, zone, began].append((mean, highest, number))
    rolled = {row[:3]: row[3:] for row in found(path, select(*(RollUp.__table__.c[key] for key in ROLLED)))}
    assert rolled.keys() == expected.keys()
    for key, parts in expected.items():
        people = sum(mean * number for mean, _, number in parts)
        least, most = min(mean for mean, *_ in parts), max(highest for _, highest, _ in parts)
        assert rolled[key] == (pytest.approx(people), least, most, sum(n for *_, n in parts), len(parts))


COLUMNS = ("second", "mean", "least", "most", "readings")
ROLLED = ("span_s", "zone_id", "began_s", "people", "least", "most", "readings", "seconds")


def test_roll_ups_are_made_in_any_database(log, model_file):
    store = Store(log, clocks=lambda: (WALL_S, 0.0))
    run = store.run(camera="gate", model=model_file)
    for second in (0, 1, 70):
        run.put(reading(float(second), 2.0, zones=(ZoneCount("left", 1.0),)))
    store.close()
    rows = found(log, select(RollUp.span_s, RollUp.zone_id, RollUp.people, RollUp.seconds))
    assert sorted(rows) == [
        (60, 0, 2.0, 1), (60, 0, 4.0, 2), (60, 1, 1.0, 1), (60, 1, 2.0, 2), (3600, 0, 6.0, 3), (3600, 1, 3.0, 3),
    ]  # fmt: skip


def test_an_older_log_is_copied_and_then_brought_up_with_all_that_it_holds(tmp_path, model_file, caplog):
    path = tmp_path / "log.db"
    old_log(path)
    store = Store(path)
    store.run(camera="gate", model=model_file).put(reading(0.0, 5.0, zones=(ZoneCount("left", 2.0),)))
    store.close()
    assert samples_of(path) == [("gate", 7, 2.0, 4), ("gate", 0, 5.0, 1)]
    assert found(path, select(StoredSample.condition)) == [(None,), ("clear",)]
    (copy,) = tmp_path.glob("log.before-*.db")
    with sqlite3.connect(copy) as kept:
        assert kept.execute("SELECT * FROM sample").fetchall() == [(1, 1, 7, 2.0, 1.0, 3.0, 4)]
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    kept.close()
    assert f"as it was it is in {copy}" in caplog.text
    open_database(path).dispose()
    assert sorted(each.name for each in tmp_path.glob("*.db")) == [copy.name, "log.db"]


def test_an_older_log_that_cannot_be_copied_is_left_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "log.db"
    old_log(path)
    before = path.read_bytes()
    monkeypatch.setattr("engine.log.copying._places", lambda log, word: iter([tmp_path / "no folder" / "copy.db"]))
    with pytest.raises(DatabaseError, match=r"log .*log\.db cannot be copied to .*copy\.db \(no such file"):
        open_database(path)
    assert sqlite3.connect(path).execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert path.read_bytes()[100:] == before[100:]


DAY_S = 86_400


def pages_of(engine):
    with engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA page_count").scalar()


def test_what_is_no_longer_kept_is_deleted_in_small_steps_and_its_space_given_back(tmp_path, model_file, monkeypatch):
    monkeypatch.setattr("engine.log.retention.STEP", 50)
    path = tmp_path / "log.db"
    engine = open_database(path)
    for days in (10, 1):
        record = RunRecord("gate", model_file, WALL_S - days * DAY_S)
        zones = (ZoneSample("left", 1.0, 1.0, 1.0, 1),)
        samples = [(record, Sample(second, 1.0, 1.0, 1.0, 1, zones=zones)) for second in range(1000)]
        write(engine, [*samples, (record, Gap(2000, 5, "stalled"))])
    full = pages_of(engine)
    kept = Retention(samples_days=5, minutes_days=5)
    steps = []
    while deleted := delete_some(engine, kept, WALL_S):
        steps.append(deleted)
    left = pages_of(engine)
    engine.dispose()
    assert max(steps) <= 50 + 50 + 49
    assert sum(steps) == 1000 + 1000 + 1 + 2 * 17
    assert left <= full - 10
    assert len(samples_of(path)) == 1000
    spans = found(path, select(RollUp.span_s).where(RollUp.began_s < WALL_S - 5 * DAY_S))
    assert set(spans) == {(3600,)}


def test_a_store_deletes_while_it_writes(tmp_path, model_file):
    path = tmp_path / "log.db"
    engine = open_database(path)
    write(engine, [(RunRecord("gate", model_file, WALL_S - 10 * DAY_S), Sample(0, 1.0, 1.0, 1.0, 1))])
    engine.dispose()
    store = Store(path, clocks=lambda: (WALL_S, 0.0))
    store.retention = Retention(samples_days=1)
    assert waited_for(lambda: not samples_of(path))
    store.run(camera="gate", model=model_file).put(reading(0.0, 2.0))
    store.close()
    assert samples_of(path) == [("gate", 0, 2.0, 1)]


def test_a_back_up_is_made_while_a_program_writes(tmp_path, model_file):
    path, copy = tmp_path / "log.db", tmp_path / "copy.db"
    store = Store(path)
    run = store.run(camera="gate", model=model_file)
    for second in range(5):
        run.put(reading(float(second), 2.0))
    assert waited_for(lambda: len(samples_of(path)) == 4)
    copy_log(path, copy)
    store.close()
    assert (len(samples_of(copy)), len(samples_of(path))) == (4, 5)
    assert sorted(each.name for each in tmp_path.glob("copy*")) == ["copy.db"]
