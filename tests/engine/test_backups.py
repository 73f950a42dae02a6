"""Back-ups that are made by themselves: when they are due, whole or not at all, so many, and told where they fail."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from constant import write_constant
from engine.errors import ConfigError, DatabaseError
from engine.files import claimed
from engine.log.audit import Deed, faults, kept_tip, note, rows_of
from engine.log.backups import Backups, Plan, back_up_if_due, copies_of, due_moment, place_of_copy
from engine.log.database import open_database, open_for_reading
from engine.monitor.monitor import Monitor
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import waited_for


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr("engine.log.backups.SETTLE_S", 0.0)


def local_s(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture
def plan(tmp_path):
    """A log with a row in its audit log, to be copied at three in the morning."""
    engine = open_database(tmp_path / "counts.db")
    note(engine, [Deed("Ada", "start", "watch", {})])
    engine.dispose()
    return Plan(tmp_path / "counts.db", tmp_path / "backups", 3, 0, keep=2)


@pytest.mark.parametrize(
    ("weekly", "now", "due"),
    [
        (False, "2026-11-26 09:00", "2026-11-26 03:00"),
        (False, "2026-11-26 03:00", "2026-11-26 03:00"),
        (False, "2026-11-26 02:59", "2026-11-25 03:00"),
        (True, "2026-11-26 09:00", "2026-11-22 03:00"),
        (True, "2026-11-22 02:00", "2026-11-15 03:00"),
        (True, "2026-11-22 04:00", "2026-11-22 03:00"),
    ],
)
def test_a_copy_is_due_at_its_time_of_the_day(plan, weekly, now, due):
    assert due_moment(replace(plan, weekly=weekly), local_s(now)) == local_s(due)


def test_a_copy_is_made_once_for_each_moment_whole_with_its_proof_and_so_many_are_kept(plan):
    made = []
    for day in range(20, 24):
        now_s = local_s(f"2026-11-{day} 09:00")
        made.append(back_up_if_due(plan, now_s))
        assert back_up_if_due(plan, now_s + 3600) is None
    assert copies_of(plan) == made[2:]
    names = {path.name for path in plan.folder.iterdir()}
    assert names == {name for path in made[2:] for name in (path.name, f"{path.name}.audit")}
    engine = open_for_reading(made[-1])
    assert faults(rows_of(engine), kept_tip(engine.url)) == []
    engine.dispose()
    at = datetime.fromtimestamp(local_s("2026-11-23 03:00"), UTC)
    assert made[-1].name == f"counts.{at:%Y-%m-%dT%H%MZ}.db"


def test_a_copy_that_was_broken_off_leaves_nothing_and_is_made_again(plan):
    now_s = local_s("2026-11-26 09:00")
    with pytest.raises(DatabaseError, match="given up"):
        back_up_if_due(plan, now_s, lambda: False)
    assert list(plan.folder.iterdir()) == []
    left = plan.folder / ".counts.2026-11-25T0300Z.0a1b2c3d.part.db"  # of a program that was killed
    left.write_bytes(b"half")
    assert back_up_if_due(plan, now_s) == place_of_copy(plan, due_moment(plan, now_s))
    assert not left.exists()


def test_a_copy_that_another_program_makes_is_left_to_it(plan):
    plan.folder.mkdir()
    with claimed(plan.folder):
        assert back_up_if_due(plan, local_s("2026-11-26 09:00")) is None


def test_what_somebody_else_put_into_the_folder_stays(plan):
    plan.folder.mkdir()
    (plan.folder / "counts.old.db").write_bytes(b"mine")
    for day in range(20, 24):
        back_up_if_due(plan, local_s(f"2026-11-{day} 09:00"))
    assert (plan.folder / "counts.old.db").read_bytes() == b"mine"


def test_a_folder_that_cannot_be_or_has_no_room_is_told_once_and_tried_again(plan, caplog, monkeypatch):
    monkeypatch.setattr("engine.log.backups.AGAIN_S", 0.02)
    plan.folder.write_text("a file")
    backups = Backups(lambda: local_s("2026-11-26 09:00"))
    backups.apply(plan)
    assert waited_for(lambda: backups.facts.problem)
    assert "cannot be written" in backups.facts.problem
    assert json.loads(json.dumps(backups.facts.as_dict))["last"] is None
    plan.folder.unlink()
    assert waited_for(lambda: backups.facts.last is not None and not backups.facts.problem)
    backups.close()
    assert [record.message.count("is not backed up") for record in caplog.records] == [1]
    monkeypatch.setattr("engine.log.backups.LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(DatabaseError, match=r"MB of room, expected .* MB; make room"):
        back_up_if_due(plan, local_s("2026-11-27 09:00"))


def test_a_monitor_backs_its_log_up_and_tells_how(tmp_path, clip):
    write_constant(tmp_path / "eight.onnx", people=8.0)
    camera = {"name": "yard", "address": str(clip(frames=20, rate=10)), "loop": True}
    values = {"model": "eight.onnx", "database": "log.db", "cameras": [camera], "backup": {"folder": "copies"}}
    with Monitor() as monitor:
        monitor.apply(checked(Config, values, "a test", folder=tmp_path))
        assert waited_for(lambda: monitor.alarms.outlets[0].last is not None)
        monitor.apply(checked(Config, values | {"backup": {}}, "a test", folder=tmp_path))
        assert monitor.alarms.outlets == ()
    (copy,) = (tmp_path / "copies").glob("*.db")
    with closing(sqlite3.connect(copy)) as log:
        assert log.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"backup": {"folder": "copies"}}, "backup has a folder and no database"),
        ({"backup": {"folder": "copies"}, "database": "postgresql://server/counts"}, "lies on a server.*pg_dump"),
        ({"backup": {"folder": "copies", "at": "3 o'clock"}}, "backup: at is .*expected .*03:00"),
    ],
)
def test_back_ups_that_cannot_be_are_refused(tmp_path, values, words):
    with Monitor() as monitor, pytest.raises(ConfigError, match=words):
        monitor.apply(checked(Config, values, "a test", folder=tmp_path))
