"""A monitor keeps what runs in step with its configuration, and touches only what changed."""

import threading
from collections import Counter
from contextlib import ExitStack
from time import monotonic

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cameras import ScriptedCamera
from constant import write_constant
from endless import write_endless
from engine.capture.health import State
from engine.errors import ConfigError, DatabaseError, EngineError, ModelError
from engine.log.database import Run, StoredCamera
from engine.log.tables import StoredAlert
from engine.monitor.facts import facts_of
from engine.monitor.monitor import Changes, Monitor
from engine.monitor.screen import Screen, Wish
from engine.monitor.tally import Newest
from engine.picture.choice import EVERY_S, LOOKED_AT
from engine.picture.layout import SeenGrid, laid_out
from engine.picture.tiling import Grid
from engine.pipeline import CHANGE_S
from engine.settings.config import Config
from engine.settings.problems import checked
from engine.worker import Worker
from logged import found, samples_of, waited_for
from reconfigure import KINDS, is_settled, reconfigured

LEFT, CORNER = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], [[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]
RATE = 20.0


@pytest.fixture
def camera():
    with ScriptedCamera(rate=RATE) as camera:
        yield camera


@pytest.fixture
def other():
    with ScriptedCamera(rate=RATE) as camera:
        yield camera


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration: `configured(name={"address": ..., further settings}, ...)`."""
    write_constant(tmp_path / "seven.onnx", people=7.0)

    def make(head=None, **cameras):
        tables = [{"name": name, **settings} for name, settings in cameras.items()]
        values = {"model": "seven.onnx", "database": "log.db", **(head or {}), "cameras": tables}
        return checked(Config, values, "a test", folder=tmp_path)

    return make


def session_of(monitor, name):
    return next(session for session in monitor.sessions if session.name == name)


def is_counted(monitor, *names):
    """Waits until every camera was counted twice more."""
    totals = {name: session_of(monitor, name).tally.total.readings for name in names}
    return waited_for(lambda: all(session_of(monitor, n).tally.total.readings >= t + 2 for n, t in totals.items()))


def runs(path):
    """Returns how many runs of each camera are in a log."""
    query = (
        select(StoredCamera.name, func.count()).join(Run, Run.camera_id == StoredCamera.id).group_by(StoredCamera.name)
    )
    return dict(found(path, query))


def readings(path):
    """Returns how many readings of each camera are in a log."""
    total = Counter()
    for name, _, _, number in samples_of(path):
        total[name] += number
    return total


def test_a_camera_that_comes_goes_or_moves_leaves_the_others_untouched(configured, camera, other, tmp_path):
    gate, yard = {"address": camera.address, "density_interval_s": 3600.0}, {"address": other.address}
    gate["zones"] = [{"name": "left", "polygon": LEFT}]
    steps = [
        ({"gate": gate, "yard": yard}, Changes(added=("yard",))),
        ({"gate": gate, "yard": yard | {"address": f"{other.address}?2"}}, Changes(reconnected=("yard",))),
        ({"gate": gate, "yard": yard | {"enabled": False}}, Changes(removed=("yard",))),
        ({"yard": yard, "gate": gate}, Changes(added=("yard",))),
        ({"gate": gate}, Changes(removed=("yard",))),
    ]
    with Monitor() as monitor:
        assert monitor.apply(configured(gate=gate)) == Changes(added=("gate",), model=True, database=True)
        assert is_counted(monitor, "gate")
        untouched = session_of(monitor, "gate")
        for cameras, expected in steps:
            assert monitor.apply(configured(**cameras)) == expected
            watched = [name for name, table in cameras.items() if table.get("enabled", True)]
            assert [session.name for session in monitor.sessions] == watched
            assert is_counted(monitor, *watched)
            assert monitor.load(session_of(monitor, "gate")).counted_fps > 0
        assert waited_for(lambda: other.connected == 0)
        assert session_of(monitor, "gate") is untouched
        assert untouched.tally.newest(monotonic()).zones == {"left": pytest.approx(3.5)}  # of its first frame
        assert is_settled(camera, untouched)
    report = untouched.capture.health
    assert (camera.connections, report.reconnects, other.connections) == (1, 0, 3)
    assert 0 <= report.frames - report.drops - untouched.tally.total.readings <= 1
    assert runs(tmp_path / "log.db") == {"gate": 1, "yard": 3}
    assert readings(tmp_path / "log.db")["gate"] == untouched.tally.total.readings
    assert monitor.failure is None
    assert monitor.loss == ""


def test_zones_masks_and_grid_change_on_the_connection_that_there_is(configured, camera, tmp_path):
    gate = {"address": camera.address, "density_interval_s": 0.0}
    with Monitor() as monitor:
        monitor.apply(configured(gate=gate | {"zones": [{"name": "left", "polygon": LEFT}]}))
        session = session_of(monitor, "gate")
        assert waited_for(lambda: session.tally.newest(monotonic()).zones == {"left": pytest.approx(3.5)})
        zoned = gate | {"zones": [{"name": "corner", "polygon": CORNER}]}
        assert monitor.apply(configured(gate=zoned)) == Changes(recounted=("gate",))
        assert waited_for(lambda: session.tally.newest(monotonic()).zones == {"corner": pytest.approx(1.75)})
        assert monitor.apply(configured(gate=zoned | {"grid": "1x2"})) == Changes(recounted=("gate",))
        assert waited_for(lambda: session.tally.newest(monotonic()).people == 14.0)
        masked = zoned | {"grid": "1x2", "privacy": [CORNER]}
        assert monitor.apply(configured(gate=masked)) == Changes(recounted=("gate",))
        assert session.capture.view.private.polygons
        assert is_counted(monitor, "gate")
        assert session_of(monitor, "gate").tally is session.tally
        assert session_of(monitor, "gate").recent is session.recent
        assert is_settled(camera, session)
    assert camera.connections == 1
    assert runs(tmp_path / "log.db") == {"gate": 3}  # zones alone change nothing of what is in the log
    assert readings(tmp_path / "log.db")["gate"] == session.tally.total.readings


REFUSED = {
    "unknown model": ({"model": "none.onnx"}, {}, ModelError, "none.onnx does not exist"),
    "no model": ({"model": "text.onnx"}, {}, ModelError, "is no ONNX file"),
    "missing password": ({}, {"user": "guard", "password_env": "NO_SUCH_PASSWORD"}, ConfigError, "'new': the environ"),
    "database in a file": ({"database": "text.onnx/log.db"}, {}, DatabaseError, "cannot be opened"),
    "database that is none": ({"database": "text.onnx"}, {}, DatabaseError, "is no SQLite database"),
}


@pytest.mark.parametrize(("head", "table", "error", "words"), REFUSED.values(), ids=REFUSED)
def test_a_configuration_that_is_refused_leaves_all_as_it_was(
    configured, camera, other, tmp_path, head, table, error, words
):
    (tmp_path / "text.onnx").write_text("This is a text, and long enough to be taken for anything but a model. " * 9)
    with Monitor() as monitor:
        monitor.apply(configured(gate={"address": camera.address}))
        assert is_counted(monitor, "gate")
        before = monitor.sessions
        changed = {"address": camera.address, "smoothing_s": 9.0}
        with pytest.raises(error, match=words):
            monitor.apply(configured(head, gate=changed, new={"address": other.address} | table))
        assert monitor.sessions == before
        assert is_counted(monitor, "gate")
        assert monitor.apply(configured(gate={"address": camera.address})) == Changes()
    assert (camera.connections, other.connections) == (1, 0)
    assert runs(tmp_path / "log.db") == {"gate": 1}


def test_a_first_configuration_that_is_refused_can_be_followed_by_a_better_one(configured, camera):
    with Monitor() as monitor:
        with pytest.raises(ModelError, match="does not exist"):
            monitor.apply(configured({"model": "none.onnx"}, gate={"address": camera.address}))
        assert (monitor.sessions, monitor.running, monitor.failure) == ((), False, None)
        monitor.apply(configured(gate={"address": camera.address}))
        assert is_counted(monitor, "gate")


def test_a_camera_whose_password_is_missing_may_fail_alone(configured, camera, other, monkeypatch):
    other.require("guard", "hunter2")
    locked = {"address": other.address, "user": "guard", "password_env": "GATE_PASSWORD"}
    config = configured(gate={"address": camera.address}, yard=locked)
    with Monitor() as monitor:
        monitor.apply(config, whole=False)
        assert is_counted(monitor, "gate")
        health = session_of(monitor, "yard").capture.health
        assert (health.state, other.connections) == (State.FAILED, 0)
        assert "the environment variable that password_env names is not set" in health.problem
        monkeypatch.setenv("GATE_PASSWORD", "hunter2")
        assert monitor.apply(config, whole=False) == Changes(reconnected=("yard",))
        assert is_counted(monitor, "gate", "yard")
    assert camera.connections == 1


def test_where_no_log_can_be_opened_the_rest_may_go_on_until_it_can(configured, camera, tmp_path):
    (tmp_path / "log.db").write_text("This is a text, and long enough to be taken for anything but a log. " * 9)
    config = configured(gate={"address": camera.address, "rules": [{"name": "crowded", "above": 5.0, "for_s": 0.0}]})
    with Monitor() as monitor:
        monitor.apply(config, whole=False)
        assert "is no SQLite database" in monitor.lack
        assert is_counted(monitor, "gate")
        assert waited_for(lambda: monitor.alarms.firing)
        (tmp_path / "log.db").unlink()
        assert monitor.apply(config, whole=False) == Changes(database=True)
        assert monitor.lack == ""
        assert is_counted(monitor, "gate")
        (alert,) = monitor.alarms.firing
    assert camera.connections == 1
    assert readings(tmp_path / "log.db")["gate"] > 0
    assert found(tmp_path / "log.db", select(StoredAlert.uid)) == [(alert.uid,)]


def test_a_model_is_loaded_only_where_it_changed_and_takes_over_without_a_new_connection(configured, camera, tmp_path):
    gate = {"address": camera.address}
    write_constant(tmp_path / "three.onnx", people=3.0)
    with Monitor() as monitor:
        monitor.apply(configured(gate=gate))
        assert is_counted(monitor, "gate")
        session = session_of(monitor, "gate")
        assert monitor.apply(configured({"model": "three.onnx"}, gate=gate)) == Changes(model=True)
        assert waited_for(lambda: session.tally.newest(monotonic()).people == 3.0)
        (tmp_path / "three.onnx").unlink()  # so that it could not be loaded again
        monitor.apply(configured({"model": "three.onnx"}, gate=gate | {"max_fps": 10.0}))
        assert is_counted(monitor, "gate")
        assert session_of(monitor, "gate").recent is session.recent  # also over another connection
    assert session.recent.readings == session.tally.total.readings
    rows = found(tmp_path / "log.db", select(Run.model_name).order_by(Run.id))
    assert [name for (name,) in rows] == ["seven", "three", "three"]
    means = [mean for _, _, mean, _ in samples_of(tmp_path / "log.db")]
    assert {7.0, 3.0} == set(means)  # no sample holds counts of both


def test_another_model_of_all_chooses_grids_anew(configured, clip, tmp_path):
    gate = {"address": str(clip(frames=25, rate=25, size=(360, 480))), "loop": True}
    for people in (300.0, 3.0):
        write_constant(tmp_path / f"{people:.0f}.onnx", people=people)
    with Monitor() as monitor:
        monitor.apply(configured({"model": "300.onnx"}, gate=gate))
        session, looked_s = session_of(monitor, "gate"), (LOOKED_AT + 1) * EVERY_S
        assert waited_for(lambda: session.tally.total.readings > looked_s * 25)
        assert session.finder.found is None  # a crowd is counted in one tile
        monitor.apply(configured({"model": "3.onnx"}, gate=gate))
        assert waited_for(lambda: session.finder.found == SeenGrid((360, 480), Grid(2, 2)))


def test_another_log_takes_over_and_the_one_before_is_whole(configured, camera, tmp_path):
    gate = {"address": camera.address}
    with Monitor() as monitor:
        monitor.apply(configured(gate=gate))
        assert is_counted(monitor, "gate")
        for database in ("other.db", None):
            assert monitor.apply(configured({"database": database}, gate=gate)) == Changes(database=True)
            total = session_of(monitor, "gate").tally.total.readings
            assert is_counted(monitor, "gate")
        assert (readings(tmp_path / "log.db") + readings(tmp_path / "other.db"))["gate"] <= total
        assert camera.connections == 1
    assert readings(tmp_path / "other.db")["gate"] > 0
    assert not (tmp_path / "log.db-wal").exists()


def test_a_password_that_changed_in_the_environment_is_used_and_is_nowhere_to_be_seen(configured, camera, monkeypatch):
    camera.require("guard", "hunter2")
    config = configured(gate={"address": camera.address, "user": "guard", "password_env": "GATE_PASSWORD"})
    monkeypatch.setenv("GATE_PASSWORD", "wrong")
    with Monitor() as monitor:
        monitor.apply(config)
        assert waited_for(lambda: session_of(monitor, "gate").capture.health.state is State.FAILED)
        monkeypatch.setenv("GATE_PASSWORD", "hunter2")
        assert monitor.apply(config) == Changes(reconnected=("gate",))
        assert is_counted(monitor, "gate")
        assert "hunter2" not in repr(monitor.sessions)


def test_no_camera_at_all_is_a_configuration_like_any_other(configured, camera):
    with Monitor() as monitor:
        monitor.apply(configured())
        assert not monitor.running
        monitor.apply(configured(gate={"address": camera.address}))
        assert is_counted(monitor, "gate")
        assert monitor.running
        monitor.apply(configured())
        assert not monitor.running


def test_what_has_ended_takes_no_configuration(configured, camera, monkeypatch):
    def fail(model, item):
        raise ModelError("model seven failed on 1 tiles: out of memory")

    gate = {"address": camera.address}
    with Monitor() as monitor:
        monitor.apply(configured(gate=gate))
        assert is_counted(monitor, "gate")
        monkeypatch.setattr("engine.inference.model.Model._count_part", fail)
        assert waited_for(lambda: not monitor.running)
        with pytest.raises(EngineError, match="out of memory"):
            monitor.apply(configured(gate=gate | {"smoothing_s": 1.0}))
    with pytest.raises(EngineError, match="has ended"):
        monitor.apply(configured(gate=gate))
    closed = Monitor()
    closed.close()
    with pytest.raises(EngineError, match="was ended"):
        closed.apply(configured(gate=gate))


def test_closing_does_not_wait_for_a_change_that_is_being_made(configured, camera, tmp_path):
    write_endless(tmp_path / "endless.onnx", blank_ends=True)
    gate, endless = {"address": camera.address}, {"model": "endless.onnx"}
    with Monitor() as monitor:
        monitor.apply(configured(endless, gate=gate))
        assert waited_for(lambda: session_of(monitor, "gate").capture.frames.dropped > 2)  # one is counted for ever
        changing = Worker("change", lambda: monitor.apply(configured(endless, gate=gate | {"grid": "1x1"})))
        changing.start()
        assert waited_for(lambda: session_of(monitor, "gate").settings.grid == "1x1")
        begun_s = monotonic()
        monitor.close()
        assert changing.finish()
        took_s = monotonic() - begun_s
    assert took_s < CHANGE_S - 2.0, "the change alone would have taken longer"
    assert changing.failure is None


def test_a_log_that_takes_no_run_leaves_nothing_open(configured, camera, monkeypatch):
    gate, threads = {"address": camera.address}, threading.active_count()
    with Monitor() as monitor:
        with monkeypatch.context() as patched:
            patched.setattr("engine.log.store.Store.run", lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                monitor.apply(configured(gate=gate))
        assert threading.active_count() == threads
        monitor.apply(configured(gate=gate))
        assert is_counted(monitor, "gate")


def test_a_camera_that_is_only_shown_is_connected_and_neither_counted_nor_logged(configured, camera, tmp_path):
    gate = {"address": camera.address}
    shown = gate | {"counted": False, "zones": [{"name": "left", "polygon": LEFT}]}
    with Monitor() as monitor, Screen(monitor) as screen:
        monitor.apply(configured(gate=shown))
        screen.want({"gate": Wish((240, 320), "heat")})
        session = session_of(monitor, "gate")
        assert waited_for(lambda: session.capture.health.frames > 10)
        drawn = []
        assert waited_for(lambda: drawn.append(screen.newest("gate")) or any(drawn))
        (facts,) = facts_of(monitor)
        assert (facts.health.state, facts.newest, facts.total.readings) == (State.LIVE, Newest(), 0)
        assert monitor.apply(configured(gate=shown)) == Changes()
        assert monitor.apply(configured(gate=gate)) == Changes(recounted=("gate",))
        assert is_counted(monitor, "gate")
        assert facts_of(monitor)[0].newest.people == 7.0
        assert monitor.apply(configured(gate=shown)) == Changes(recounted=("gate",))
        total, frames = session.tally.total.readings, session.capture.health.frames
        assert waited_for(lambda: session.capture.health.frames > frames + 10)
        assert session.tally.total.readings == total
        assert facts_of(monitor)[0].newest == Newest()
        assert waited_for(lambda: readings(tmp_path / "log.db")["gate"] == total)
    assert camera.connections == 1
    assert runs(tmp_path / "log.db") == {"gate": 1}


def test_a_frame_is_laid_out_once(configured, camera):
    with Monitor() as monitor:
        before = laid_out.cache_info()
        monitor.apply(configured(gate={"address": camera.address}))
        assert is_counted(monitor, "gate")
        session = session_of(monitor, "gate")
        assert is_settled(camera, session)
        after, frames = laid_out.cache_info(), session.capture.health.frames
    assert after.hits + after.misses - before.hits - before.misses == frames


@settings(max_examples=2, phases=[Phase.generate], deadline=None, database=None)
@given(changes=st.permutations([(kind, number) for kind in KINDS for number in (1, 2)]))
def test_after_changes_at_random_nothing_is_lost_and_nothing_left_behind(tmp_path_factory, changes):
    with ExitStack() as stack:
        cameras = [stack.enter_context(ScriptedCamera(rate=2.0)) for _ in range(4)]
        outcome = reconfigured(tmp_path_factory.mktemp("changes"), cameras, changes)
    assert outcome.is_whole
    assert outcome.grown == {}
