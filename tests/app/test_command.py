"""The command `deepcount`, as a process of its own."""

import os
import signal
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtNetwork import QLocalSocket

from app.door import Door
from endless import write_endless
from engine.errors import EngineError
from engine.paths import DEMO_CLIP, cache_folder, default_config
from heeded import heeds

TIMEOUT_S, WAIT_MS = 60, 20_000


def run(*arguments: str, display: bool) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        check=False,
        env=environment(display=display),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )


def environment(*, display: bool) -> dict[str, str]:
    without = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return {**without, "QT_QPA_PLATFORM": "offscreen"} if display else without


def test_help_teaches():
    result = run("--help", display=False)
    assert result.returncode == 0
    for word in ("SOURCE", "--demo", "--database", "--model", "deepcount-engine count", "Space"):
        assert word in result.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")
def test_without_a_display_one_line_says_what_to_do():
    result = run(display=False)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "no display here" in result.stderr
    assert "deepcount-engine count" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.mp4"], "missing.mp4 does not exist"),
        (["--model", "missing.onnx"], "model missing.onnx does not exist"),
        (["--demo", "street.mp4"], "not allowed with"),
        (["--config", "missing.toml"], "missing.toml does not exist"),
        (["--server", "http://127.0.0.1:1", "--provider", "cpu"], "--provider is for cameras that are counted here"),
        (["rtsp://u:hunter2/9@host/x"], "has no valid host and port"),
    ],
    ids=["source", "model", "two sources", "configuration", "for nothing", "address"],
)
def test_a_wrong_input_is_refused_before_a_window_opens(arguments, words):
    result = run(*arguments, display=True)
    assert result.returncode == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert "hunter2" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window_within_five_seconds(tmp_path: Path, qtbot, number):
    log = tmp_path / "deepcount.db"
    with started(str(DEMO_CLIP), "--database", str(log)) as process:
        qtbot.waitUntil(log.exists, timeout=TIMEOUT_S * 1000)
        asked_s = monotonic()
        process.send_signal(number)
        assert process.wait(TIMEOUT_S) == 0
        assert monotonic() - asked_s < 5


@contextmanager
def started(*arguments: str, stderr: int | None = None):
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *arguments], env=environment(display=True), stderr=stderr, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def holds_a_door(process: subprocess.Popen) -> bool:
    return any(str(process.pid) in path.read_text().splitlines() for path in cache_folder().glob("window-*.lock"))


def preferences() -> dict:
    return tomllib.loads(default_config().with_name("cameras.window.toml").read_text())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_a_second_start_hands_over_to_the_first_and_ends(tmp_path: Path, clip, qtbot):
    with started() as first:
        qtbot.waitUntil(lambda: holds_a_door(first), timeout=TIMEOUT_S * 1000)
        address = "rtsp://viewer:hunter2@127.0.0.1:9/live"
        for given in ([], [os.path.relpath(clip)], [address]):
            second = run(*given, display=True)
            assert (second.returncode, second.stderr) == (0, "")
        assert first.poll() is None
        first.send_signal(signal.SIGTERM)
        assert first.wait(TIMEOUT_S) == 0
    assert preferences()["recent_files"] == [str(clip)]
    assert preferences()["recent_cameras"] == ["rtsp://viewer@127.0.0.1:9/live"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_what_a_crash_left_behind_does_not_hold_up_the_next_start(qtbot):
    with started() as first:
        qtbot.waitUntil(lambda: holds_a_door(first), timeout=TIMEOUT_S * 1000)
        assert run(display=True).returncode == 0
        first.kill()
        first.wait(TIMEOUT_S)
    with started() as second:
        qtbot.waitUntil(lambda: holds_a_door(second), timeout=TIMEOUT_S * 1000)
        assert run(display=True).returncode == 0
        second.send_signal(signal.SIGTERM)
        assert second.wait(TIMEOUT_S) == 0


def test_a_window_on_another_configuration_is_another_window(tmp_path: Path, qtbot):
    other = tmp_path / "other.toml"
    other.write_text("")
    with started() as first, started("--config", str(other)) as second:
        for process, path in ((first, default_config()), (second, other)):
            qtbot.waitUntil(lambda process=process: holds_a_door(process), timeout=TIMEOUT_S * 1000)
            assert run("--config", str(path), display=True).returncode == 0
            assert process.poll() is None


def test_whoever_holds_the_door_and_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr("app.door.ANSWERS_WITHIN_S", 0.3)
    path = default_config()
    silent = Door(path)
    assert silent.enter("")
    with pytest.raises(EngineError, match=rf"process {os.getpid()}\) and does not answer"):
        Door(path).enter("")
    silent.close()
    after = Door(path)
    assert after.enter("")
    after.close()


def test_nonsense_at_the_door_is_not_heard(qtbot):
    door, heard = Door(default_config()), []
    door.knocked.connect(heard.append)
    assert door.enter("")
    assert door.listen()
    for message in (b"[]\n", b'{"given": 7}\n', b"\xff\n", b"x" * 100_000):
        visitor = QLocalSocket()
        visitor.connectToServer(door.place)
        assert visitor.waitForConnected(WAIT_MS)
        visitor.write(message)
        qtbot.waitUntil(lambda v=visitor: v.state() is QLocalSocket.LocalSocketState.UnconnectedState, timeout=WAIT_MS)
    assert heard == []
    door.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux which signals are heeded")
@pytest.mark.parametrize("blank_ends", [False, True], ids=["loading", "counting"])
def test_a_model_that_never_ends_does_not_hold_up_the_closing_of_the_window(tmp_path: Path, clip, qtbot, blank_ends):
    log, model = tmp_path / "deepcount.db", write_endless(tmp_path / "endless.onnx", blank_ends=blank_ends)
    arguments = [str(clip), "--database", str(log), "--model", str(model)]
    process = subprocess.Popen([sys.executable, "-m", "app", *arguments], env=environment(display=True))
    try:
        qtbot.waitUntil(lambda: runs_in(log) == 1 if blank_ends else heeds(process.pid), timeout=TIMEOUT_S * 1000)
        process.send_signal(signal.SIGTERM)
        assert process.wait(TIMEOUT_S) == 0
    finally:
        process.kill()
    if blank_ends:
        assert not log.with_name("deepcount.db-wal").exists()
        assert runs_in(log) == 1


def runs_in(log: Path) -> int:
    """How many runs a log has; none where it is not made yet."""
    try:
        with closing(sqlite3.connect(f"file:{log}?mode=ro", uri=True)) as database:
            return database.execute("SELECT count(*) FROM run").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
