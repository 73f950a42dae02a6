"""From an alert to who is told of it: the outbox, its deliveries, and what is left of it after a kill."""

import email
import hashlib
import hmac
import json
import logging
import multiprocessing
import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from engine.alerts.closing import close
from engine.alerts.listing import State, acknowledge, read_alerts
from engine.alerts.occurrence import Occurrence
from engine.alerts.record import Proof
from engine.alerts.table import Entries, save, stored
from engine.errors import ConfigError, DatabaseError
from engine.log.audit import Deed, rows_of
from engine.log.database import open_database, open_existing
from engine.log.tables import StoredNotification
from engine.notify.dispatch import Dispatch, keyed_anyway, keyed_sinks
from engine.notify.outbox import read_outbox
from engine.notify.pace import Next, Waiting, back_off_s, next_of
from engine.notify.sink import Standing
from engine.rules.machine import Kind
from engine.settings.config import Config
from engine.settings.problems import checked
from logged import found, waited_for
from receiver import MailServer, Receiver
from test_alerts import BUSY, Scene

KEY = "key-of-the-hook"


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Nothing is waited for as long as in earnest."""
    monkeypatch.setenv("HOOK_KEY", KEY)
    monkeypatch.setattr("engine.notify.pace.STEPS_S", (0.05, 0.1))


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def hook(receiver, name="hook", **values):
    given = {"name": name, "kind": "webhook", "url": receiver.url, "password_env": "HOOK_KEY", "timeout_s": 0.5}
    return given | values


def sinks(*given):
    cameras = [{"name": name, "address": f"{name}.mp4"} for name in ("yard", "gate")]
    return keyed_sinks(checked(Config, {"cameras": cameras, "sinks": list(given)}, "x.toml"))


class Told(Scene):
    """A guard with sinks."""

    def __init__(self, target, *given, start=0):
        super().__init__(target, BUSY, start=start)
        self.dispatch = Dispatch(self.journal.engine, Standing, self.journal.proof_folder)
        self.dispatch.apply(sinks(*given))
        self.journal.post = self.dispatch

    def close(self):
        self.guard.close()
        self.journal.close()
        self.dispatch.close()


@pytest.fixture
def told():
    """Returns a function that begins a scene, which is closed at the end."""
    scenes = []

    def begin(target, *given, **values):
        scenes.append(Told(target, *given, **values))
        return scenes[-1]

    yield begin
    for scene in scenes:
        scene.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def log(request, tmp_path):
    return tmp_path / "log.db" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


def outbox(target):
    columns = StoredNotification.kind, StoredNotification.state, StoredNotification.attempts
    return found(target, select(*columns).order_by(StoredNotification.id))


def test_each_thing_that_happens_is_told_once_in_order_signed_and_with_the_end_of_the_audit_log(log, receiver, told):
    scene = told(log, hook(receiver))
    scene.journal.note([Deed("Ada", "start", "watch", {})])
    assert waited_for(lambda: found(log, select(StoredNotification.id)) == [] and not scene.journal._deeds)
    scene.see(26, 31, *[28] * 21, 20, 20, 20)
    assert waited_for(lambda: len(receiver.told) == 3)
    assert [body["kind"] for body in receiver.told] == ["raised", "worsened", "cleared"]
    first = receiver.told[0]
    assert first["sentence"].startswith("yard: alert 'busy' (above 25 people for 3 s) was raised as warning at 20")
    assert (first["alert"]["id"], first["alert"]["peak"], first["alert"]["rule"]["level"]) == (1, 31.0, 25.0)
    assert (first["attempt"], first["may_be_repeated"], first["told_together"]) == (1, False, 1)
    engine = open_database(log)
    (row,) = rows_of(engine)
    engine.dispose()
    assert first["audit"] == {"number": row.number, "hash": row.hash}
    for _, headers, body in receiver.got:
        proof = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
        assert headers["X-DeepCount-Signature"] == f"sha256={proof}"
        assert headers["Idempotency-Key"] == json.loads(body)["key"]
    assert len({body["key"] for body in receiver.told}) == 3
    assert waited_for(lambda: {state for _, state, _ in outbox(log)} == {"sent"})
    (facts,) = scene.dispatch.facts
    assert (facts.waiting, facts.problem, facts.last_success is not None) == (0, "", True)


def deal(target, work, alert_id=1, **values):
    """Does with an alert what another program does, as soon as it is in the log."""
    assert waited_for(lambda: any(each.id == alert_id for each in read_alerts(target)))
    engine = open_existing(target)
    work(engine, alert_id, **values)
    engine.dispose()


def test_who_takes_care_of_an_alert_is_told_once_also_where_that_was_done_while_nobody_watched(log, receiver, told):
    scene = told(log, hook(receiver))
    scene.see(26, 26, 26)
    deal(log, acknowledge, who="Ada", note="gate opened")
    assert waited_for(lambda: [body["kind"] for body in receiver.told] == ["raised", "acknowledged"])
    body = receiver.told[-1]
    assert (body["operator"]["who"], body["operator"]["note"]) == ("Ada", "gate opened")
    assert "was acknowledged by Ada at 20" in body["sentence"]
    assert body["sentence"].endswith(" UTC: gate opened.")
    assert [each.acknowledged_by for each in scene.guard.firing] == ["Ada"]
    scene.see(20, 20, 20, 26, 26, 26)
    assert waited_for(lambda: len(receiver.told) == 4)
    scene.journal.note([Deed("Ada", "stop", "watch", {})])
    scene.close()
    deal(log, acknowledge, read_alerts(log)[0].id, who="Bo")
    told(log, hook(receiver), start=20)
    assert waited_for(lambda: len(receiver.told) == 5)
    assert (receiver.told[-1]["kind"], receiver.told[-1]["operator"]["who"]) == ("acknowledged", "Bo")
    assert [kind for kind, *_ in outbox(log)].count("acknowledged") == 2


def test_an_alert_that_somebody_closes_is_dropped_and_told_and_raised_anew_where_it_still_holds(log, receiver, told):
    scene = told(log, hook(receiver))
    scene.see(26, 26, 26)
    deal(log, close, who="Ada", note="camera renamed")
    assert waited_for(lambda: [body["kind"] for body in receiver.told] == ["raised", "closed"])
    assert "was closed by Ada at 20" in receiver.told[-1]["sentence"]
    scene.see(20)
    assert scene.guard.firing == ()
    scene.see(26, 26, 26)
    scene.close()
    second, first = read_alerts(log)
    assert (first.state, first.acknowledged_by, first.note) == (State.CLOSED, "Ada", "camera renamed")
    assert second.state is State.OPEN


def test_an_alert_that_was_closed_while_nobody_watched_is_not_taken_up(tmp_path, told):
    log = tmp_path / "log.db"
    scene = told(log)
    scene.see(26, 26, 26)
    scene.close()
    deal(log, close, who="Ada")
    with pytest.raises(DatabaseError, match="alert 1 was closed before"):
        deal(log, close, who="Ada")
    scene = told(log, start=20)
    assert scene.guard.firing == ()
    scene.see(26)
    assert scene.guard.firing == ()  # a breach begins anew


def test_a_receiver_that_fails_then_hangs_then_works_is_told_with_the_same_key(tmp_path, receiver, told, caplog):
    receiver.mode = 500
    scene = told(tmp_path / "log.db", hook(receiver))
    scene.see(26, 26, 26)
    assert waited_for(lambda: len(receiver.got) >= 2)
    (facts,) = scene.dispatch.facts
    assert facts.problem.startswith("sink 'hook': the webhook answered 500")
    assert (facts.waiting, facts.failing_since is not None) == (1, True)
    receiver.mode = "hang"
    assert receiver.hanging.wait(30)
    assert waited_for(lambda: "does not answer within 0.5 s" in scene.dispatch.facts[0].problem)
    receiver.mode = 200
    assert waited_for(lambda: receiver.told)
    (body,) = receiver.told
    assert body["attempt"] == len(receiver.got)
    assert body["may_be_repeated"]
    assert {headers["Idempotency-Key"] for _, headers, _ in receiver.got} == {body["key"]}
    assert waited_for(lambda: scene.dispatch.facts[0].problem == "")
    assert len([each for each in caplog.records if "notifications wait" in each.message]) == 1


def test_a_sink_that_hangs_holds_up_nobody_else_and_not_the_end(tmp_path, receiver, told):
    with Receiver("hang") as other:
        scene = told(tmp_path / "log.db", hook(other, "stuck", timeout_s=60), hook(receiver))
        scene.see(26, 26, 26)
        assert other.hanging.wait(30)
        assert waited_for(lambda: receiver.told)
        other.released.set()
    assert {state for _, state, _ in outbox(tmp_path / "log.db")} <= {"sent", "waiting"}


def test_what_waits_is_told_after_a_restart_and_after_its_sink_came_back(tmp_path, receiver, told):
    receiver.mode = 503
    scene = told(tmp_path / "log.db", hook(receiver))
    scene.see(26, 26, 26, 20, 20, 20)
    assert waited_for(lambda: receiver.got)
    scene.dispatch.apply(())
    assert scene.dispatch.facts == ()
    scene.close()
    assert [(each.sink, each.kind, each.state) for each in read_outbox(tmp_path / "log.db")] == [
        ("hook", "raised", "waiting"),
        ("hook", "cleared", "waiting"),
    ]
    receiver.mode = 200
    told(tmp_path / "log.db", hook(receiver), start=60)
    assert waited_for(lambda: len(receiver.told) == 2)
    assert [(body["kind"], body["may_be_repeated"]) for body in receiver.told] == [("raised", True), ("cleared", False)]


def test_a_changed_sink_takes_effect_at_once_and_an_unchanged_one_is_not_touched(tmp_path, receiver, told):
    with Receiver(500) as wrong:
        scene = told(tmp_path / "log.db", hook(wrong), hook(receiver, "other"))
        other = scene.dispatch._deliveries["other"]
        scene.see(26, 26, 26)
        assert waited_for(lambda: wrong.got and receiver.told)
        scene.dispatch.apply(sinks(hook(receiver), hook(receiver, "other")))
        assert scene.dispatch._deliveries["other"] is other
        assert waited_for(lambda: len(receiver.told) == 2)


@pytest.mark.parametrize(
    ("values", "is_told"),
    [
        ({}, True),
        ({"severity": "warning"}, True),
        ({"severity": "critical"}, False),
        ({"only_cameras": ["yard"]}, True),
        ({"only_cameras": ["gate"]}, False),
        ({"only_cameras": []}, False),
        ({"enabled": False}, False),
    ],
    ids=str,
)
def test_a_sink_is_told_what_it_wants_to_know(tmp_path, receiver, told, values, is_told):
    scene = told(tmp_path / "log.db", hook(receiver, **values), hook(receiver, "all"))
    scene.see(26, 26, 26)
    assert waited_for(lambda: receiver.told)
    assert len(outbox(tmp_path / "log.db")) == 1 + is_told


def test_what_comes_in_quiet_hours_waits_and_is_then_told_together(tmp_path, receiver, told, monkeypatch):
    monkeypatch.setattr("engine.notify.delivery.LOOK_S", 0.05)
    monkeypatch.setattr("engine.notify.delivery.time", lambda: clock[0])
    clock = [datetime(2026, 3, 4, 23, tzinfo=UTC).timestamp()]
    scene = told(tmp_path / "log.db", hook(receiver, quiet=["daily 22:00-06:00"], timezone="UTC"))
    scene.see(26, 26, 26, 20, 20, 20)
    assert waited_for(lambda: scene.dispatch.facts[0].waiting == 2)
    assert receiver.got == []
    clock[0] += 8 * 3600
    assert waited_for(lambda: receiver.told)
    (body,) = receiver.told
    assert (body["kind"], body["told_together"], [each["kind"] for each in body["others"]]) == (
        "cleared",
        2,
        ["raised"],
    )


def test_an_email_of_an_alert_waits_for_its_snapshot_and_shows_it(tmp_path, told, monkeypatch):
    monkeypatch.setattr("engine.notify.delivery.PICTURE_S", 60.0)
    with MailServer() as server:
        mail = {"name": "mail", "kind": "email", "host": "127.0.0.1", "port": server.port, "security": "none"}
        scene = told(tmp_path / "log.db", mail | {"sender": "a@x.com", "to": ["b@x.com"]})
        scene.see(26, 26, 26)
        assert waited_for(lambda: scene.dispatch.facts[0].waiting == 1)
        assert server.mails == []
        folder = scene.journal.proof_folder
        folder.mkdir()
        (folder / "one.jpg").write_bytes(b"a picture")
        (uid,) = stored(scene.journal.engine)[0]
        scene.journal.attach(Proof(uid, "snapshot", f"{folder.name}/one.jpg"))
        assert waited_for(lambda: server.mails)
        (mail,) = (email.message_from_bytes(each) for each in server.mails)
        (picture,) = (each for each in mail.walk() if each.get_content_type() == "image/jpeg")
        assert picture.get_payload(decode=True) == b"a picture"


def test_more_than_the_limit_is_told_together_with_its_number(tmp_path, receiver, told):
    scene = told(tmp_path / "log.db", hook(receiver, most_per_minute=2, timeout_s=5))
    receiver.mode = "hang"
    scene.see(26, 26, 26)
    assert receiver.hanging.wait(30)
    for _ in range(3):
        scene.see(20, 20, 20, 26, 26, 26)
    assert waited_for(lambda: len(outbox(tmp_path / "log.db")) == 7)
    receiver.mode = 200
    receiver.released.set()
    assert waited_for(lambda: len(receiver.told) == 2)
    assert [body["told_together"] for body in receiver.told] == [1, 6]
    assert receiver.told[1]["kind"] == "raised"
    assert waited_for(lambda: {state for _, state, _ in outbox(tmp_path / "log.db")} == {"sent"})


def test_what_is_written_again_since_nobody_said_that_it_was_written_is_told_once(log, receiver, told):
    scene = told(log, hook(receiver))
    scene.see(26, 26, 26)
    assert waited_for(lambda: receiver.told)
    (alert,) = stored(scene.journal.engine)[0].values()
    save(scene.journal.engine, Entries((alert,), (), (), (Occurrence(Kind.RAISED, alert),)), scene.dispatch)
    assert [kind for kind, *_ in outbox(log)] == ["raised"]


def test_what_cannot_be_told_for_days_is_kept_as_failed_with_the_reason(tmp_path, receiver, told):
    receiver.mode = 500
    scene = told(tmp_path / "log.db", hook(receiver, give_up_days=2))
    scene.see(26, 26, 26)
    assert waited_for(lambda: scene.dispatch.facts[0].problem)
    with scene.journal.engine.begin() as connection:
        old = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=2, minutes=1)
        connection.execute(update(StoredNotification).values(created_at=old))
    scene.dispatch.wake()
    assert waited_for(lambda: scene.dispatch.facts[0].failed == 1)
    (row,) = read_outbox(tmp_path / "log.db")
    assert row.state == "failed"
    assert row.problem.startswith("given up after 2 days: sink 'hook': the webhook answered 500")


def test_what_was_given_up_is_told_after_all_when_somebody_asks_for_it(tmp_path, receiver, told):
    receiver.mode = 500
    scene = told(tmp_path / "log.db", hook(receiver, give_up_days=2))
    scene.see(26, 26, 26)
    assert waited_for(lambda: scene.dispatch.facts[0].problem)
    with scene.journal.engine.begin() as connection:
        old = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=3)
        connection.execute(update(StoredNotification).values(created_at=old))
    scene.dispatch.wake()
    assert waited_for(lambda: scene.dispatch.facts[0].failed == 1)
    receiver.mode = 200
    assert not scene.dispatch.try_again("nobody")
    assert scene.dispatch.try_again("hook")
    assert waited_for(lambda: receiver.told)
    assert waited_for(lambda: (scene.dispatch.facts[0].failed, scene.dispatch.facts[0].problem) == (0, ""))
    assert waited_for(lambda: [state for _, state, _ in outbox(tmp_path / "log.db")] == ["sent"])


def test_a_sink_whose_secret_is_missing_is_alone_in_not_being_told(tmp_path, receiver, told, monkeypatch):
    scene = told(tmp_path / "log.db")
    given = [hook(receiver), hook(receiver, name="other", password_env="NOT_SET")]
    cameras = [{"name": name, "address": f"{name}.mp4"} for name in ("yard", "gate")]
    config = checked(Config, {"cameras": cameras, "sinks": given}, "x.toml")
    with pytest.raises(ConfigError, match=r"sink 'other'.*is not set"):
        keyed_sinks(config)
    scene.dispatch.apply(*keyed_anyway(config))
    scene.see(26, 26, 26)
    assert waited_for(lambda: receiver.told)
    assert "password_env names is not set" in scene.dispatch.facts[1].problem
    monkeypatch.setenv("NOT_SET", KEY)
    scene.dispatch.apply(*keyed_anyway(config))
    assert waited_for(lambda: len(receiver.told) == 2)
    assert not scene.dispatch.facts[1].problem


def run_until_killed(path, url):
    """Is a program that tells a receiver which hangs."""
    os.environ["HOOK_KEY"] = KEY
    given = {"name": "hook", "kind": "webhook", "url": url, "password_env": "HOOK_KEY", "timeout_s": 60}
    scene = Told(path, given)
    scene.see(26, 26, 26, 20, 20, 20)
    multiprocessing.Event().wait()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_kill_in_the_middle_of_a_delivery_loses_nothing_and_what_may_come_twice_says_so(tmp_path, receiver, told):
    receiver.mode = "hang"
    program = multiprocessing.get_context("spawn").Process(
        target=run_until_killed, args=(tmp_path / "log.db", receiver.url), daemon=True
    )
    program.start()
    assert receiver.hanging.wait(60)
    assert waited_for(lambda: len(outbox(tmp_path / "log.db")) == 2)
    os.kill(program.pid, signal.SIGKILL)
    program.join()
    receiver.mode = 200
    told(tmp_path / "log.db", hook(receiver), start=600)
    assert waited_for(lambda: len(receiver.told) == 2)
    said = [(body["kind"], body["attempt"], body["may_be_repeated"]) for body in receiver.told]
    assert said == [("raised", 2, True), ("cleared", 1, False)]
    assert json.loads(receiver.got[0][2])["key"] == receiver.told[0]["key"]


def test_the_key_of_a_sink_is_seen_nowhere(tmp_path, receiver, told, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("HOOK_URL", f"{receiver.url}/planted-url")
    receiver.mode = 500
    scene = told(tmp_path / "log.db", {**hook(receiver, url_env="HOOK_URL"), "url": None})
    scene.see(26, 26, 26)
    assert waited_for(lambda: scene.dispatch.facts[0].problem)
    keyed = sinks({**hook(receiver, url_env="HOOK_URL"), "url": None})
    seen = f"{caplog.text} {scene.dispatch.facts!r} {keyed!r} {read_outbox(tmp_path / 'log.db')!r}"
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    for secret in (KEY, "planted-url"):
        assert secret not in seen
        assert secret.encode() not in stored


def row(number, bundle=None):
    return Waiting(number, f"{number}", "a", "raised", "{}", datetime(2026, 1, 1), 0, bundle, None)


@pytest.mark.parametrize(
    ("rows", "sent_s", "due"),
    [
        pytest.param([], [], Next(), id="nothing waits"),
        pytest.param([1, 2], [], Next((row(1),)), id="the oldest first"),
        pytest.param([1], [1.0, 2.0], Next((row(1),)), id="one is left of the limit and one waits"),
        pytest.param([1, 2], [1.0, 2.0], Next((row(1), row(2))), id="one is left of the limit and two wait"),
        pytest.param([1, 2], [1.0, 2.0, 50.0], Next(wait_s=1.0), id="the limit is reached"),
        pytest.param([1, 2], [0.0, 2.0, 50.0], Next((row(1), row(2))), id="a minute is over"),
    ],
)
def test_what_is_told_next_follows_the_limit(rows, sent_s, due):
    assert next_of([row(each) for each in rows], sent_s, 60.0, most_per_minute=3) == due


def test_what_was_tried_together_is_tried_again_together_and_alone():
    rows = [row(1, "1"), row(2, "1"), row(3)]
    assert next_of(rows, [0.0] * 9, 1.0, most_per_minute=3, together=True) == Next(tuple(rows[:2]))


@given(count=st.integers(1, 300), most=st.integers(1, 20))
def test_everything_is_told_once_within_a_minute_of_its_turn_and_never_more_than_the_limit(count, most):
    rows, sent_s, now_s = [row(number) for number in range(count)], [], 0.0
    while rows:
        due = next_of(rows, sent_s, now_s, most_per_minute=most)
        if due.rows:
            assert due.rows == tuple(rows[: len(due.rows)])
            rows = rows[len(due.rows) :]
            sent_s.append(now_s)
        now_s += due.wait_s
        assert len([at_s for at_s in sent_s if at_s > now_s - 60.0]) <= most
    assert len(sent_s) == min(count, most)


def test_the_pause_grows_with_failures_and_is_bounded(monkeypatch):
    monkeypatch.undo()
    pauses = [back_off_s(failures, 0.5) for failures in range(1, 50)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1.0, 600.0)
    assert {back_off_s(1, 0.0), back_off_s(1, 1.0)} == {0.8, 1.2}
