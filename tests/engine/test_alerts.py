"""Alerts from what is counted to what is in the log, over restarts and a log that fails."""

import json
from dataclasses import replace
from datetime import UTC

import numpy as np
import pytest

from engine.alerts.counts import Counts, Group, Sight
from engine.alerts.feed import Feed
from engine.alerts.guard import Guard, Orders
from engine.alerts.journal import Journal
from engine.alerts.listing import State, acknowledge, read_alerts
from engine.alerts.record import Model, Proof
from engine.counting.reading import Sample, ZoneSample
from engine.errors import DatabaseError
from engine.log.database import open_database
from engine.picture.zones import ZoneCount
from engine.rules.rule import Rule, Severity, lost_rule
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from logged import held, reading, waited_for

START = 1_790_000_000
YARD, LEFT, ALL = Subject("yard"), Subject("yard", "left"), Subject("all")
BUSY = Placed(Rule("busy", 25.0, for_s=3, worse=Severity.CRITICAL, worse_after_s=20), YARD)


def sight(name="yard", people=None, is_lost=False, interval_s=0.0, **zones):
    """Returns what was seen of a camera in a second."""
    sample = None
    if people is not None:
        parts = tuple(ZoneSample(zone, count, count, count, 1) for zone, count in zones.items())
        sample = Sample(0, people, people, people, 1, zones=parts)
    return Sight(name, sample, is_lost, interval_s, interval_s)


class Scene:
    """A guard whose seconds are told."""

    def __init__(self, target, *placed, start=0, owners=("yard",)):
        self.journal, self.second, self.sights = Journal(target), START + start, []
        self.guard = Guard(lambda second: self.sights, clock=lambda: self.second)
        self.give(*placed, owners=owners)

    def give(self, *placed, owners):
        orders = Orders(tuple(placed), owners=frozenset(owners), model=Model("light", "ab" * 32))
        self.guard.apply(orders, self.journal)

    def see(self, *counts, **settings):
        for people in counts:
            self.sights = [sight(people=people, **settings)]
            self.guard.tick(self.second)
            self.second += 1

    def close(self):
        self.guard.close()
        self.journal.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    """Where a log may lie."""
    return tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


def since_start(moment):
    return None if moment is None else round(moment.replace(tzinfo=UTC).timestamp()) - START


def test_an_alert_is_in_the_log_with_its_rule_peak_and_model(log):
    scene = Scene(log, BUSY)
    scene.see(26, 31, 28, *[27] * 21, 20, 20, 20)
    scene.close()
    (alert,) = read_alerts(log)
    assert (alert.subject, alert.rule_name, alert.severity, alert.state) == ("yard", "busy", "critical", State.CLEARED)
    assert alert.said == "above 25 people for 3 s"
    times = alert.began_at, alert.raised_at, alert.peak_at, alert.worsened_at, alert.cleared_at, alert.closed_at
    assert [since_start(moment) for moment in times] == [0, 2, 1, 22, 26, None]
    assert (alert.peak, alert.model_name, alert.model_sha256) == (31.0, "light", "ab" * 32)
    shown = json.loads(json.dumps(alert.as_dict))
    assert (shown["rule"]["level"], shown["rule"]["clear"], shown["state"]) == (25.0, 22.5, "cleared")
    assert shown["raised_at"].endswith("+00:00")


def test_an_alert_goes_on_over_restarts_and_is_in_the_log_once(log):
    scene = Scene(log, BUSY)
    scene.see(26, 26, 26)
    scene.close()
    for part in ([27, 27], [40], [26, 20]):
        scene = Scene(log, BUSY, start=scene.second - START + 30)
        assert [each.placed.rule.name for each in scene.guard.firing] == ["busy"]
        scene.see(*part)
        scene.close()
    scene = Scene(log, BUSY, start=scene.second - START)
    scene.see(20, 20, 20, 20)
    assert scene.guard.firing == ()
    scene.see(26, 26, 26)
    scene.close()
    states = [(each.state, each.peak) for each in read_alerts(log)]
    assert states == [(State.OPEN, 26.0), (State.CLEARED, 40.0)]


def test_an_alert_goes_on_where_its_rule_comes_after_the_log_was_opened(tmp_path):
    scene = Scene(tmp_path / "log.db", BUSY)
    scene.see(26, 26, 26)
    scene.close()
    scene = Scene(tmp_path / "log.db", start=scene.second - START + 2, owners=())
    scene.see(27)
    scene.give(BUSY, owners=["yard"])
    assert [each.placed.rule.name for each in scene.guard.firing] == ["busy"]
    scene.see(27, 20, 20, 20, 26, 26, 26)
    scene.give(owners=[])
    scene.give(BUSY, owners=["yard"])
    assert scene.guard.firing == ()
    scene.close()
    assert [each.state for each in read_alerts(tmp_path / "log.db")] == [State.CLOSED, State.CLEARED]


def test_an_alert_that_moves_to_another_log_leaves_no_second_one_open_there(tmp_path):
    before = Scene(tmp_path / "b.db", BUSY)
    before.see(26, 26, 26)
    before.close()
    scene = Scene(tmp_path / "a.db", BUSY, start=100)
    scene.see(30, 30, 30)
    left, scene.journal = scene.journal, Journal(tmp_path / "b.db")
    scene.give(BUSY, owners=("yard",))
    left.close()
    scene.close()
    assert [(each.state, each.peak) for each in read_alerts(tmp_path / "b.db")] == [
        (State.OPEN, 30.0),
        (State.CLOSED, 26.0),
    ]


@pytest.mark.parametrize(
    ("placed", "owners", "state"),
    [
        pytest.param([replace(BUSY, rule=replace(BUSY.rule, level=20.0))], ["yard"], State.OPEN, id="other level"),
        pytest.param([replace(BUSY, rule=replace(BUSY.rule, is_above=False))], ["yard"], State.CLOSED, id="other side"),
        pytest.param([replace(BUSY, subject=LEFT)], ["yard"], State.CLOSED, id="other zone"),
        pytest.param([], ["yard"], State.CLOSED, id="taken out"),
        pytest.param([], ["street"], State.OPEN, id="of a camera that another program may watch"),
    ],
)
@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "between two programs"])
def test_an_alert_whose_rule_is_edited(tmp_path, placed, owners, state, restarted):
    if not restarted and owners == ["street"]:
        state = State.CLOSED  # who had the rule took it out
    scene = Scene(tmp_path / "log.db", BUSY)
    scene.see(26, 26, 26)
    if restarted:
        scene.close()
        scene = Scene(tmp_path / "log.db", *placed, start=10, owners=owners)
    else:
        scene.give(*placed, owners=owners)
    scene.close()
    assert [each.state for each in read_alerts(tmp_path / "log.db")] == [state]


def test_a_log_that_is_held_delays_no_alert_and_gets_it_later(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.alerts.journal.RETRY_S", 0.02)
    path = tmp_path / "log.db"
    scene = Scene(path, BUSY)
    with held(path):
        scene.see(26, 26, 26)
        assert len(scene.guard.firing) == 1
        assert waited_for(lambda: scene.journal.problem)
        scene.see(40, 20, 20, 20)
        assert scene.guard.firing == ()
    assert waited_for(lambda: scene.journal.problem is None)
    scene.close()
    assert [(each.state, each.peak) for each in read_alerts(path)] == [(State.CLEARED, 40.0)]
    said = [record.getMessage() for record in caplog.records if record.name == "engine.alerts.journal"]
    assert len(said) == 2
    assert "alerts go on, and wait to be written" in said[0]


def test_an_alert_names_its_snapshot_and_clip_whenever_they_come(log):
    scene = Scene(log, BUSY)
    scene.see(26, 26, 26)
    uid = scene.guard.firing[0].uid
    scene.journal.attach(Proof(uid, "snapshot", "log.db.alerts/1.jpg"))
    scene.see(20, 20, 20)
    assert waited_for(lambda: any(each.snapshot for each in read_alerts(log)))
    scene.journal.attach(Proof(uid, "clip", "log.db.alerts/1.mp4"))
    scene.close()
    (alert,) = read_alerts(log)
    assert (alert.snapshot, alert.clip) == ("log.db.alerts/1.jpg", "log.db.alerts/1.mp4")
    assert (alert.state, alert.as_dict["clip"]) == (State.CLEARED, "log.db.alerts/1.mp4")


def test_what_waits_for_a_log_is_bounded_and_its_loss_is_said(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.alerts.journal.ROOM", 3)
    path = tmp_path / "log.db"
    scene = Scene(path, Placed(Rule("any", 0.0), YARD))
    with held(path):
        scene.see(*[1, 0] * 8)
        scene.close()
    assert scene.journal.lost == 8
    assert "closed with 3 alerts and deeds that could not be written" in caplog.text


def test_an_acknowledged_alert_is_closed_when_it_is_cleared_whichever_comes_first(tmp_path):
    path = tmp_path / "log.db"
    scene = Scene(path, BUSY, Placed(Rule("low", 5.0), YARD))
    scene.see(26, 26, 26)
    assert waited_for(lambda: len(read_alerts(path)) == 2)
    engine = open_database(path)
    by_name = {each.rule_name: each for each in read_alerts(path)}
    seen = acknowledge(engine, by_name["busy"].id, who="Ada", note="gate opened")
    assert (seen.state, seen.acknowledged_by, seen.note) == (State.OPEN, "Ada", "gate opened")
    scene.see(0, 0, 0)
    scene.close()
    by_name = {each.rule_name: each for each in read_alerts(path)}
    assert (by_name["busy"].state, by_name["low"].state) == (State.CLOSED, State.CLEARED)
    assert acknowledge(engine, by_name["low"].id, who="Bo").state is State.CLOSED
    with pytest.raises(DatabaseError, match="was acknowledged before, by Ada"):
        acknowledge(engine, by_name["busy"].id, who="Bo")
    with pytest.raises(DatabaseError, match="holds no alert 99"):
        acknowledge(engine, 99, who="Bo")
    engine.dispose()


def test_a_camera_that_is_lost_in_mid_alert_keeps_it_and_raises_its_own(tmp_path):
    scene = Scene(tmp_path / "log.db", BUSY, Placed(lost_rule("gone", for_s=10), YARD))
    scene.see(26, 26, 26)
    scene.see(*[None] * 30, is_lost=True)
    assert [each.placed.rule.name for each in scene.guard.firing] == ["busy", "gone"]
    scene.see(*[20] * 10)
    assert scene.guard.firing == ()
    scene.close()
    assert {each.rule_name: each.peak for each in read_alerts(tmp_path / "log.db")} == {"busy": 26.0, "gone": 1.0}


def test_a_map_is_kept_for_a_snapshot_though_counts_without_one_follow():
    feed = Feed()
    feed.want_newest(wanted=True)
    feed.want_mapped(wanted=True)
    mapped = reading(0.0, 5.0, density=np.ones((2, 2), np.float32))
    for each in (mapped, reading(0.3, 6.0)):
        feed.put(each)
    assert feed.mapped is mapped
    assert feed.newest.count == 6.0
    feed.want_mapped(wanted=False)
    assert feed.mapped is None


def test_a_feed_sums_up_what_was_counted_since_it_was_asked():
    feed = Feed()
    assert feed.take() is None
    for time_s, count in ((0.0, 2.0), (7.0, 4.0)):
        feed.put(reading(time_s, count, zones=(ZoneCount("left", 1.0),)))
    sample = feed.take()
    assert (sample.mean, sample.most, sample.readings, sample.zones[0].mean) == (3.0, 4.0, 2, 1.0)
    assert feed.take() is None


def test_a_group_is_known_while_all_of_its_members_are():
    counts = Counts([Group("all", (Subject("gate"), LEFT))])
    seen = []
    for second, sights in enumerate(
        [
            [sight("gate", 2.0), sight("yard", 9.0, left=3.0)],
            [sight("gate", 4.0), sight("yard")],  # shares the model, and comes next
            [sight("gate", 5.0), sight("yard", is_lost=True)],
            [sight("gate", 5.0), sight("yard")],
            [sight("gate"), sight("yard", 9.0, left=1.0)],
            [sight("gate"), sight("yard")],
            [sight("yard", 9.0, left=1.0)],
        ]
    ):
        now, samples = counts.second(second, sights)
        seen.append((now.counts[ALL], samples["all"].mean if "all" in samples else None))
    assert seen == [(5.0, 5.0), (7.0, 7.0), (None, None), (None, None), (6.0, 6.0), (6.0, None), (None, None)]


def test_a_camera_that_is_counted_seldom_is_known_between_two_counts():
    counts = Counts()
    known = [counts.second(second, [sight(people=people, interval_s=3.0)])[0].counts[YARD] for second, people in
             enumerate([7.0, None, None, None, None, 8.0])]  # fmt: skip
    assert known == [7.0, 7.0, 7.0, 7.0, None, 8.0]
    assert counts.second(6, [sight(is_lost=True, interval_s=3.0)])[0].counts[YARD] is None


def test_what_people_did_is_written_so_that_it_outlasts_a_power_cut(tmp_path):
    engine = open_database(tmp_path / "log.db", durable=True)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    engine.dispose()
