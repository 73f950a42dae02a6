import re
import sys

import pytest

from cameras import Clip, ScriptedCamera
from engine.cli import main as main_of
from engine.desktop import LIBRARIES, display_problem, install_line, unseen_platform

SECRET = "s3cret"


def test_doctor_names_versions_runtime_display_model_and_log(capsys):
    assert main_of(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(
        word in said
        for word in ("DeepCount", "ONNX Runtime", "OpenVINO", "threads", "display", "model", "log", "numpy")
    )


def test_doctor_tries_all_streams_of_the_cameras_that_are_configured(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    path = tmp_path / "cameras.toml"
    with ScriptedCamera(Clip.drawn(size=(288, 512))) as main, ScriptedCamera(Clip.drawn(size=(144, 256))) as small:
        main.require("guard", SECRET)
        small.require("guard", SECRET)
        gate = f'address = "{main.address}"\nuser = "guard"\npassword_env = "GATE"\naddress_small = "{small.address}"'
        yard = f'address = "{small.address_with("guard", SECRET)}"'
        off = f'address = "{small.address}"\nenabled = false'
        tables = zip(("gate", "yard", "off"), (gate, yard, off), strict=True)
        path.write_text("".join(f'[[cameras]]\nname = "{name}"\n{table}\n' for name, table in tables))
        monkeypatch.setenv("GATE", SECRET)
        assert main_of(["doctor", "--config", str(path)]) == 0
        said = capsys.readouterr().out
        both = (
            r"camera 'gate' +small stream 256x144 h264 at \d+/s, main stream 512x288 h264 at \d+/s; 25% of the pixels"
        )
        assert re.search(both, said)
        assert re.search(r"camera 'yard' +256x144 h264", said)
        assert "'off'" not in said
        main.go_away()
        assert main_of(["doctor", "--config", str(path)]) == 2
        said += (told := capsys.readouterr().out)
    assert "camera 'gate' (main stream) refuses the connection to 127.0.0.1" in told
    assert SECRET not in said


def test_doctor_advises_a_small_stream_that_answers_where_its_maker_has_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")
    with ScriptedCamera(Clip.drawn(size=(288, 512))) as camera:
        address = camera.address.replace("/live", "/stream1")
        (tmp_path / "cameras.toml").write_text(f'[[cameras]]\nname = "gate"\naddress = "{address}"\n')
        camera.others["/stream2"] = Clip.drawn(size=(144, 256))
        main_of(["doctor", "--config", str(tmp_path / "cameras.toml")])
    said = capsys.readouterr().out
    assert (
        f'address_small = "{camera.address.replace("/live", "/stream2")}" would count its small stream 256x144' in said
    )
    assert "25% of the pixels" in said


def test_doctor_says_what_is_wrong_with_a_model(tmp_path, capsys):
    (tmp_path / "bad.onnx").write_text("no model")
    assert main_of(["doctor", "--model", str(tmp_path / "bad.onnx")]) == 2
    assert "is no ONNX file" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may lack a display")
@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "neither DISPLAY nor WAYLAND_DISPLAY is set"), ({"DISPLAY": ":7654"}, "no X server answers there")],
    ids=["none named", "a dead one named"],
)
def test_no_display_is_said_with_the_variable_that_names_one(environment, said):
    assert said in str(display_problem(environment))


@pytest.mark.parametrize(("platform", "seen"), [("offscreen", False), ("minimal:x", False), ("xcb", True), ("", True)])
def test_a_platform_that_shows_nothing_is_named(platform, seen):
    assert (unseen_platform({"QT_QPA_PLATFORM": platform}) is None) == seen


def test_the_apt_line_names_every_package():
    line = install_line(list(LIBRARIES.values()))
    assert line.startswith("sudo apt-get install -y libegl1 libgl1")
    assert "libxcb-cursor0" in line


@pytest.mark.parametrize("command", [[], ["count"], ["doctor"], ["bench"]], ids=["top", "count", "doctor", "bench"])
def test_help_teaches(capsys, command):
    with pytest.raises(SystemExit) as stop:
        main_of([*command, "--help"])
    assert stop.value.code == 0
    assert "usage: deepcount-engine" in capsys.readouterr().out
