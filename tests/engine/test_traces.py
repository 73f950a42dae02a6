"""What is written where, and that nothing is kept for others."""

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from engine.cli import main
from engine.paths import LIGHT_MODEL

ROOT = Path(__file__).parents[2]
SILENCES_REPORTS = ("CI", "TF_BUILD", "JENKINS_URL", "ORT_DISABLE_TELEMETRY")
XDG = {"XDG_CACHE_HOME": "caches", "XDG_CONFIG_HOME": "settings", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have other folders")


def strange_files(home: Path, *command: str, named: bool = False) -> tuple[list[Path], list[Path]]:
    """Runs a command as a user whose home is empty; returns the files it left there, all and those that are not ours.

    `named` has the folders for caches, settings and data named by the environment.
    """
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in (*SILENCES_REPORTS, *XDG, "MPLCONFIGDIR")}
    places = {name: str(home / folder) for name, folder in XDG.items()} if named else {}
    environment = kept | places | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    files = [path.relative_to(home) for path in home.rglob("*") if not path.is_dir()]
    return files, [path for path in files if "deepcount" not in path.parts]


@pytest.mark.parametrize("named", [False, True], ids=["home", "XDG folders"])
def test_a_count_leaves_nothing_in_the_home_that_is_not_ours(clip, tmp_path, named):
    command = [sys.executable, "-m", "engine", "count", str(clip(frames=2)), "--out", str(tmp_path / "out")]
    files, strange = strange_files(tmp_path / "home", *command, "--model", str(LIGHT_MODEL), named=named)
    assert any(path.name.startswith("fontlist") for path in files)
    assert strange == []


def test_openvino_leaves_nothing_in_the_home(tmp_path):
    try:
        version("openvino")
    except PackageNotFoundError:
        pytest.skip("OpenVINO is not installed")
    _, strange = strange_files(tmp_path / "home", sys.executable, "-c", "import engine, openvino; openvino.Core()")
    assert strange == []


def test_what_runtimes_left_is_removed_and_named_and_what_is_of_others_stays(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    tools, intel = tmp_path / ".cache" / "Microsoft" / "DeveloperTools", tmp_path / "intel"
    left = (tools / ".onnxruntime" / "deviceid", intel / "openvino_ga_cid", intel / "stats")
    answer, other = intel / "openvino_telemetry", tools / "other" / "deviceid"
    for path in (*left, answer, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert main(["doctor", "--remove-traces"]) == 0
    said = capsys.readouterr().out
    assert not any(path.exists() for path in left)
    assert answer.exists()
    assert other.exists()
    assert all(f"removed {path}\n" in said for path in (tools / ".onnxruntime", *left[1:]))
    other.unlink()
    other.parent.rmdir()
    (tools / ".onnxruntime").mkdir()
    assert main(["doctor", "--remove-traces"]) == 0
    assert list((tmp_path / ".cache").iterdir()) == []
    capsys.readouterr()
    assert main(["doctor", "--remove-traces"]) == 0
    assert "nothing to remove" in capsys.readouterr().out
