"""Rules and groups as they are configured, and what is refused of them."""

from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.monitor.session import order_of, planned_sessions
from engine.rules.rule import Measure, Rule, Severity, lost_rule
from engine.rules.schedule import Schedule, window
from engine.settings.config import Config
from engine.settings.config_file import config_text, load_config, save_config
from engine.settings.problems import checked, problems

YARD = {"name": "yard", "address": "a.mp4", "capacity": 40, "zones": [{"name": "left/1", "polygon": []}]}
YARD["zones"][0]["polygon"] = [[0, 0], [1, 0], [1, 1]]


def configured(rule=None, group=None, **camera):
    values = {"cameras": [YARD | camera | ({} if rule is None else {"rules": [{"name": "busy"} | rule]})]}
    return checked(Config, values | ({} if group is None else {"groups": [{"name": "all"} | group]}), "x.toml")


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        pytest.param({"above": 25, "for_s": 3}, Rule("busy", 25.0, for_s=3.0), id="a whole rule"),
        pytest.param({"below": 5.5}, Rule("busy", 5.5, is_above=False), id="below"),
        pytest.param({"above": 0}, Rule("busy", 0.0), id="anybody"),
        pytest.param({"measure": "share", "above": 0.9}, Rule("busy", 0.9, measure=Measure.SHARE), id="share"),
        pytest.param(
            {"measure": "change", "below": -10},
            Rule("busy", -10.0, is_above=False, measure=Measure.CHANGE),
            id="change",
        ),
        pytest.param({"measure": "lost", "for_s": 60}, lost_rule("busy", for_s=60.0), id="lost"),
        pytest.param(
            {
                "above": 25,
                "clear": 20,
                "clear_for_s": 9,
                "cooldown_s": 60,
                "severity": "info",
                "for_s": 3,
                "worse_severity": "critical",
                "worse_after_s": 300,
                "schedule": ["mon 08:00-09:00"],
                "timezone": "UTC",
            },
            Rule(
                "busy",
                25.0,
                clear=20.0,
                for_s=3.0,
                clear_for_s=9.0,
                cooldown_s=60.0,
                severity=Severity.INFO,
                worse=Severity.CRITICAL,
                worse_after_s=300.0,
                schedule=Schedule((window("mon 08:00-09:00"),), "UTC"),
            ),
            id="all of it",
        ),
    ],
)
def test_a_rule_is_what_was_configured(values, rule):
    assert configured(values).cameras[0].rules[0].rule() == rule


def test_one_time_of_a_schedule_needs_no_list_around_it():
    bare = configured({"above": 25, "schedule": "mon 08:00-09:00"}).cameras[0].rules[0]
    assert bare == configured({"above": 25, "schedule": ["mon 08:00-09:00"]}).cameras[0].rules[0]


def test_clear_levels_that_are_not_given_lie_a_tenth_on_the_good_side():
    levels = [({"above": 25}, 22.5), ({"below": 10}, 11.0), ({"measure": "change", "above": -10}, -11.0),
              ({"measure": "change", "below": -10}, -9.0)]  # fmt: skip
    for values, level in levels:
        rule = configured(values).cameras[0].rules[0].rule()
        assert rule.clear_level == pytest.approx(level)
        assert rule.clear_time_s == rule.for_s


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({}, "camera 'yard', rule 'busy' has neither above nor below, expected one of the two"),
        ({"above": 1, "below": 2}, "has above and also below"),
        ({"above": 25, "clear": 26}, "has clear = 26 above its threshold 25, expected at most that"),
        ({"below": 25, "clear": 24}, "has clear = 24 below its threshold 25, expected at least that"),
        ({"above": 25, "clear": -1}, "has clear = -1, at which no alert would ever clear"),
        ({"below": 0}, "has below = 0, and no count is below 0"),
        ({"above": -1}, "has above = -1, and no count is below 0"),
        ({"measure": "share", "above": 90}, "has above = 90 on a share, expected such as 0.9"),
        ({"measure": "lost", "above": 1, "for_s": 5}, "has above and measure = 'lost'"),
        ({"measure": "lost"}, "has measure = 'lost' and no for_s"),
        ({"measure": "lost", "for_s": 5, "zone": "left/1"}, "only a whole camera can be lost"),
        ({"above": 1, "zone": "north"}, "has rule 'busy' on zone 'north', which is not there; there are: left/1"),
        ({"above": 1, "zone": "left/1", "measure": "share"}, "expected the capacity of zone 'left/1'; add it"),
        ({"above": 1, "worse_severity": "critical"}, "expected both or none"),
        ({"above": 1, "worse_severity": "warning", "worse_after_s": 5}, "no worse than warning"),
        ({"above": 1, "schedule": []}, "has an empty schedule, which never applies"),
        (
            {"above": 1, "schedule": ["mon 08:00-08:00"]},
            "holds 'mon 08:00-08:00', which never applies",
        ),
        ({"above": 1, "schedule": ["mon 8-9"]}, "expected days and times such as 'mon-fri 08:00-18:00'"),
        ({"above": 1, "schedule": "mon 08:00-09:00, tue 08:00-09:00"}, "expected days and times such as"),
        ({"above": 1, "timezone": "UTC"}, "has a timezone and no schedule"),
        ({"above": 1, "schedule": ["mon 08:00-09:00"], "timezone": "Mars/Olympus"}, "has a timezone that is not known"),
        ({"above": 1, "schedule": ["mon 08:00-09:00"], "timezone": "../../etc"}, "has a timezone that is not known"),
        ({"above": 1, "for_s": -1}, "for_s is -1, expected greater than or equal to 0"),
        ({"above": "many"}, "above is 'many', expected a valid number"),
        ({"above": 1, "severity": "bad"}, "severity is 'bad', expected 'info', 'warning' or 'critical'"),
        ({"above": 1, "over": 2}, "has no setting 'over'; there are: name, zone, measure"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_its_name(rule, reason):
    with pytest.raises(ConfigError) as caught:
        configured(rule)
    assert "x.toml: camera 'yard'" in str(caught.value)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"members": []}, "has group 'all' without members"),
        ({"members": ["gate"]}, "member 'gate', expected a camera or camera/zone that there is"),
        ({"members": ["yard/right"]}, "member 'yard/right', expected a camera or camera/zone"),
        ({"members": ["all"]}, "has group 'all' with itself as a member"),
        ({"members": ["yard", "yard/left/1"]}, "in which 'yard/left/1' is counted twice"),
        ({"members": ["yard", "yard"]}, "in which 'yard' is counted twice"),
        ({"members": ["yard"], "name": "Yard"}, "has group 'Yard' and a camera of that name"),
        ({"members": ["yard"], "rules": [{"name": "r", "above": 1, "zone": "left/1"}]}, "rule 'r' with a zone"),
        ({"members": ["yard"], "rules": [{"name": "r", "measure": "lost", "for_s": 1}]}, "which only a camera can be"),
        ({"members": ["yard"], "rules": [{"name": "r", "measure": "share", "above": 1}]}, "expected its capacity"),
        ({"members": ["yard"], "rules": [{"name": "r", "above": 1}] * 2}, "lists 'r' twice"),
        ({}, "group 'all': has no members, expected one"),
    ],
)
def test_a_group_that_cannot_be_is_refused_by_its_name(group, reason):
    with pytest.raises(ConfigError) as caught:
        configured(group=group)
    assert reason in str(caught.value)


def test_a_rule_on_a_camera_that_is_not_counted_is_refused():
    with pytest.raises(ConfigError, match="has rule 'busy' and counted = false"):
        configured({"above": 1}, counted=False)
    assert configured({"measure": "lost", "for_s": 9}, counted=False)


def test_what_is_wrong_with_a_rule_is_told_beside_its_field():
    rules = [{"name": "busy", "above": 25, "clear": 30}]
    (found,) = problems(Config, {"cameras": [YARD | {"rules": rules}]}, "x.toml")
    assert found.place == ("cameras", "yard", "rules", "busy", "clear")


TEXT = """\
database = "log.db"

[[cameras]]
name = "yard"
address = "a.mp4"

[[cameras.rules]]
name = "busy"        # as agreed with the fire brigade
above = 25
for_s = 3

[[groups]]
name = "all"
members = ["yard"]

[[groups.rules]]
name = "full"
below = 3
schedule = ["daily 22:00-06:00"]
"""


def test_rules_and_groups_are_written_as_they_were_read(tmp_path: Path):
    path = tmp_path / "x.toml"
    path.write_text(TEXT)
    config = load_config(path)
    assert config.first_rule == "rule 'busy' of 'yard'"
    save_config(config, path)
    assert path.read_text() == TEXT
    again, _ = config_text(config, "", tmp_path / "new.toml")
    (tmp_path / "new.toml").write_text(again)
    assert load_config(tmp_path / "new.toml") == config


def test_retention_is_a_table_that_is_read_written_and_refused_by_its_name(tmp_path: Path):
    path = tmp_path / "x.toml"
    path.write_text("[retention]\nsamples_days = 30 # as the works council wants it\n")
    config = load_config(path)
    assert config.retention.samples_days == 30
    save_config(config, path)
    assert path.read_text() == "[retention]\nsamples_days = 30 # as the works council wants it\n"
    assert "retention" not in config_text(Config(), "", path)[0]
    again, _ = config_text(config, "", path)
    assert again == "[retention]\nsamples_days = 30\n"
    for values, words in (
        ({"samples_days": 0}, "x.toml: retention: samples_days is 0, expected greater than or equal to 1"),
        ({"films_days": 1}, "x.toml: retention: has no setting 'films_days'; there are: samples_days"),
    ):
        with pytest.raises(ConfigError, match=words):
            checked(Config, {"retention": values}, "x.toml")


def test_cameras_with_rules_are_counted_as_often_as_is_said_and_go_on_where_that_changes():
    gate, rules = {"name": "gate", "address": "b.mp4"}, [{"name": "busy", "above": 25}]
    plans = [{}]
    for alert_weight, of_yard in ((1.0, rules), (2.0, rules), (2.0, [])):
        cameras = [YARD | {"weight": 1.5, "rules": of_yard}, gate]
        config = checked(Config, {"cameras": cameras, "alert_weight": alert_weight}, "x.toml")
        plans.append(planned_sessions(config, plans[-1], order_of))
    weights = [[session.camera.weight for session in plan.values()] for plan in plans[1:]]
    assert weights == [[1.5, 1.0], [3.0, 1.0], [1.5, 1.0]]
    assert plans[2]["yard"].is_counted_unlike(plans[1]["yard"])
    assert plans[2]["yard"].counter is plans[1]["yard"].counter
    assert plans[2]["gate"] is plans[1]["gate"]
