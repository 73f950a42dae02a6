"""Nodes of a fleet: each watches its share, and what one watches another does not write of."""

import json
from contextlib import closing

import pytest
from sqlalchemy import func, select

from cameras import Clip, ScriptedCamera
from constant import write_constant
from engine.alerts.record import AlertRecord, moment
from engine.alerts.table import Entries, save
from engine.errors import EngineError
from engine.fleet import leases
from engine.fleet.division import Division
from engine.fleet.leases import Node
from engine.fleet.measuring import divided, told
from engine.fleet.node import LEASE_S, TELLING, FleetNode
from engine.fleet.standing import standing_of
from engine.log.database import open_database
from engine.log.tables import StoredAlert, StoredLease
from engine.settings.config_file import load_config
from logged import found, waited_for

CAMERA = """
[[cameras]]
name = "{name}"
address = "{address}"
max_fps = 2
density_interval_s = "never"

[[cameras.rules]]
name = "crowd"
above = 25
for_s = 1
"""
GROUP = '[[groups]]\nname = "both"\nmembers = ["a", "b"]\n'
SOON_S = 60.0


@pytest.fixture
def camera():
    with ScriptedCamera(Clip.drawn(frames=10, size=(96, 128)), rate=4) as camera:
        yield camera


@pytest.fixture
def configured(tmp_path, camera):
    """Writes a configuration of cameras; returns what it says, with its log."""
    model = write_constant(tmp_path / "thirty.onnx", people=30.0)

    def write(*names, more=""):
        head = f'database = "{tmp_path / "log.db"}"\nmodel = "{model}"\nprovider = "cpu"\n'
        path = tmp_path / "fleet.toml"
        path.write_text(head + "".join(CAMERA.format(name=name, address=camera.address) for name in names) + more)
        return load_config(path)

    return write


def started(config, **given):
    node = FleetNode(config, capacity=2.0, host="one", **given)
    node.start()
    return node


def watched(node):
    return sorted(session.name for session in node.monitor.sessions)


def test_cameras_of_a_group_are_one_unit_with_it(configured):
    division = Division.of(configured("a", "b", "c", more=GROUP))
    assert [sorted(division.owners(unit)) for unit in division.cameras] == [["a", "b", "both"], ["c"]]
    part = division.part(["a"])
    assert [camera.name for camera in part.cameras] == ["a", "b"]
    assert [group.name for group in part.groups] == ["both"]
    assert division.part(["c"]).groups == ()


def test_a_node_that_joins_takes_a_share_and_alerts_go_on(configured, tmp_path):
    config = configured("a", "b")
    log = tmp_path / "log.db"
    with closing(started(config)) as first:
        assert waited_for(lambda: len(first.monitor.alarms.firing) == 2, SOON_S)
        with closing(started(config)) as second:
            assert waited_for(lambda: len(watched(first)) == 1 and len(watched(second)) == 1, SOON_S)
            assert waited_for(lambda: len(second.monitor.alarms.firing) == 1, SOON_S)
            assert {*watched(first), *watched(second)} == {"a", "b"}
            engine = open_database(log)
            assert {len(each.cameras) for each in standing_of(engine, config).nodes} == {1}
            engine.dispose()
        assert waited_for(lambda: len(first.monitor.alarms.firing) == 2, SOON_S)
    alerts = found(log, select(StoredAlert.owner, StoredAlert.closed_at))
    assert sorted(alerts) == [("a", None), ("b", None)]  # one of each, which is open, although one moved twice
    assert {holder for (holder,) in found(log, select(StoredLease.holder))} == {None}


def test_a_change_moves_only_what_changed(configured):
    node = started(configured("a", "b"))
    with closing(node):
        assert waited_for(lambda: watched(node) == ["a", "b"], SOON_S)
        kept = next(session for session in node.monitor.sessions if session.name == "a")
        node.configure(configured("a", "c"))
        assert waited_for(lambda: watched(node) == ["a", "c"], SOON_S)
        assert next(session for session in node.monitor.sessions if session.name == "a").capture is kept.capture


def test_a_node_whose_leases_another_took_writes_nothing_more(configured, tmp_path):
    config = configured("a")
    engine = open_database(tmp_path / "log.db")
    alert = AlertRecord(
        "1" * 32, "a", None, "crowd", "{}", "warning", moment(0), moment(1), 30.0, moment(1), "thirty", "0" * 64
    )
    with closing(started(config)) as node:
        assert waited_for(lambda: watched(node) == ["a"], SOON_S)
        fence = node._share.fence
        with engine.begin() as connection:
            connection.execute(leases.LEASES.update().where(leases.LEASES.c.name == "a").values(until_s=0.0))
            assert leases.take(connection, ["a"], "other", 1e12, LEASE_S)
        save(engine, Entries(alerts=[alert]), None, fence)
        assert found(tmp_path / "log.db", select(func.count()).where(StoredAlert.uid == alert.uid)) == [(0,)]
        assert waited_for(lambda: watched(node) == [], SOON_S)
    engine.dispose()


def test_one_node_tells_the_sinks(configured, tmp_path):
    config = configured("a", "b")
    with closing(started(config)) as first, closing(started(config)) as second:
        assert waited_for(lambda: watched(first) and watched(second), SOON_S)
        holder = select(StoredLease.holder).where(StoredLease.name == TELLING)
        assert found(tmp_path / "log.db", holder) in ([(first.name,)], [(second.name,)])


def test_how_a_fleet_stands_says_what_is_wrong(configured, tmp_path):
    config = configured("a", "b")
    engine = open_database(tmp_path / "log.db")
    with engine.begin() as connection:
        now_s = leases.now(connection)
        leases.beat(connection, Node("one-1", "one", 2.0, {"a": 0.5}, clock_s=30.0, model="x"), now_s)
        leases.beat(connection, Node("two-1", "two", 2.0, model="y"), now_s)
        leases.take(connection, ["a"], "one-1", now_s, LEASE_S)
    standing = standing_of(engine, config)
    engine.dispose()
    assert [each.cameras for each in standing.nodes] == [("a",), ()]
    assert standing.nodes[0].load == 0.25
    assert standing.nodes[0].problems == ["its clock is +30 s from the database's"]
    assert standing.unwatched == ("b",)
    assert standing.problem == "its nodes go by different models; give all the same"
    assert json.dumps(standing.as_dict)


def test_a_fleet_without_a_log_is_refused(configured):
    with pytest.raises(EngineError, match="a fleet needs a log that all nodes write to"):
        FleetNode(configured("a").model_copy(update={"database": None}), capacity=2.0)


def test_costs_are_divided_by_tiles_and_said_only_when_they_changed():
    found = divided(1.0, {"a": (4.0, 0.0), "b": (8.0, 0.5), "c": (0.0, 0.0)})
    assert found == {"a": 0.5, "b": 1.0}
    assert told({"a": 0.45}, found) == {"a": 0.45, "b": 1.0}
    assert told({"a": 0.3}, found) == {"a": 0.5, "b": 1.0}
