"""`deepcount-engine watch` as its user meets it."""

import json
import logging
import signal
import socket
import sqlite3
import sys
from collections import Counter as Tallied
from io import StringIO
from time import monotonic

import av
import numpy as np
import pytest
from rich.console import Console

from engine.capture.health import HealthReport, State
from engine.cli import main
from engine.commands.watch_table import drawn, line, summary
from engine.counting.reading import Reading
from engine.counting.schedule import Load
from engine.errors import ConfigError, ModelError
from engine.inference.model import Model
from engine.monitor.facts import CameraFacts, Newest, Tally, Total, camera_facts
from engine.paths import LIGHT_MODEL
from engine.picture.condition import Condition
from engine.picture.frame import Frame
from engine.picture.shot import Still
from engine.picture.zones import ZoneCount
from engine.redacted_log import logged
from engine.settings.addressed import addressed
from engine.settings.config_file import load_config
from engine.settings.fields import LONGEST_NAME
from engine.stopping import stopped_by_signals
from logged import started

NAMED = ("--model", LIGHT_MODEL)  # which runs as it is, and is not raced against others
KEYS = [
    "time", "camera", "state", "count", "change_p95", "low", "high", "reliable", "doubt",
    "zones", "per_m2", "areas_m2", "densest_per_m2", "calibration_problem",
    "offered_fps", "counted_fps", "dropped_share", "latency_p50_s", "latency_p95_s", "drops", "stalls", "reconnects",
    "decode_errors", "age_s", "condition", "tls", "problem", "remark", "alerts", "suspended", "recording",
    "overloaded",
]  # fmt: skip
ZONE = """
[[cameras.zones]]
name = "left"
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
"""


@pytest.fixture
def silent_address():
    """An address at which nobody listens, with a password in it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"rtsp://guard:hunter2@127.0.0.1:{taken.getsockname()[1]}/stream"


@pytest.fixture
def configured(tmp_path):
    """Writes a configuration: `configured(name=(address, further lines), ...)`, and returns its path."""

    def write(head="", **cameras):
        path = tmp_path / "cameras.toml"
        tables = [f'[[cameras]]\nname = "{n}"\naddress = "{a}"\n{more}\n' for n, (a, more) in cameras.items()]
        path.write_text(head + "\n" + "".join(tables))
        return path

    return write


def watch(capsys, *arguments):
    """Runs the command in this process; returns its exit status and what it printed."""
    try:
        status = main(["watch", *map(str, arguments)])
    except SystemExit as stop:
        status = stop.code
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def stored(path):
    with sqlite3.connect(path) as log:
        rows = log.execute(
            "SELECT camera.name, second, mean, readings FROM sample JOIN run ON run.id = run_id "
            "JOIN camera ON camera.id = camera_id ORDER BY run_id, second"
        ).fetchall()
    log.close()
    return rows


def test_a_lost_camera_is_unknown_in_the_json_and_has_no_sample(clip, configured, silent_address, tmp_path, capsys):
    config = configured(
        'database = "log.db"', yard=(clip(frames=30, rate=10).name, "loop = true" + ZONE), gone=(silent_address, "")
    )
    status, out, err = watch(capsys, "--config", config, "--json", "--duration", "4", *NAMED)
    assert status == 0
    found = [json.loads(text, parse_constant=pytest.fail) for text in out.splitlines()]
    assert all(list(values) == KEYS for values in found)
    each = Tallied(values["camera"] for values in found)
    assert each["yard"] == each["gone"] >= 2
    assert len({(values["camera"], values["time"]) for values in found}) == len(found)
    gone = [values for values in found if values["camera"] == "gone"]
    assert all(values["count"] is None and values["zones"] == {} for values in gone)
    assert all(values["state"] in ("connecting", "reconnecting") for values in gone)
    yard = [values for values in found if values["camera"] == "yard"][-1]
    assert yard["state"] == "live"
    assert yard["count"] >= 0
    assert yard["zones"]["left"] >= 0  # of the newest map, which may be older than the newest count
    rows = stored(tmp_path / "log.db")
    assert {name for name, *_ in rows} == {"yard"}
    assert all(mean >= 0 and readings > 0 for _, _, mean, readings in rows)
    assert "refuses the connection" in err
    assert "hunter2" not in out + err + config.with_name("log.db").read_bytes().decode("latin-1")


def test_a_recording_that_is_over_ends_the_watch_and_the_others_go_on_until_then(clip, capsys):
    short, long = clip(frames=3, rate=6, name="short.mp4"), clip(frames=12, rate=6, name="long.mp4")
    status, out, err = watch(capsys, short, long, *NAMED)
    assert status == 0
    assert "Traceback" not in err
    counts = {text.partition(":")[0]: text for text in out.splitlines()}
    assert " frames; " in counts["long.mp4"]
    assert "people on average" in counts["short.mp4"]


def test_a_recording_that_breaks_off_is_counted_once_and_said_to(clip, tmp_path, capsys):
    path = clip(frames=30, rate=30, size=(192, 256), faststart=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    status, out, _ = watch(capsys, path, "--database", tmp_path / "log.db", *NAMED)
    assert status == 0
    assert "breaks off after" in out
    assert 0 < sum(readings for *_, readings in stored(tmp_path / "log.db")) < 30


def cover_of_a_song(path):
    with av.open(str(path), "w") as container:
        sound = container.add_stream("mp2", rate=44100, layout="mono")
        for _ in range(4):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), format="s16", layout="mono")
            silence.rate = 44100
            container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "made", "sentence"),
    [
        pytest.param("missing.mp4", lambda path: None, "missing.mp4 does not exist", id="nothing there"),
        pytest.param("song.mpg", cover_of_a_song, "song.mpg holds no video", id="sound alone"),
        pytest.param("note.mp4", lambda path: path.write_text("bread"), "note.mp4 is no video", id="text"),
        pytest.param("empty", lambda path: path.mkdir(), "empty holds no picture", id="folder without pictures"),
    ],
)
def test_a_recording_that_cannot_be_read_is_refused_at_once(tmp_path, capsys, name, made, sentence):
    made(tmp_path / name)
    status, out, err = watch(capsys, tmp_path / name, "--model", LIGHT_MODEL, "--duration", "60")
    assert status == 2
    assert f"{name}: nothing was counted" in out
    assert sentence in out
    assert sentence in err
    assert err.count("\n") == 1


def test_a_recording_that_cannot_be_read_does_not_end_the_others(clip, tmp_path, capsys):
    whole = clip(frames=12, rate=6)
    status, out, _ = watch(capsys, tmp_path / "missing.mp4", whole, "--model", LIGHT_MODEL)
    assert status == 2
    assert "missing.mp4: nothing was counted" in out
    assert "clip.mp4: " in out
    assert " frames; " in out
    assert out.count("people on average") == 1


def test_an_example_is_printed_that_can_be_loaded(tmp_path, capsys):
    status, out, _ = watch(capsys, "--example")
    assert status == 0
    path = tmp_path / "cameras.toml"
    path.write_text(out)
    assert load_config(path).cameras


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param([], "give either --config FILE or addresses", id="nothing"),
        pytest.param(["{clip}", "--config", "{clip}"], "give either --config FILE or addresses", id="both"),
        pytest.param(["--config", "missing.toml"], "missing.toml", id="missing configuration"),
        pytest.param(["--config", "{twice}"], "each name once", id="duplicate names"),
        pytest.param(["--config", "{off}"], "no camera is enabled", id="none enabled"),
        pytest.param(["{clip}", "--model", "missing.onnx"], "model missing.onnx does not exist", id="missing model"),
        pytest.param(["{clip}", "--database", "{clip}"], "is no SQLite database", id="clip as a database"),
        pytest.param(["ftp://u:hunter2@host/x"], "ftp://", id="no such scheme"),
        pytest.param(["{clip}", "--duration", "0"], "0 is not above 0", id="no duration"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(clip, tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    table = f'[[cameras]]\nname = "gate"\naddress = "{clip(frames=2).name}"\n'
    files = {"clip": tmp_path / "clip.mp4", "twice": tmp_path / "twice.toml", "off": tmp_path / "off.toml"}
    files["twice"].write_text(table + table)
    files["off"].write_text(table + "enabled = false\n")
    status, out, err = watch(capsys, *[a.format(**files) for a in arguments])
    assert status == 2
    assert sentence in err
    assert "Traceback" not in err
    assert "hunter2" not in out + err


def test_a_model_that_fails_ends_the_watch_with_its_sentence(clip, configured, capsys, monkeypatch):
    def fail(model, item):
        raise ModelError("model light failed on 1 tiles: out of memory")

    config = configured(yard=(clip().name, 'loop = true\ndensity_interval_s = "never"'))
    monkeypatch.setattr(Model, "_count_part", fail)
    status, out, err = watch(capsys, "--config", config, "--duration", "60", *NAMED)
    assert status == 2
    assert "out of memory" in err
    assert "yard: nothing was counted" in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other signals")
@pytest.mark.parametrize(
    ("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["Ctrl-C", "the system"]
)
def test_being_stopped_flushes_the_samples_and_sums_up(clip, configured, silent_address, tmp_path, number, expected):
    config = configured(
        'database = "log.db"', yard=(clip(frames=30, rate=10).name, "loop = true"), gone=(silent_address, "")
    )
    process = started("watch", "--config", config, "--json")
    for text in process.stdout:
        if json.loads(text)["count"] is not None:
            break
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == expected
    assert "people on average" in err
    assert "Traceback" not in err
    assert "hunter2" not in err
    counted = int(err.split(" frames;")[0].rsplit(" ", 1)[1])
    assert sum(readings for *_, readings in stored(tmp_path / "log.db")) == counted > 0


def test_a_reader_that_goes_away_ends_the_watch(clip, configured):
    config = configured(yard=(clip(frames=30, rate=10).name, "loop = true"))
    process = started("watch", "--config", config, "--json")
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_a_second_signal_does_not_wait():
    with stopped_by_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        assert (stop.asked, stop.interrupted) == (True, False)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_no_secret_reaches_the_log(capsys):
    with logged():
        logging.getLogger("engine.test").warning("cannot open %s", "rtsp://guard:hunter2@10.0.0.7/x?token=abc")
    assert capsys.readouterr().err.strip().endswith("cannot open rtsp://***@10.0.0.7/x?token=***")


def test_addresses_are_named_by_file_or_host_and_each_name_is_given_once():
    config = addressed(["clips/yard.mp4", "rtsp://u:hunter2@10.0.0.7/a", "rtsp://u:hunter2@10.0.0.7/b", "webcam:0"])
    assert [camera.name for camera in config.cameras] == ["yard.mp4", "10.0.0.7", "10.0.0.7 2", "webcam:0"]


def test_names_made_from_addresses_are_short_unique_and_readable():
    long = "x" * 120
    texts = [
        "d1/Gate.mp4",
        "d2/gate.mp4",
        f"{long}1.mp4",
        f"{long}2.mp4",
        "caf\udce9\u202e.mp4",
        "rtsp://[::1]/a",
        "/",
    ]
    names = [camera.name for camera in addressed([*texts, "./12:30@gate.mp4", f"rtsp://{long}/"]).cameras]
    assert names[:2] == ["Gate.mp4", "gate.mp4 2"]
    assert names[4:8] == ["caf\ufffd\ufffd.mp4", "::1", "camera", "***@gate.mp4"]
    assert all(len(name) <= LONGEST_NAME for name in names)
    assert names[2].startswith("xxx")
    assert names[2].endswith("x1.mp4")


@pytest.mark.parametrize(
    "address",
    ["http://[::1/x", "rtsp://u:p@ss#1/hunter2@h/x", "u:hunter2@h", "u:a hunter2@h/x", "rtsp:/u:hunter2@h", "a\0b", ""],
)
def test_an_address_that_cannot_be_is_refused_by_its_number(address):
    with pytest.raises(ConfigError, match=r"^address 2 [a-z]") as caught:
        addressed(["clip.mp4", address])
    assert "hunter2" not in str(caught.value)


def report(state=State.LIVE, problem="", condition=Condition.CLEAR):
    return HealthReport(state, 0.0, problem, 10, 5.0, 0.1, 2, 0, 1, 0, condition, (96, 128), None)


def reading(people, counted_s, zones=None):
    density = None if zones is None else np.zeros((1, 1), np.float32)
    counts = tuple(ZoneCount(*zone) for zone in (zones or {}).items())
    frame = Frame(0, counted_s, Still(np.zeros((2, 2, 3), np.uint8)))
    return Reading(frame, people, density, zones=counts, counted_s=counted_s)


def shown(tally, now_s):
    newest = tally.newest(now_s)
    return newest.people, newest.zones


def test_a_count_is_shown_only_while_it_is_fresh_and_zones_as_long_as_their_interval():
    tally = Tally(interval_s=0.0, map_interval_s=10.0)
    assert shown(tally, 0.0) == (None, None)
    assert tally.change_p95 is None
    tally.put(reading(8.0, 100.0, {"left": 3.0}))
    tally.put(reading(9.0, 101.0))
    assert shown(tally, 102.0) == (9.0, {"left": 3.0})
    assert shown(tally, 110.0) == (None, {"left": 3.0})
    assert shown(tally, 121.0) == (None, None)
    assert tally.total == Total(2, 8.5, 8.0, 9.0)
    assert tally.change_p95 == pytest.approx(1.0)


@pytest.mark.parametrize("state", [state for state in State if state is not State.LIVE])
def test_a_camera_that_is_not_live_has_no_count(state):
    tally = Tally(interval_s=0.0, map_interval_s=0.0)
    tally.put(reading(8.0, monotonic(), {"left": 3.0}))
    load = Load(0.0, 0.0, 0.0, None, None)
    assert camera_facts("gate", report(State.LIVE), load, tally).newest.people == 8.0
    assert camera_facts("gate", report(state), load, tally).newest == Newest()


def test_the_table_and_the_lines_say_how_every_camera_is_doing():
    load = Load(10.0, 5.0, 0.5, 0.041, 0.09)
    gate = CameraFacts("north gate", report(condition=Condition.DARK), load, Newest(34.2, {"left": 20.4}), Total())
    total = Total(2, 8.5, 8, 9)
    lost = CameraFacts("[red]yard", report(State.FAILED, "the host is unknown"), load, Newest(), total, change_p95=0.83)
    console = Console(width=90, file=StringIO())
    console.print(drawn([gate, lost], overloaded=True))
    text = console.file.getvalue()
    for words in ("live, dark", " 34 ", "5.0/10.0", "41 ms", "north gate: left 20", "[red]yard", "failed", "–"):
        assert words in text
    assert "[red]yard: the host is unknown" in text
    assert "overload" in text
    assert line(gate).startswith("north gate: live, dark  34 people (left 20)  5.0/10.0 frames/s  41 ms")
    assert line(lost).endswith("the host is unknown")
    assert summary(gate).startswith("north gate: nothing was counted")
    assert "8.5 people on average, 8 at least, 9 at most, in 2 frames; " in summary(lost)
    assert "; moved by 0.8 at most in 95 % of the frames" in summary(lost)
