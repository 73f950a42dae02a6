"""Rules on certainty, on people per square metre, and on whether a count is to be relied on."""

import numpy as np
import pytest

from engine.alerts.counts import Counts, Group, Sight
from engine.alerts.past import past_seconds
from engine.counting.doubt import Doubt
from engine.counting.reading import Reading, Sample, Sampler
from engine.errors import ConfigError
from engine.inference.error_table import Interval
from engine.log.database import open_database
from engine.log.run import RunRecord
from engine.log.writing import write
from engine.picture.frame import Frame
from engine.rules.rule import Measure, Rule
from engine.rules.rulebook import Placed, Rulebook
from engine.rules.series import Subject
from engine.settings.config import CameraSettings
from engine.settings.problems import checked

GATE = Subject("gate")
CERTAIN = Placed(Rule("sure", 200.0, certain=True), GATE)
UNSURE = Placed(Rule("unsure", 200.0), GATE)
FEWER = Placed(Rule("few", 50.0, is_above=False, certain=True), GATE)
DENSE = Placed(Rule("dense", 4.0, measure=Measure.DENSITY), Subject("gate", "north"))
DENSEST = Placed(Rule("densest", 5.0, measure=Measure.DENSITY), GATE)
DOUBTED = Placed(Rule("blind", 0.5, clear=0.5, measure=Measure.DOUBT), GATE)
ALL = (CERTAIN, UNSURE, FEWER, DENSE, DENSEST, DOUBTED)


def sample(people, interval=None, doubt=Doubt.NONE):
    return Sample(0, people, people, people, 1, interval=interval and Interval(*interval), doubt=doubt)


def raised(sight, groups=()):
    second, _ = Counts(groups).second(7, [sight])
    return {each.placed.rule.name for each in Rulebook(ALL).step(second)}


@pytest.mark.parametrize(
    ("sight", "names"),
    [
        pytest.param((sample(230.0, (180.0, 300.0)), {}), {"unsure"}, id="perhaps"),
        pytest.param((sample(230.0, (210.0, 300.0)), {}), {"sure", "unsure"}, id="for sure"),
        pytest.param((sample(230.0), {}), {"unsure"}, id="nobody knows how sure"),
        pytest.param((sample(30.0, (10.0, 45.0)), {}), {"few"}, id="fewer for sure"),
        pytest.param((sample(100.0, None, Doubt.DARK), {}), {"blind"}, id="not to be relied on"),
        pytest.param((sample(100.0), {"north": 4.5, None: 4.9}), {"dense"}, id="a dense zone"),
        pytest.param((sample(100.0), {"north": None, None: 5.2}), {"densest"}, id="a dense place, a zone in the sky"),
        pytest.param((None, {}), set(), id="nothing known"),
    ],
)
def test_rules_go_by_what_is_known(sight, names):
    seen, densities = sight
    assert raised(Sight("gate", seen, False, 0.0, 0.0, densities)) == names


def test_a_group_is_as_uncertain_as_all_its_members_together():
    group = Group("all", (GATE, Subject("door")))
    sights = [Sight(name, sample(100.0, (80.0, 130.0)), False, 0.0, 0.0) for name in ("gate", "door")]
    second, _ = Counts([group]).second(7, sights)
    assert second.intervals[Subject("all")] == (160.0, 260.0)
    sights[1] = Sight("door", sample(100.0), False, 0.0, 0.0)
    assert Subject("all") not in Counts([group]).second(7, sights)[0].intervals


def test_the_past_is_seen_as_certain_as_it_was(tmp_path, model_file):
    log, frame, sampler = open_database(tmp_path / "log.db"), Frame.of(0, 0.0, np.zeros((8, 8, 3), np.uint8)), Sampler()
    told = [(190.0, Interval(150.0, 240.0), Doubt.NONE), (260.0, Interval(205.0, 320.0), Doubt.TORN)]
    samples = [
        sampler.add(float(place), Reading(frame, people, interval=interval, doubt=doubt))
        for place, (people, interval, doubt) in enumerate([*told, (100.0, None, Doubt.NONE)])
    ]
    record = RunRecord("gate", model_file, 1000.0)
    write(log, [(record, each) for each in [*samples, sampler.finish()] if each])
    found = {
        placed.rule.name: [
            happening.placed.rule.name
            for second in past_seconds(log, placed, 1000, 1010)
            for happening in Rulebook([placed]).step(second)
        ]
        for placed in (CERTAIN, UNSURE, DOUBTED, DENSE)
    }
    assert found == {"sure": ["sure"], "unsure": ["unsure"], "blind": ["blind"], "dense": []}
    log.dispose()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param({"measure": "density", "above": 4}, "expected a calibration", id="no calibration"),
        pytest.param({"measure": "density", "above": 40}, "expected at most 15", id="too dense"),
        pytest.param({"above": 4, "certain": True, "zone": "north"}, "has an interval", id="a zone"),
        pytest.param({"measure": "change", "above": 4, "certain": True}, "has no interval", id="a change"),
        pytest.param({"measure": "doubt", "above": 4, "for_s": 3}, "no more or less", id="more doubt"),
        pytest.param({"measure": "doubt"}, "how long the count has to be doubted", id="doubt at once"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_remedy(rule, said):
    zones = [{"name": "north", "polygon": [[0, 0], [1, 0], [1, 1]]}]
    values = {"name": "gate", "address": "webcam:0", "zones": zones, "rules": [{"name": "r", **rule}]}
    with pytest.raises(ConfigError, match=said):
        checked(CameraSettings, values, "cameras.toml")


def test_rules_say_what_they_are_about():
    said = [each.rule.said for each in ALL]
    assert said[0] == "above 200 people with 95 % certainty"
    assert said[3] == "above 4 people/m²"
    assert said[5] == "count not to be relied on"
