"""What is given on a command line, in a configuration or as a file's name: no secret of it comes out again."""

import logging
import subprocess
import sys

import pytest

from app.__main__ import main as open_window
from app.order import source_of
from engine.cli import main
from engine.errors import ConfigError
from engine.paths import LIGHT_MODEL
from engine.settings.config import CameraSettings
from engine.settings.config_file import load_config

SECRET = "s3cret"
ADDRESSES = {
    "login": f"rtsp://u:{SECRET}@h/x",
    "folded": f"rtsp:/u:{SECRET}@h/x",
    "no scheme": f"u:{SECRET}@h",
    "no scheme, space": f"u:a {SECRET}@h",
    "slash and hash": f"rtsp://u:p@ss#1/{SECRET}@h/x",
    "space": f"rtsp://u:a {SECRET}@h/x",
    "query": f"http://h/x?sig={SECRET}",
    "query, encoded": f"http://h/x?%70wd={SECRET}",
    "query, space": f"https://h/x?password=a {SECRET}",
    "path": f"rtsp://h/user=admin&password={SECRET}&channel=1",
    "stream key": f"rtmp://h/live/{SECRET}",
    "SRT": f"srt://h:9000?passphrase={SECRET}",
    "no scheme, stream key": f"~rtmp://h/live/{SECRET}",
    "scheme before a scheme": f"concat:rtmp://h/live/{SECRET}",
    "file": f"file:///x?token={SECRET}",
}
FILES = {
    "count SOURCE": "count {}",
    "count --model": "count clip.mp4 --model {}",
    "count --truth": "count clip.mp4 --truth {}",
    "count --out": "count clip.mp4 --out {}",
    "watch --config": "watch --config {}",
    "watch --model": "watch clip.mp4 --model {}",
    "bench SOURCE": "bench {}",
    "bench --model": "bench --model {}",
    "doctor --model": "doctor --model {}",
    "doctor --config": "doctor --config {}",
    "deepcount --config": "deepcount --config {}",
    "deepcount --model": "deepcount --model {}",
}
OTHERS = {
    "no command": "{}",
    "too many": "count clip.mp4 {}",
    "unknown option": "count clip.mp4 --nothing={}",
    "a value for none": "count clip.mp4 --json={}",
    "unclear option": "watch clip.mp4 --d={}",
    "choice": "count clip.mp4 --provider {}",
    "number": "count clip.mp4 --fps {}",
    "seconds": "count clip.mp4 --smooth {}",
    "grid": "count clip.mp4 --grid {}",
    "numbers": "bench --cameras {}",
    "duration": "watch clip.mp4 --duration {}",
    "deepcount --provider": "deepcount --provider {}",
    "deepcount too many": "deepcount clip.mp4 {}",
}
DATABASES = {
    "login": f"nosuch://u:{SECRET}@h/db",
    "camera": f"rtsp://u:{SECRET}@h/db",
    "folded": f"rtsp:/u:{SECRET}@h/db",
    "no scheme": f"u:{SECRET}@h/db",
    "query": f"nosuch://h/db?password={SECRET}",
    "driver that is not there": f"mysql+aiomysql://u:a@h/db?password={SECRET}",
    "not a URL": f"://u:{SECRET}@h",
    "slash": f"nosuch://u:a/{SECRET}@h/db",
    "sign before the scheme": f"~postgresql://u@h/{SECRET}",
}


def said(capsys, line, value):
    """Runs a command with a value in the place of {}; returns its status and all that it printed."""
    program, *words = line.split(" ")
    run, words = (open_window, words) if program == "deepcount" else (main, [program, *words])
    try:
        status = run([word.replace("{}", value) for word in words])
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    return status, out + err


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("line", FILES.values(), ids=FILES)
def test_an_address_in_place_of_a_file_is_refused_without_its_secret(capsys, line, address):
    status, text = said(capsys, line, address)
    assert status == 2
    assert SECRET not in text
    assert "is an address, expected a file of this computer; watch a camera with 'deepcount-engine watch'" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_what_the_window_is_to_open_is_a_camera_or_refused_without_its_secret(capsys, address):
    try:
        camera = source_of(address)
    except ConfigError:
        camera = None
    if isinstance(camera, CameraSettings):
        assert SECRET not in f"{camera!r} {camera.name} {camera.shown}"
        return
    status, text = said(capsys, "deepcount {}", address)
    assert status == 2
    assert SECRET not in text


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
@pytest.mark.parametrize("line", OTHERS.values(), ids=OTHERS)
def test_an_address_in_a_wrong_place_is_refused_without_its_secret(capsys, line, address):
    status, text = said(capsys, line, address)
    assert status == 2
    assert SECRET not in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("database", DATABASES.values(), ids=DATABASES)
@pytest.mark.parametrize("command", ["count", "watch"])
def test_a_database_that_cannot_be_is_refused_without_its_secret(
    clip, tmp_path, monkeypatch, capsys, command, database
):
    monkeypatch.chdir(tmp_path)
    status, text = said(capsys, f"{command} {clip(frames=2).name} --model {LIGHT_MODEL} --database {{}}", database)
    assert status == 2
    assert SECRET not in text
    assert "Traceback" not in text


@pytest.mark.parametrize("key", ["no scheme, stream key", "scheme before a scheme"])
def test_what_is_nearly_an_address_is_no_path_to_watch(capsys, key):
    status, text = said(capsys, "watch {}", ADDRESSES[key])
    assert (status, SECRET in text) == (2, False)
    assert "address 1 holds '://' behind what is no scheme, expected such as rtsp://HOST/PATH" in text


def test_what_is_not_secret_of_a_wrong_argument_is_said(capsys):
    text = said(capsys, "count clip.mp4 --nothing={}", ADDRESSES["login"])[1]
    assert "unrecognized arguments: --nothing=rtsp://***@h/x; see 'deepcount-engine --help'" in text
    assert "'rtsp:' as a camera's" in said(capsys, "count clip.mp4 --database {}", ADDRESSES["folded"])[1]


@pytest.mark.parametrize("address", ["webcam:0", "/dev/video0", "RTSP://h/x", "udp://@239.0.0.1:5000"])
def test_a_live_address_is_not_counted_but_watched(capsys, address):
    assert "deepcount-engine watch" in said(capsys, "count {}", address)[1]


TEXTS = ("name", "user", "password_env", "grid", "transport", "hardware", "max_fps", "loop", "nothing")


@pytest.mark.parametrize("address", [a for key, a in ADDRESSES.items() if key != "file"])
@pytest.mark.parametrize("key", [*TEXTS, "database", "model", "provider", "zone", "polygon", "table", "syntax"])
def test_no_text_of_a_configuration_comes_out_with_its_secret(tmp_path, key, address, caplog):
    quoted = f'"{address}"'
    camera = {"name": '"gate"', "address": '"rtsp://10.0.0.1/x"'} | ({key: quoted} if key in TEXTS else {})
    head = f"{key} = {quoted}\n" if key in ("database", "model", "provider") else ""
    body = "[[cameras]]\n" + "".join(f"{k} = {v}\n" for k, v in camera.items())
    tail = {
        "zone": f"[[cameras.zones]]\nname = {quoted}\npolygon = [[0, 0], [1, 0]]\n",
        "polygon": f"include = [[[{quoted}, 0], [1, 0], [1, 1]]]\n",
        "table": f"[{quoted}]\n",
        "syntax": f"x = {address}\n",
    }.get(key, "")
    path = tmp_path / "cameras.toml"
    path.write_text(head + body + tail)
    with caplog.at_level(logging.DEBUG):
        try:
            config = load_config(path)
            logging.getLogger("test").info("%s %r %s", config, config, config.model_dump())
        except ConfigError as error:
            logging.getLogger("test").info("%s %r %r", error, error, error.__cause__)
    assert SECRET not in caplog.text
    assert caplog.text


def test_the_process_itself_repeats_no_secret(tmp_path):
    command = [sys.executable, "-m", "engine", "count", ADDRESSES["login"], "--fps", ADDRESSES["no scheme, space"]]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60, env=None)
    assert result.returncode == 2
    assert SECRET not in result.stdout + result.stderr
