"""The command `deepcount`, as a process of its own."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from endless import write_endless
from engine.paths import DEMO_CLIP
from heeded import heeds

TIMEOUT_S = 60


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
    ],
    ids=["source", "model", "two sources"],
)
def test_a_wrong_input_is_refused_before_a_window_opens(arguments, words):
    result = run(*arguments, display=True)
    assert result.returncode == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
def test_an_interrupt_closes_the_window(tmp_path: Path, qtbot):
    log = tmp_path / "deepcount.db"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", str(DEMO_CLIP), "--database", str(log)], env=environment(display=True)
    )
    try:
        qtbot.waitUntil(log.exists, timeout=TIMEOUT_S * 1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_S) == 0
    finally:
        process.kill()


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
