"""Rules that raise nothing for a while: asked for by any program, heeded by the one that watches, over restarts."""

import json
from datetime import datetime
from time import time

import pytest

from engine.alerts.guard import Guard, Orders
from engine.alerts.suspension import LIFTED, Suspension, holding, suspend
from engine.cli import main
from engine.commands.watch_table import when
from engine.log.audit import faults, kept_tip, rows_of
from engine.log.database import open_database, open_existing
from engine.log_arguments import until
from logged import held, waited_for
from test_alerts import BUSY, START, Scene, log, sight  # noqa: F401

MINUTE = Suspension("yard", "busy", START + 60, "Anna", "the fair")


def raises(scene, *counts):
    scene.see(*counts)
    return [each.placed.rule.name for each in scene.guard.firing]


def ask(target, suspension):
    """Does what another program does."""
    engine = open_existing(target)
    suspend(engine, suspension)
    engine.dispose()


def test_a_suspended_rule_stays_so_after_a_restart_and_tells_who_asked(log):  # noqa: F811
    scene = Scene(log, BUSY)
    assert scene.guard.suspend(MINUTE)
    assert not scene.guard.suspend(Suspension("yard", "nosuch", START + 60, "Anna"))
    assert scene.guard.suspended == (MINUTE,)
    scene.close()
    scene = Scene(log, BUSY, start=10)
    assert scene.guard.suspended == (MINUTE,)
    assert raises(scene, *[26] * 20) == []
    scene.second = START + 60
    assert scene.guard.suspended == ()
    assert raises(scene, 26, 26, 26) == ["busy"]
    scene.close()
    engine = open_existing(log)
    rows = rows_of(engine)
    assert [(row.who, row.action, row.subject) for row in rows] == [("Anna", "suspend", "yard: busy")]
    assert json.loads(rows[0].detail)["note"] == "the fair"
    assert faults(rows, kept_tip(engine.url)) == []
    engine.dispose()


def test_what_another_program_asks_for_is_heeded_while_a_watch_runs(log):  # noqa: F811
    scene = Scene(log, BUSY)
    ask(log, MINUTE)
    assert waited_for(lambda: scene.journal.suspensions)
    assert raises(scene, *[26] * 5) == []
    assert scene.guard.suspended == (MINUTE,)
    ask(log, Suspension("yard", "busy", LIFTED, "Bo"))
    assert waited_for(lambda: scene.journal.suspensions[MINUTE.key].until == LIFTED)
    assert raises(scene, 26, 26, 26) == ["busy"]
    assert scene.guard.suspended == ()
    scene.close()
    scene = Scene(log, BUSY, start=20)
    assert scene.guard.suspended == ()
    scene.close()


def test_an_alert_that_is_open_goes_on_while_its_rule_is_suspended_and_clears_but_does_not_become_worse(tmp_path):
    scene = Scene(tmp_path / "log.db", BUSY)
    scene.see(26, 26, 26)
    scene.guard.suspend(MINUTE)
    scene.see(*[40] * 30)
    assert [(each.severity.value, each.peak) for each in scene.guard.firing] == [("warning", 40.0)]
    assert raises(scene, 20, 20, 20, 26, 26, 26) == []
    scene.close()


def test_a_log_that_is_held_delays_no_suspension_and_is_told_later(tmp_path):
    scene = Scene(tmp_path / "log.db", BUSY)
    with held(tmp_path / "log.db"):
        scene.guard.suspend(MINUTE)
        assert raises(scene, *[26] * 5) == []
    scene.close()
    engine = open_existing(tmp_path / "log.db")
    assert holding(engine, START) == [MINUTE]
    engine.dispose()


def test_a_rule_that_was_suspended_where_no_log_could_be_opened_is_so_in_the_log_that_comes(tmp_path):
    guard = Guard(lambda second: [sight(people=26)], clock=lambda: START)
    orders = Orders((BUSY,), owners=frozenset(["yard"]))
    guard.apply(orders, None)
    guard.suspend(MINUTE)
    scene = Scene(tmp_path / "log.db")
    guard.apply(orders, scene.journal)
    assert guard.suspended == (MINUTE,)
    scene.close()
    engine = open_existing(tmp_path / "log.db")
    assert holding(engine, START) == [MINUTE]
    engine.dispose()


def test_a_suspension_holds_for_a_rule_that_is_taken_out_and_comes_again(tmp_path):
    scene = Scene(tmp_path / "log.db", BUSY)
    scene.guard.suspend(MINUTE)
    scene.give(owners=["yard"])
    assert scene.guard.suspended == ()
    scene.give(BUSY, owners=["yard"])
    assert scene.guard.suspended == (MINUTE,)
    scene.close()


@pytest.fixture
def watched(tmp_path):
    """A log over which a rule was guarded."""
    Scene(tmp_path / "log.db", BUSY).close()
    return tmp_path / "log.db"


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_rule_is_suspended_listed_and_resumed_at_the_command_line(watched, capsys):
    place = ["--database", watched]
    status, out, _ = run(capsys, "alerts", *place, "suspend", "yard", "busy", "--for", "2h", "--who", "Anna")
    assert status == 0
    assert out.startswith("rule 'busy' of 'yard' raises no alert until ")
    (listed,) = json.loads(run(capsys, "alerts", "suspended", "--json", *place)[1])
    assert (listed["owner"], listed["rule"], listed["by"]) == ("yard", "busy", "Anna")
    assert abs(datetime.fromisoformat(listed["until"]).timestamp() - time() - 7200) < 60
    assert "yard: rule 'busy' is suspended until " in run(capsys, "alerts", "suspended", *place)[1]
    assert "rule 'busy' is suspended until " in run(capsys, "alerts", *place)[1]
    assert run(capsys, "alerts", "resume", "yard", "busy", *place)[1].startswith("rule 'busy' of 'yard' raises alerts")
    assert run(capsys, "alerts", "suspended", "--json", *place)[1] == "[]\n"
    engine = open_database(watched)
    assert [row.action for row in rows_of(engine)] == ["suspend", "resume"]
    engine.dispose()


def test_a_rule_that_nobody_knows_or_a_moment_that_is_over_is_refused(watched, tmp_path, capsys):
    suspended = ["alerts", "suspend", "yard"]
    status, _, err = run(capsys, *suspended, "bussy", "--for", "2h", "--database", watched)
    assert (status, "knows no rule 'bussy' of 'yard', expected one of: 'yard' 'busy'" in err) == (2, True)
    status, _, err = run(capsys, *suspended, "busy", "--until", "2020-01-01 18:00", "--database", watched)
    assert (status, "2020-01-01 18:00 is over, expected a moment to come" in err) == (2, True)
    config = tmp_path / "cameras.toml"
    rule = '[[cameras.rules]]\nname = "full"\nabove = 9\n'
    config.write_text(f'database = "log.db"\n[[cameras]]\nname = "yard"\naddress = "a.mp4"\n{rule}')
    assert run(capsys, *suspended, "full", "--until", "23:59", "--config", config)[0] == 0  # though never watched
    assert "cameras.toml knows no rule 'busy'" in run(capsys, *suspended, "busy", "--for", "1h", "--config", config)[2]


@pytest.mark.parametrize("text", ["18:00", "0:30", "2030-11-26 18:00", "2030-11-26T18:00+01:00"])
def test_a_moment_to_come_is_written_as_people_do(text):
    assert until(text) > time()
    if len(text) < 6:
        assert until(text) <= time() + 90_000
        assert datetime.fromtimestamp(until(text)).strftime("%H:%M") == text.zfill(5)


def test_a_moment_of_another_day_is_told_with_its_date():
    assert when(round(time()) + 3 * 86_400).startswith("20")
