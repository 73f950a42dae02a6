"""Files of any name are counted and watched, and what is printed and stored of the name can be shown."""

import json
import os
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.commands.report import CSV, VIDEO
from engine.paths import LIGHT_MODEL

NAMES = {
    "a time, as recorders write it": "gate-12:30:00.mp4",
    "no UTF-8": os.fsdecode(b"caf\xe9.mp4"),
    "control characters": "a\x1b[31mb\nc.mp4",
    "marks of an address": "a?b=c#d%41&e.mp4",
    "a direction": "a\u202eb.mp4",
    "pictures": "👨‍👩‍👧 $x$.mp4",
}
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")


@pytest.fixture
def named(clip, tmp_path, monkeypatch):
    """Puts a short clip into an empty folder, which becomes the current one, under a name."""
    source, folder = clip(frames=2), tmp_path / "clips"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return lambda name: shutil.move(source, folder / name)


def run(capsys, *words):
    status = main([*map(str, words), "--model", str(LIGHT_MODEL)])
    return status, *capsys.readouterr()


def logged(path):
    with sqlite3.connect(path) as log:
        return log.execute("SELECT name, SUM(readings) FROM camera, run, sample").fetchall()


@POSIX
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_of_any_name_is_counted(named, capsys, name):
    named(name)
    status, out, err = run(capsys, "count", name)
    assert (status, "Traceback" in err) == (0, False)
    assert all(line.isprintable() for line in out.splitlines())
    assert "2 frames" in out
    folder = Path(f"{name.removesuffix('.mp4')}-counts")
    assert {CSV, VIDEO, "deepcount.db"} <= {path.name for path in folder.iterdir()}
    ((stored, readings),) = logged(folder / "deepcount.db")
    assert (stored.isprintable(), readings) == (True, 2)


@POSIX
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_what_is_said_in_json_of_any_name_can_be_shown(named, capsys, name):
    named(name)
    status, out, _ = run(capsys, "count", name, "--json", "--no-video", "--out", "out")
    assert status == 0
    assert json.loads(out)["source"].isprintable()


@POSIX
@pytest.mark.parametrize("name", [name for key, name in NAMES.items() if key != "control characters"])
@pytest.mark.parametrize("form", [[], ["--json"]], ids=["lines", "JSON"])
def test_a_file_of_any_name_is_watched(named, capsys, name, form):
    named(name)
    status, out, err = run(capsys, "watch", name, "--database", "log.db", *form)
    assert (status, "Traceback" in err) == (0, False)
    assert "people on average" in out + err
    assert all(line.isprintable() for line in (out + err).splitlines())
    ((stored, readings),) = logged("log.db")
    assert (stored.isprintable(), readings) == (True, 2)


@POSIX
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("words", ["count {}", "count clip.mp4 --truth {}", "watch --config {}", "bench {}"])
def test_a_file_of_any_name_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, capsys, words, name):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(capsys, *(word.replace("{}", f"no {name}") for word in words.split(" ")))
    assert (status, "Traceback" in err) == (2, False)
    assert all(line.isprintable() for line in (out + err).splitlines())
