"""Rules in a monitor and in `watch`: real cameras, a real model, a real log."""

import json
from dataclasses import replace
from io import StringIO
from time import time

import pytest
from rich.console import Console
from sqlalchemy import select

from cameras import ScriptedCamera
from constant import write_constant
from engine.alerts.listing import State, read_alerts
from engine.cli import main
from engine.commands.watch_table import drawn, group_line, line, when
from engine.errors import ConfigError
from engine.log.audit import rows_of
from engine.log.database import StoredCamera, open_database
from engine.log.tables import StoredGap
from engine.monitor.facts import facts_of, groups_of
from engine.monitor.monitor import Monitor
from engine.monitor.tally import Newest
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import found, samples_of, waited_for
from receiver import Receiver
from test_log_zones import zones_of

LEFT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
BUSY = {"name": "busy", "above": 5, "for_s": 1, "severity": "critical"}


@pytest.fixture
def camera():
    with ScriptedCamera(rate=10.0) as camera:
        yield camera


@pytest.fixture
def configured(tmp_path, camera):
    """Returns a configuration of one camera of which each picture shows eight people."""
    write_constant(tmp_path / "eight.onnx", people=8.0)

    def make(*rules, group_rules=(), **head):
        yard = {"name": "yard", "address": camera.address, "zones": [{"name": "left", "polygon": LEFT}]}
        group = {"name": "all", "members": ["yard/left"], "rules": list(group_rules)}
        values = {"model": "eight.onnx", "database": "log.db", "cameras": [yard | {"rules": list(rules)}]}
        return checked(Config, values | {"groups": [group]} | head, "a test", folder=tmp_path)

    return make


def test_a_monitor_raises_an_alert_of_a_camera_and_a_group_and_keeps_both_over_a_restart(configured, tmp_path):
    config = configured(BUSY, {"name": "empty", "below": 1}, group_rules=[{"name": "some", "above": 3}])
    raised = None
    for _ in range(2):
        with Monitor() as monitor:
            monitor.apply(config)
            assert waited_for(lambda: len(monitor.alarms.firing) == 2 and all(monitor.alarms.people.values()))
            uids = {alert.placed.rule.name: alert.uid for alert in monitor.alarms.firing}
            assert raised in (None, uids)
            raised = uids
            assert monitor.alarms.people == {"all": pytest.approx(4.0, abs=0.01)}
            assert waited_for(lambda: any(name == "all" for name, *_ in samples_of(tmp_path / "log.db")))
        assert (monitor.failure, monitor.loss) == (None, "")
    alerts = {(each.subject, each.rule_name): each for each in read_alerts(tmp_path / "log.db")}
    assert alerts.keys() == {("yard", "busy"), ("all", "some")}
    assert {each.uid for each in alerts.values()} == set(raised.values())
    assert alerts["yard", "busy"].peak == pytest.approx(8.0)
    assert alerts["yard", "busy"].model_name == "eight"
    assert alerts["yard", "busy"].state is State.OPEN
    assert {zone for zone, *_ in zones_of(tmp_path / "log.db")} == {"left"}
    assert set(found(tmp_path / "log.db", select(StoredCamera.name, StoredCamera.kind))) == {
        ("yard", "camera"),
        ("all", "group"),
    }


def test_rules_change_while_a_monitor_runs(configured, tmp_path):
    with Monitor() as monitor:
        monitor.apply(configured())
        session = monitor.sessions[0]
        monitor.apply(configured(BUSY))
        assert monitor.sessions[0].capture is session.capture
        assert waited_for(lambda: monitor.alarms.firing)
        monitor.apply(configured(BUSY | {"above": 6}))
        assert len(monitor.alarms.firing) == 1
        monitor.apply(configured())
        assert monitor.alarms.firing == ()
    assert [each.state for each in read_alerts(tmp_path / "log.db")] == [State.CLOSED]


def test_a_camera_that_is_lost_raises_its_alert_and_tells_the_log_why(configured, camera, tmp_path):
    with Monitor() as monitor:
        monitor.apply(configured({"name": "gone", "measure": "lost", "for_s": 3}))
        assert waited_for(lambda: monitor.sessions[0].tally.total.readings > 3)
        assert monitor.alarms.firing == ()
        camera.go_away()
        assert waited_for(lambda: monitor.alarms.firing)
        assert waited_for(lambda: monitor.alarms.people == {"all": None})
    reasons = {reason for (reason,) in found(tmp_path / "log.db", select(StoredGap.reason))}
    assert reasons & {"stalled", "reconnecting"}


def test_rules_without_a_log_are_refused(configured):
    with Monitor() as monitor, pytest.raises(ConfigError, match=r"rule 'busy' of 'yard' needs a log .* database"):
        monitor.apply(configured(BUSY, database=None))


def test_a_group_is_shown_as_the_sum_of_what_is_shown_of_its_members(configured):
    with Monitor() as monitor:
        monitor.apply(configured(BUSY, group_rules=[{"name": "full", "above": 50}]))
        assert waited_for(lambda: facts_of(monitor)[0].newest.zones)
        cameras = facts_of(monitor)
        assert [group.people for group in groups_of(monitor, cameras)] == [cameras[0].newest.zones["left"]]
        shown = [replace(each, newest=Newest(12.5, {"left": 2.5})) for each in cameras]
        assert [group.people for group in groups_of(monitor, shown)] == [2.5]
        assert [group.people for group in groups_of(monitor, [])] == [None]


def test_watch_shows_rules_that_fire(configured):
    with Monitor() as monitor:
        monitor.apply(configured(BUSY | {"zone": "left", "above": 3}, group_rules=[{"name": "full", "above": 50}]))
        monitor.alarms.operator = "Anna"
        assert waited_for(lambda: monitor.alarms.firing and all(monitor.alarms.people.values()))
        until = round(time()) + 3600
        assert all(monitor.alarms.suspend(*rule, until) for rule in (("yard", "busy"), ("all", "full")))
        cameras, groups = facts_of(monitor), groups_of(monitor)
    console = Console(file=StringIO(), width=120)
    console.print(drawn(cameras, groups, overloaded=False))
    table = console.file.getvalue()
    assert "yard: CRITICAL busy in left: above 3 people for 1 s, since " in table
    assert [text.split()[:3] for text in table.splitlines() if text.startswith("all ")] == [["all", "group", "4"]]
    assert "CRITICAL busy in left: above 3 people for 1 s, since " in line(cameras[0])
    said = f"is suspended until {when(until)} by Anna"
    assert f"yard: rule 'busy' {said}" in table
    assert line(cameras[0]).endswith(f"rule 'busy' {said}")
    assert group_line(groups[0]) == f"all: group  4 people  rule 'full' {said}"
    (suspended,) = json.loads(json.dumps(cameras[0].as_dict))["suspended"]
    assert (suspended["rule"], suspended["by"]) == ("busy", "Anna")
    (alert,) = json.loads(json.dumps(cameras[0].as_dict))["alerts"]
    assert (alert["rule"], alert["zone"], alert["severity"], alert["peak"]) == ("busy", "left", "critical", 4.0)


def test_a_watch_of_rules_is_refused_without_a_database_and_taken_with_one(configured, camera, tmp_path, capsys):
    path = tmp_path / "cameras.toml"
    path.write_text(
        f'model = "eight.onnx"\n[[cameras]]\nname = "yard"\naddress = "{camera.address}"\n'
        '[[cameras.rules]]\nname = "busy"\nabove = 5\n'
    )
    assert main(["watch", "--config", str(path)]) == 2
    assert "rule 'busy' of 'yard' needs a log" in capsys.readouterr().err
    given = ["--database", str(tmp_path / "l.db"), "--duration", "4", "--json"]
    assert main(["watch", "--config", str(path), *given]) == 0
    shown = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [alert["rule"] for alert in shown[-1]["alerts"]] == ["busy"]
    assert [each.rule_name for each in read_alerts(tmp_path / "l.db")] == ["busy"]
    engine = open_database(tmp_path / "l.db")
    rows = rows_of(engine)
    engine.dispose()
    assert [row.action for row in rows] == ["start", "stop"]
    assert main(["audit", "verify", "--database", str(tmp_path / "l.db")]) == 0


def test_sinks_follow_the_configuration_of_a_monitor(configured, monkeypatch):
    monkeypatch.setenv("HOOK_KEY", "key")
    with Receiver(500) as wrong, Receiver() as right, Monitor() as monitor:
        hook = {"name": "hook", "kind": "webhook", "password_env": "HOOK_KEY"}
        monitor.apply(configured(BUSY, sinks=[hook | {"url": wrong.url}]))
        assert waited_for(lambda: monitor.alarms.sinks[0].problem)
        facts = json.loads(json.dumps(monitor.alarms.sinks[0].as_dict))
        assert (facts["sink"], facts["waiting"], facts["last_success"]) == ("hook", 1, None)
        assert facts["problem"].startswith("sink 'hook': the webhook answered 500")
        console = Console(file=StringIO(), width=120)
        console.print(drawn((), (), monitor.alarms.sinks, overloaded=False))
        assert "expected 200; look at its own log (1 waiting)" in console.file.getvalue()
        monitor.apply(configured(BUSY, sinks=[hook | {"url": right.url}]))
        assert waited_for(lambda: right.told and not monitor.alarms.sinks[0].waiting)
        assert right.told[0]["alert"]["owner"] == "yard"
        assert right.told[0]["audit"]["number"] >= 1
        monitor.apply(configured(BUSY))
        assert monitor.alarms.sinks == ()


def test_a_sink_whose_secret_is_missing_is_refused_and_what_runs_goes_on(configured, monkeypatch):
    monkeypatch.delenv("HOOK_KEY", raising=False)
    hook = {"name": "hook", "kind": "webhook", "url": "http://127.0.0.1:1/", "password_env": "HOOK_KEY"}
    with Monitor() as monitor:
        monitor.apply(configured(BUSY))
        session = monitor.sessions[0]
        with pytest.raises(ConfigError, match=r"sink 'hook': .* password_env names is not set"):
            monitor.apply(configured(BUSY, sinks=[hook]))
        assert monitor.sessions[0] is session
        with pytest.raises(ConfigError, match=r"sink 'hook' needs a log .* database"):
            monitor.apply(configured(database=None, sinks=[hook]))
