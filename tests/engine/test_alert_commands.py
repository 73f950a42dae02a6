"""`deepcount-engine alerts` and `rules try` as their users meet them."""

import json
import re
from dataclasses import replace
from datetime import datetime
from time import monotonic, time

import pytest
from rich.text import Text

from engine.alerts.listing import State, alerts_of
from engine.alerts.past import past_seconds
from engine.alerts.standing import stands
from engine.cli import main
from engine.counting.reading import Sample, ZoneSample
from engine.log.audit import Deed, note, rows_of
from engine.log.database import open_database
from engine.log.gaps import Gap
from engine.log.place import LOCK_TIMEOUT_S
from engine.log.run import RunRecord
from engine.log.writing import write
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from logged import held
from test_alerts import BUSY, Scene
from test_log_zones import old_log

CONFIG = """
database = "log.db"
[[cameras]]
name = "yard"
address = "a.mp4"
[[cameras.rules]]
name = "busy"
above = 25
for_s = 3
[[cameras.rules]]
name = "gone"
measure = "lost"
for_s = 10
[[cameras.rules]]
name = "left"
zone = "left"
below = 1
[[cameras.zones]]
name = "left"
polygon = [[0, 0], [1, 0], [1, 1]]
[[groups]]
name = "all"
members = ["yard"]
[[groups.rules]]
name = "busy"
above = 50
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "cameras.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def raised(tmp_path):
    """A log with an alert that was cleared, and one that is open."""
    scene = Scene(tmp_path / "log.db", BUSY)
    scene.see(26, 26, 26, 20, 20, 20, 40, 40, 40)
    scene.close()
    return tmp_path / "log.db"


def run(capsys, *arguments):
    status = main([*map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_alerts_are_listed_as_a_table_and_as_one_json_list(raised, config, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    status, out, _ = run(capsys, "alerts", "--database", raised)
    assert status == 0
    assert [text.split()[0] for text in out.splitlines()] == ["id", "2", "1"]
    assert "busy (above 25 people for 3 s)" in out
    monkeypatch.setenv("COLUMNS", "60")  # of a file or another program it says nothing
    assert run(capsys, "alerts", "--database", raised)[1].splitlines()[1:] == out.splitlines()[1:]
    status, out, _ = run(capsys, "alerts", "--config", config, "--json")
    listed = json.loads(out)
    assert [(each["id"], each["state"], each["peak"]) for each in listed] == [(2, "open", 40.0), (1, "cleared", 26.0)]


def test_a_narrow_terminal_shows_numbers_and_times_whole(raised, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    out = Text.from_ansi(run(capsys, "alerts", "--database", raised)[1]).plain
    rows = re.findall(r"^ *(\d) +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +(\w+) +warning ", out, re.MULTILINE)
    assert rows == [("2", "open"), ("1", "cleared")]


def test_the_users_own_log_is_listed_where_none_is_given(raised, capsys, monkeypatch):
    monkeypatch.setattr("engine.commands.alerts.default_database", lambda: raised)
    status, out, _ = run(capsys, "alerts", "--json")
    assert (status, len(json.loads(out))) == (0, 2)


@pytest.mark.parametrize("before", [True, False], ids=["log first", "log last"])
def test_an_alert_is_acknowledged_once_and_that_is_in_the_audit_log(raised, capsys, before):
    place = ["--database", raised]
    deed = ["acknowledge", "1", "--note", "gate opened", "--who", "Ada"]
    status, out, _ = run(capsys, "alerts", *(place if before else []), *deed, *([] if before else place))
    assert status == 0
    assert "alert 1 (yard: busy) was acknowledged by Ada" in out
    status, _, err = run(capsys, "alerts", *deed, *place)
    assert status == 2
    assert "was acknowledged before, by Ada" in err
    alert = json.loads(run(capsys, "alerts", *place, "--json")[1])[1]
    assert (alert["state"], alert["acknowledged_by"], alert["note"]) == ("closed", "Ada", "gate opened")
    assert run(capsys, "audit", "verify", *place)[0] == 0
    engine = open_database(raised)
    (row,) = rows_of(engine)
    engine.dispose()
    assert (row.who, row.action, row.subject) == ("Ada", "acknowledge", "yard")
    assert json.loads(row.detail)["alert"] == alert["uid"]


def test_an_alert_that_nothing_will_clear_is_closed(raised, capsys):
    place = ["--database", raised]
    status, out, _ = run(capsys, "alerts", "close", "2", "--note", "camera renamed", "--who", "Ada", *place)
    assert (status, out) == (0, "alert 2 (yard: busy) was closed by Ada\n")
    alert = json.loads(run(capsys, "alerts", *place, "--json")[1])[0]
    assert (alert["state"], alert["acknowledged_by"], alert["note"]) == ("closed", "Ada", "camera renamed")
    assert "holds no alert 9" in run(capsys, "alerts", "close", "9", *place)[2]
    assert run(capsys, "audit", "verify", *place)[0] == 0


@pytest.mark.parametrize("ago_s", [5, 600], ids=["counted now", "counted long ago"])
def test_an_alert_that_still_stands_is_closed_only_if_that_is_asked_for(raised, model_file, capsys, ago_s):
    engine, place = open_database(raised), ["--database", raised]
    write(engine, [(RunRecord("yard", model_file, time() - ago_s), Sample(0, 40.0, 40.0, 40.0, 1))])
    engine.dispose()
    status, out, err = run(capsys, "alerts", "close", "2", *place)
    if ago_s > 120:
        assert (status, "was closed by" in out) == (0, True)
        return
    assert status == 2
    assert re.search(r"alert 2 \(yard: busy\) still stands, since 'yard' was counted \d s ago, .*\(--anyway\)", err)
    assert json.loads(run(capsys, "alerts", *place, "--json")[1])[0]["state"] == "open"
    assert run(capsys, "alerts", "close", "1", *place)[0] == 0
    assert run(capsys, "alerts", "close", "2", "--anyway", *place)[0] == 0


def test_a_lost_camera_is_waited_for_while_a_watch_has_not_ended(raised):
    engine = open_database(raised)
    known = next(alert for alert in alerts_of(engine) if alert.state is State.OPEN)
    lost = replace(known, rule=json.dumps({"measure": "lost"}))
    found = []
    for action in ("start", "stop"):
        note(engine, [Deed("Ada", action, "watch", {"cameras": ["yard"]})])
        with engine.connect() as connection:
            found.append(stands(connection, lost, time()))
    engine.dispose()
    assert found == ["a watch that has not ended waits for 'yard'", ""]


def test_alerts_of_a_log_that_is_not_there_or_not_named_are_refused(tmp_path, capsys):
    status, _, err = run(capsys, "alerts", "--database", tmp_path / "none.db")
    assert status == 2
    assert "is not there yet" in err
    status, out, err = run(capsys, "alerts", "--json", "--database", tmp_path / "none.db")
    assert (status, json.loads(out), "is not there yet" in err) == (0, [], True)
    (tmp_path / "x.toml").write_text("")
    assert "names no database" in run(capsys, "alerts", "--config", tmp_path / "x.toml")[2]


@pytest.mark.parametrize("command", [("alerts",), ("audit", "verify"), ("notify", "list"), ("alerts", "suspended")])
def test_whoever_only_reads_waits_for_nobody_who_writes(raised, capsys, command):
    with held(raised):
        began_s = monotonic()
        assert run(capsys, *command, "--database", raised)[0] == 0
        assert monotonic() - began_s < LOCK_TIMEOUT_S


def test_a_log_of_an_older_version_is_brought_up_to_this_one_to_be_listed(tmp_path, capsys):
    old_log(tmp_path / "log.db")
    assert run(capsys, "alerts", "--database", tmp_path / "log.db")[1] == "no alerts\n"
    assert list(tmp_path.glob("log.before-*.db"))


@pytest.fixture
def stored(tmp_path, model_file):
    """A log with the last ten minutes: busy from 100 to 200, lost from 300 to 330, nobody to the left at 400."""
    began = int(time()) - 600
    engine, record = open_database(tmp_path / "log.db"), RunRecord("yard", model_file, began + 0.25)
    entries = [(record, Gap(300, 31, "reconnecting"))]
    for second in range(595):
        if not 300 <= second <= 330:
            people, left = (40.0 if second == 150 else 30.0 if 100 <= second <= 200 else 5.0), 2.0 * (second != 400)
            entries.append(
                (record, Sample(second, people, people, people, 1, zones=(ZoneSample("left", left, left, left, 1),)))
            )
    write(engine, entries)
    engine.dispose()
    return began


@pytest.mark.parametrize(
    ("rule", "times", "peak"),
    [("yard/busy", (102, 203), 40.0), ("gone", (309, 340), 1.0), ("left", (400, 401), 0.0)],
)
def test_a_rule_is_tried_over_what_is_stored(stored, config, capsys, rule, times, peak):
    status, out, _ = run(capsys, "rules", "try", "--config", config, "--rule", rule, "--since", "1h", "--json")
    assert status == 0
    (alert,) = json.loads(out)
    moments = [round(datetime.fromisoformat(alert[key]).timestamp()) for key in ("raised", "cleared")]
    assert [moment - stored for moment in moments] == list(times)
    assert alert["peak"] == peak


def test_a_trial_is_told_in_words_and_a_rule_that_is_not_there_is_refused(stored, config, capsys):
    status, out, _ = run(capsys, "rules", "try", "--config", config, "--rule", "yard/busy")
    assert status == 0
    assert "it would have raised 1 alert\n  raised 20" in out
    assert "peak 40 at 20" in out
    for name, words in (("nosuch", "holds no rule 'nosuch'"), ("busy", "holds several rules called 'busy'")):
        status, _, err = run(capsys, "rules", "try", "--config", config, "--rule", name)
        assert status == 2
        assert words in err
        assert "expected one of: yard/busy, yard/gone, yard/left, all/busy" in err


def test_a_count_that_is_taken_seldom_stands_in_a_trial_as_it_does_live(tmp_path, model_file):
    engine, record = open_database(tmp_path / "log.db"), RunRecord("yard", model_file, 1000.0)
    write(engine, [(record, Sample(second, 9.0, 9.0, 9.0, 1)) for second in (0, 3, 20)])
    placed = Placed(Rule("r", 1.0), Subject("yard"))
    seconds = list(past_seconds(engine, placed, 1000, 1022, hold_s=3.0))
    engine.dispose()
    known = [each.second - 1000 for each in seconds if each.counts[Subject("yard")] is not None]
    assert known == [0, 1, 2, 3, 4, 5, 6, 20, 21]
