import sys

import pytest

from engine.cli import main
from engine.desktop import LIBRARIES, display_problem, install_line, unseen_platform


def test_doctor_names_versions_runtime_display_model_and_log(capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert all(
        word in said
        for word in ("DeepCount", "ONNX Runtime", "OpenVINO", "threads", "display", "model", "log", "numpy")
    )


def test_doctor_says_what_is_wrong_with_a_model(tmp_path, capsys):
    (tmp_path / "bad.onnx").write_text("no model")
    assert main(["doctor", "--model", str(tmp_path / "bad.onnx")]) == 2
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
        main([*command, "--help"])
    assert stop.value.code == 0
    assert "usage: deepcount-engine" in capsys.readouterr().out
