"""One engine behind the window: cameras and recordings share its monitor, and what fails is said."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from app.running.bridge import Bridge
from app.running.engine import Engine
from app.running.live import Live
from app.running.player import Setup
from cameras import ScriptedCamera
from constant import write_constant
from engine.errors import ModelError
from engine.monitor.screen import Wish
from engine.settings.backup import BackupSettings
from engine.settings.config import Config
from engine.settings.problems import checked

WAIT_MS = 30_000


@pytest.fixture
def camera():
    with ScriptedCamera(rate=10.0) as camera:
        yield camera


@pytest.fixture
def running(qtbot, tmp_path):
    """One engine's two faces: cameras and recordings."""
    setup = Setup(write_constant(tmp_path / "seven.onnx", people=7.0), tmp_path / "log.db")
    engine = Engine(setup)
    live, bridge = Live(engine), Bridge(setup, engine)
    yield live, bridge
    live.close()
    bridge.close()


@pytest.fixture
def configured(tmp_path):
    """Returns a configuration: `configured(name={"address": ...}, ...)`."""

    def make(**cameras):
        tables = [{"name": name, **settings} for name, settings in cameras.items()]
        values = {"model": "seven.onnx", "database": "log.db", "cameras": tables}
        return checked(Config, values, "a test", folder=tmp_path)

    return make


def pulled(pull, qtbot, holds=lambda picture: True):
    """Waits for a picture of which something holds, and returns it."""
    found = []

    def is_there():
        picture = pull()
        found.extend([picture] if picture and holds(picture) else [])
        return bool(found)

    qtbot.waitUntil(is_there, timeout=WAIT_MS)
    return found[0]


def test_a_camera_and_a_recording_run_side_by_side_on_one_model_and_log(running, configured, camera, long_clip, qtbot):
    live, bridge = running
    bridge.start()
    live.start()
    with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
        live.apply(configured(gate={"address": camera.address}))
    with qtbot.waitSignal(bridge.opened, timeout=WAIT_MS):
        bridge.open(long_clip)
    bridge.want_density(True)
    live.want({"gate": Wish((120, 160))})
    assert pulled(lambda: live.newest("gate"), qtbot).pixels.shape == (120, 160, 3)
    assert pulled(bridge.newest, qtbot, lambda picture: picture.heat).size == (240, 320)
    qtbot.waitUntil(lambda: live.facts()["gate"].newest.people == 7.0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: any(point.people == 7.0 for point in bridge.points()), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: bool(bridge.samples()), timeout=WAIT_MS)
    assert live.names == ("gate",)
    bridge.show_within(None)
    qtbot.waitUntil(lambda: bridge.density_interval_s is None, timeout=WAIT_MS)
    assert pulled(lambda: live.newest("gate"), qtbot)


def test_a_heat_map_that_is_switched_on_while_paused_is_drawn_over_the_picture_that_is_shown(running, long_clip, qtbot):
    _, bridge = running
    bridge.start()
    bridge.want_density(False)
    with qtbot.waitSignal(bridge.opened, timeout=WAIT_MS):
        bridge.open(long_clip)
    assert pulled(bridge.newest, qtbot).heat is None
    bridge.pause()
    bridge.want_density(True)
    picture = pulled(bridge.newest, qtbot, lambda picture: picture.heat)
    assert picture.heat.made_s == picture.arrived_s


def test_a_model_that_fails_is_told_once_and_the_next_configuration_begins_anew(
    running, configured, camera, qtbot, monkeypatch
):
    def fail(model, item):
        raise ModelError("model seven failed on 1 tiles: out of memory")

    live, _ = running
    told = []
    live.failed.connect(told.append)
    live.start()
    with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
        live.apply(configured(gate={"address": camera.address}))
    with monkeypatch.context() as patched:
        patched.setattr("engine.inference.model.Model._count_part", fail)
        qtbot.waitUntil(lambda: bool(told), timeout=WAIT_MS)
    assert told == ["counting has ended (model seven failed on 1 tiles: out of memory)"]
    with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
        live.apply(configured(gate={"address": camera.address}))
    qtbot.waitUntil(lambda: live.facts()["gate"].newest.people == 7.0, timeout=WAIT_MS)
    assert len(told) == 1


def test_pictures_that_come_no_more_are_told(running, configured, camera, qtbot):
    live, _ = running
    live.start()
    with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
        live.apply(configured(gate={"address": camera.address}))
    with qtbot.waitSignal(live.failed, timeout=WAIT_MS) as told:
        live.want({"gate": object()})  # no wish at all, as a defect would make one
    assert told.args == ["pictures can no longer be shown; start the program again (AttributeError)"]


def test_a_configuration_that_is_refused_leaves_a_recording_alone(running, configured, long_clip, tmp_path, qtbot):
    live, bridge = running
    bridge.start()
    with qtbot.waitSignal(bridge.opened, timeout=WAIT_MS):
        bridge.open(long_clip)
    (tmp_path / "text").write_text("no folder")
    broken = checked(Config, {"model": "seven.onnx", "database": "text/log.db"}, "a test", folder=tmp_path)
    with qtbot.waitSignal(live.refused, timeout=WAIT_MS):
        live.apply(broken)
    qtbot.waitUntil(lambda: bool(bridge.points()), timeout=WAIT_MS)


def test_cameras_are_counted_where_no_log_can_be_opened_until_one_can(
    running, configured, camera, tmp_path, monkeypatch, qtbot
):
    live, _ = running
    monkeypatch.setattr("app.running.engine.AGAIN_S", 0.5)
    (tmp_path / "log.db").mkdir()
    live.start()
    with qtbot.waitSignal(live.lacking, timeout=WAIT_MS) as told:
        live.apply(configured(gate={"address": camera.address}))
    assert "cannot be opened" in told.args[0]
    qtbot.waitUntil(lambda: live.facts()["gate"].newest.people == 7.0, timeout=WAIT_MS)
    with qtbot.waitSignal(live.lacking, timeout=WAIT_MS) as told:
        (tmp_path / "log.db").rmdir()
    assert told.args == [""]


def test_a_log_that_cannot_be_backed_up_is_told_once_and_taken_back(
    running, configured, camera, tmp_path, monkeypatch, qtbot
):
    live, _ = running
    monkeypatch.setattr("engine.log.backups.SETTLE_S", 0.0)
    monkeypatch.setattr("engine.log.backups.AGAIN_S", 0.2)
    (tmp_path / "copies").write_text("no folder")
    live.start()
    copies = checked(BackupSettings, {"folder": "copies"}, "a test", folder=tmp_path)
    with qtbot.waitSignal(live.unsaved, timeout=WAIT_MS) as told:
        live.apply(configured(gate={"address": camera.address}).model_copy(update={"backup": copies}))
    assert "cannot be written" in told.args[0]
    with qtbot.waitSignal(live.unsaved, timeout=WAIT_MS) as told:
        (tmp_path / "copies").unlink()
    assert told.args == [""]


def test_cameras_alone_need_no_recordings(qtbot, configured, camera, tmp_path):
    write_constant(tmp_path / "seven.onnx", people=7.0)
    live = Live()
    live.start()
    with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
        live.apply(configured(gate={"address": camera.address}))
    qtbot.waitUntil(lambda: live.facts()["gate"].newest.people == 7.0, timeout=WAIT_MS)
    live.close()
    live.close()


def test_an_engine_that_is_begun_loads_its_model_before_it_is_started(qtbot, tmp_path):
    engine = Engine(Setup(write_constant(tmp_path / "seven.onnx", people=7.0), None))
    engine.begin()
    qtbot.waitUntil(lambda: engine.monitor.model is not None, timeout=WAIT_MS)
    engine.close()


def test_why_a_model_could_not_be_loaded_is_told_once_the_engine_is_started(qtbot, tmp_path):
    engine = Engine(Setup(tmp_path / "missing.onnx", None))
    engine.begin()
    with qtbot.waitSignal(engine.unopened, timeout=WAIT_MS) as told:
        engine.start()
    assert "missing.onnx does not exist" in told.args[0]
    engine.close()


def test_an_engine_that_was_only_begun_can_be_closed(qtbot, tmp_path):
    engine = Engine(Setup(tmp_path / "missing.onnx", None))
    engine.begin()
    engine.close()
    assert not engine._worker.running
