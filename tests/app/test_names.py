"""Names and addresses in the window: what cannot be shown is not, and nothing is taken for HTML."""

import os
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QMimeData, Qt

from app.pages.recording import State
from app.panels.banner import Banner
from app.panels.drop_target import dropped_file
from app.panels.facts_panel import FactsPanel
from app.panels.status_line import StatusLine, place_text
from app.running.player import Setup

WAIT_MS = 20_000
SECRET = "s3cret"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")


def told(recording) -> str:
    return recording.window().findChild(Banner).text


@POSIX
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (os.fsdecode(b"caf\xe9.mp4"), "caf\ufffd.mp4"),
        ("gate-12:30:00.mp4", "gate-12:30:00.mp4"),
        ("<b>a\n.mp4", "<b>a .mp4"),
    ],
    ids=["no UTF-8", "a time", "HTML and a line's end"],
)
def test_a_file_of_any_name_is_opened_and_shown(recording, clip, tmp_path, qtbot, name, shown):
    folder = tmp_path / "odd"
    folder.mkdir()
    path = Path(shutil.copy(clip, folder / name))
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(path)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    assert recording.status.part("file") == shown
    assert recording.window().windowTitle() == f"{shown} – DeepCount"
    assert told(recording) == ""


def test_an_address_that_a_dialog_gives_is_refused_without_its_secret(recording, qtbot):
    with qtbot.waitSignal(recording.bridge.refused, timeout=WAIT_MS):
        recording.open(Path(f"rtsp://u:{SECRET}@h/x"))
    assert "does not exist" in told(recording)
    assert SECRET not in told(recording)


def test_labels_and_tooltips_take_nothing_for_html(qtbot):
    facts, status = FactsPanel(), StatusLine()
    qtbot.addWidget(facts)
    qtbot.addWidget(status)
    facts.explain("model", "<img src='x'>\n& more")
    assert "&lt;img" in facts._values["model"].toolTip()
    assert facts._values["model"].textFormat() == Qt.TextFormat.PlainText
    assert status._parts["file"].textFormat() == Qt.TextFormat.PlainText


@POSIX
def test_a_file_whose_name_is_no_utf_8_can_be_dropped():
    data = QMimeData()
    data.setData("text/uri-list", b"file:///clips/caf%E9%20x%23.mp4\r\n")
    assert dropped_file(data) == Path(os.fsdecode(b"/clips/caf\xe9 x#.mp4"))


@pytest.mark.parametrize(
    "database", [f"postgresql://u:{SECRET}@h/db", f"postgresql://u:a/{SECRET}@h/db", f"mysql://h/d?password={SECRET}"]
)
def test_where_the_log_is_holds_no_secret(database):
    assert SECRET not in place_text(database)
    assert SECRET not in repr(Setup(None, database))
