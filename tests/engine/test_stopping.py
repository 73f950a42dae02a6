"""Stopping works, whatever hangs: real processes, models whose graphs never end, cameras that never answer."""

import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest

from endless import write_endless
from engine.camera import Camera
from engine.capture.recording import RecordingCapture
from engine.handoff import Line
from engine.inference.contract import read_model_file
from engine.inference.model import Model
from engine.inference.session import BrokenOffError
from engine.monitor.monitor import CLOSE_S
from engine.paths import LIGHT_MODEL
from engine.pipeline import Pipeline
from engine.sources import FileSource
from engine.sources.playback import Playback
from engine.stopping import PATIENCE_S
from engine.worker import Worker
from heeded import has_taken, heeds
from logged import waited_for

ROOT = Path(__file__).parents[2]
IN_TIME_S = 60  # for a machine that is busy with other things; nothing here takes so long by itself

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux which signals are heeded")


def started(*command, ignoring_interrupts=False) -> subprocess.Popen[str]:
    """Starts a program, as a shell does it in the background if it shall ignore interrupts."""
    before = ["sh", "-c", 'trap "" INT; exec "$@"', "sh"] if ignoring_interrupts else []
    return subprocess.Popen(
        [*before, sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def wait_until(is_true, process):
    """Waits for something that a process does; fails if it ends before, and ends it if it takes too long."""
    if waited_for(lambda: is_true() or process.poll() is not None, IN_TIME_S) and process.poll() is None:
        return
    process.kill()
    pytest.fail(f"ended with {process.returncode}, or did not come so far in time: {process.communicate()[1]}")


def ended(process, *numbers):
    """Sends signals and returns the exit status and what was printed."""
    try:
        for number in numbers:
            process.send_signal(number)
        out, err = process.communicate(timeout=IN_TIME_S)
    finally:
        process.kill()
    assert "Traceback" not in err
    assert "terminate called" not in err
    return process.returncode, out, err


def has_open(pid, path):
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            if link.readlink() == path:
                return True
    return False


def stored_runs(path):
    """Returns how many runs are noted in a log; none where it is not made yet."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM run").fetchone()[0]
    return 0


@pytest.fixture
def loads_for_ever(tmp_path):
    return write_endless(tmp_path / "loads.onnx", blank_ends=False)


@pytest.fixture
def counts_for_ever(tmp_path):
    return write_endless(tmp_path / "counts.onnx", blank_ends=True)


@pytest.mark.parametrize(
    ("command", "number", "expected"),
    [
        pytest.param(["watch", "{clip}"], signal.SIGTERM, 0, id="watch, SIGTERM"),
        pytest.param(["watch", "{clip}"], signal.SIGINT, 130, id="watch, Ctrl-C"),
        pytest.param(["count", "{clip}", "--out", "{out}"], signal.SIGTERM, 130, id="count, SIGTERM"),
    ],
)
def test_a_model_that_never_loads_is_left_alone(clip, tmp_path, loads_for_ever, command, number, expected):
    places = {"clip": clip(), "out": tmp_path / "out"}
    process = started("-m", "engine", *(word.format(**places) for word in command), "--model", loads_for_ever)
    wait_until(lambda: heeds(process.pid), process)  # as it does before it loads anything
    assert ended(process, number)[0] == expected


EARLY = """
import os, signal, sys
class Early:
    def find_spec(self, name, *_):
        if name == "{module}":
            try:
                signal.raise_signal(signal.{number})
            except BaseException:  # as libraries do while they are loaded
                pass
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)
sys.meta_path.insert(0, Early())
from {program} import program
program()
"""
"""A program that gets a signal while it imports something."""


@pytest.mark.parametrize(
    ("program", "module", "arguments", "number", "expected"),
    [
        ("engine.cli", "engine.commands.watch", ["watch", "webcam:0"], "SIGTERM", 0),
        ("engine.cli", "engine.commands.watch", ["watch", "webcam:0"], "SIGHUP", 0),
        ("engine.cli", "engine.commands.count", ["count", "missing.mp4"], "SIGTERM", 130),
        ("app.__main__", "app.running.player", [], "SIGTERM", 0),
        ("app.__main__", "app.desktop", [], "SIGTERM", 0),
    ],
    ids=["watch", "watch in a terminal that is closed", "count", "window before the engine", "window before Qt"],
)
def test_a_program_that_is_still_being_imported_ends_as_it_does_later(
    monkeypatch, program, module, arguments, number, expected
):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    code = EARLY.format(program=program, module=module, number=number)
    status, out, err = ended(started("-c", code, *arguments))
    assert status == expected, err
    assert out == ""


PRINTS = """
import io, signal, sys
from engine.stopping import end_on_signals
class Terminal(io.RawIOBase):
    def writable(self):
        return True
    def write(self, data):
        signal.raise_signal(signal.SIGTERM)
        return len(data)
end_on_signals()
sys.stdout = io.TextIOWrapper(io.BufferedWriter(Terminal()))
print("something", flush=True)
sys.exit(1)
"""
"""A program that gets a signal while it prints something."""


def test_a_program_that_is_asked_to_end_while_it_prints_does_so():
    status, _, err = ended(started("-c", PRINTS))
    assert (status, err) == (0, "")


def test_a_watch_ends_with_its_log_closed_when_its_terminal_is_closed(clip, tmp_path):
    log = tmp_path / "log.db"
    heeding = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); from engine.cli import program; program()"
    process = started("-c", heeding, "watch", clip(frames=120), "--json", "--database", log, "--model", LIGHT_MODEL)
    assert process.stdout.readline()
    assert ended(process, signal.SIGHUP)[0] == 0
    assert not log.with_name("log.db-wal").exists()
    assert stored_runs(log) == 1


def test_the_doctor_leaves_a_model_that_never_loads(loads_for_ever):
    doctor = (
        "import sys, onnxruntime, engine.commands.doctor, engine.inference.variants; from engine.cli import main; "
        "from engine.stopping import run_program; run_program(lambda: print(flush=True) or main(sys.argv[1:]))"
    )
    process = started("-c", doctor, "doctor", "--model", loads_for_ever)
    assert process.stdout.readline()
    assert ended(process, signal.SIGINT)[0] == 130


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_a_watch_ends_in_the_middle_of_a_frame_with_its_log_closed(clip, tmp_path, counts_for_ever, number, expected):
    log = tmp_path / "log.db"
    process = started("-m", "engine", "watch", clip(), "--json", "--model", counts_for_ever, "--database", log)
    assert process.stdout.readline()
    status, _, err = ended(process, number)
    assert status == expected
    assert "nothing was counted" in err
    assert not log.with_name("log.db-wal").exists()
    assert stored_runs(log) == 1


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["SIGTERM", "Ctrl-C", "a closed terminal"]
)
def test_a_count_ends_in_the_middle_of_a_frame(clip, tmp_path, counts_for_ever, number):
    out = tmp_path / "out"
    process = started("-m", "engine", "count", clip(), "--out", out, "--model", counts_for_ever)
    wait_until(lambda: stored_runs(out / "deepcount.db"), process)
    status, _, err = ended(process, number)
    assert status == 130
    assert "what was counted so far is kept" in err
    assert not (out / "deepcount.db-wal").exists()
    assert stored_runs(out / "deepcount.db") == 1


@pytest.mark.parametrize(("command", "expected"), [("watch", 0), ("count", 130)], ids=["watch", "count"])
def test_a_log_that_does_not_open_is_not_waited_for(clip, tmp_path, command, expected):
    log = tmp_path / "log.db"
    with closing(sqlite3.connect(log, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")
        process = started("-m", "engine", command, clip(), "--database", log, "--model", LIGHT_MODEL)
        wait_until(lambda: has_open(process.pid, log), process)
        status, _, err = ended(process, signal.SIGTERM)
    assert status == expected
    assert "is locked" not in err


def test_a_watch_does_not_wait_for_a_camera_that_never_answers(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        config = tmp_path / "cameras.toml"
        camera = f'address = "rtsp://127.0.0.1:{deaf.getsockname()[1]}/x"\nopen_timeout_s = 60\n'
        config.write_text("".join(f'[[cameras]]\nname = "{name}"\n{camera}' for name in ("gate", "yard", "hall")))
        process = started("-m", "engine", "watch", "--config", config, "--json", "--model", LIGHT_MODEL)
        assert process.stdout.readline()
        status, _, err = ended(process, signal.SIGTERM)
    assert status == 0
    assert "is still busy" not in err  # what FFmpeg waits for ends when it is asked to


def test_what_is_ignored_stays_ignored_and_the_way_to_end_it_is_said(clip, tmp_path, counts_for_ever):
    process = started("-m", "engine", "watch", clip(), "--json", "--model", counts_for_ever, ignoring_interrupts=True)
    said = process.stderr.readline()
    assert "Ctrl-C is ignored here" in said
    assert f"'kill {process.pid}' ends it" in said
    assert process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline()
    assert ended(process, signal.SIGTERM)[0] == 0


STUCK = """
import sys
import threading
from pathlib import Path
import numpy as np
from engine import stopping
from engine.counting.reading import Reading
from engine.inference.contract import read_model_file
from engine.inference.model import Model
from engine.log.store import Store
from engine.picture.frame import Frame
from engine.picture.shot import Still

def announce(main_thread):
    # It is inside of a library where it has been at one and the same place for a second.
    places = []
    while len(places) < 10 or len(set(places[-10:])) > 1:
        threading.Event().wait(0.1)
        frame = sys._current_frames()[main_thread]
        places.append((frame.f_code, frame.f_lasti))
    print("stuck", flush=True)

def main():
    stopping.PATIENCE_S = float(sys.argv[3])
    file, store = read_model_file(Path(sys.argv[1])), Store(sys.argv[2])
    run = store.run(camera="gate", model=file)
    run.put(Reading(Frame(0, 0.0, Still(np.zeros((2, 2, 3), np.uint8))), 7.0))
    with stopping.stopped_by_signals():
        threading.Thread(target=announce, args=[threading.get_ident()], daemon=True).start()
        Model(file)

stopping.run_program(main)
"""


@pytest.mark.parametrize(
    ("patience_s", "numbers", "expected"),
    [
        pytest.param(1, [signal.SIGTERM], 143, id="after the first"),
        pytest.param(1000, [signal.SIGINT, signal.SIGINT], 130, id="by the second"),
        pytest.param(1000, [signal.SIGTERM] * 3, 143, id="at once by the third"),
    ],
)
def test_a_process_that_is_stuck_in_a_library_ends_with_its_log_closed(
    tmp_path, loads_for_ever, patience_s, numbers, expected
):
    log = tmp_path / "log.db"
    process = started("-c", STUCK, loads_for_ever, log, patience_s)
    assert process.stdout.readline() == "stuck\n"
    *early, last = numbers
    for number in early:
        process.send_signal(number)
        wait_until(lambda number=number: has_taken(process.pid, number), process)
    status, _, err = ended(process, last)
    assert status == expected
    assert "ended by force" in err
    with closing(sqlite3.connect(log)) as database:
        assert database.execute("SELECT mean, readings FROM sample").fetchall() == [(7.0, 1)]


def test_a_wait_that_is_interrupted_does_not_take_a_thread_for_ended():
    main_thread, waits, may_end = threading.get_ident(), [], threading.Event()

    def interrupt_and_stay():
        while not (waits and sys._current_frames()[main_thread].f_code.co_filename == threading.__file__):
            may_end.wait(0.01)
        signal.pthread_kill(main_thread, signal.SIGINT)
        may_end.wait()

    worker = Worker("worker", interrupt_and_stay)
    worker.start()
    waits.append(True)
    with pytest.raises(KeyboardInterrupt):
        worker.finish(IN_TIME_S)
    assert worker.running
    assert not worker.finish(0.0)
    may_end.set()
    assert worker.finish()
    assert not worker.running


def test_the_limits_contain_each_other():
    assert CLOSE_S < PATIENCE_S


def test_a_pipeline_that_is_stopped_leaves_its_frame_half_counted_and_the_model_counts_again(clip, counts_for_ever):
    model = Model(read_model_file(counts_for_ever))
    readings = Line(room=4)
    capture = RecordingCapture(FileSource(clip()), Playback(own_speed=False))
    with Pipeline(model, [Camera(capture, [readings])]) as pipeline:
        assert readings.get() is None
        assert pipeline.running
    assert not pipeline.running
    assert pipeline.failure is None
    assert list(readings) == []
    assert model.count(np.zeros((2, 384, 512, 3), np.uint8)).tolist() == [0.0, 0.0]


def test_an_interrupted_model_counts_no_further_tile(model):
    tiles = np.zeros((2, 384, 512, 3), np.uint8)
    model.interrupt()
    try:
        with pytest.raises(BrokenOffError):
            model.count(tiles)
    finally:
        model.resume()
    assert len(model.count(tiles)) == 2


@pytest.mark.parametrize(("command", "expected"), [("watch", 0), ("count", 130)])
def test_what_is_watched_or_counted_ends_as_asked_when_its_terminal_is_gone(clip, tmp_path, command, expected):
    results = ["--database", tmp_path / "log.db"] if command == "watch" else ["--out", tmp_path / "out", "--no-video"]
    words = ["-m", "engine", command, clip(frames=900, rate=25), "--model", LIGHT_MODEL, *results]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *map(str, words)])
    os.read(terminal, 1)  # it has begun to draw
    os.close(terminal)
    ends = []

    def has_ended():
        if not ends and (found := os.waitpid(pid, os.WNOHANG))[0]:
            ends.append(os.waitstatus_to_exitcode(found[1]))
        return bool(ends)

    assert waited_for(has_ended, IN_TIME_S)
    assert ends == [expected]
