"""What is saved of a recording from the window: pictures, clips, tables."""

from threading import Event

import numpy as np
import pytest

from engine.sources import FileSource

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QImage

from app.pages.recording import State
from app.panels.banner import Banner
from app.panels.snapshot import file_stem, free_path, snapshot

WAIT_MS = 30_000


@pytest.fixture
def looked(recording, clip, qtbot):
    """A short recording, counted to its end and looked at in its middle."""
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(clip)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    recording.look(lambda: recording.around.seek(0.7))
    qtbot.waitUntil(lambda: recording.around.looked.is_exact, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    return recording


def told(recording) -> str:
    return recording.window().findChild(Banner).text


def test_one_key_saves_a_picture_of_what_is_shown_where_something_was_saved_last(looked, tmp_path, qtbot):
    looked.desk.exporting.folder = tmp_path / "pictures"
    looked.desk.exporting.folder.mkdir()
    looked.acts["heatmap"].trigger()
    shown = []
    for number in (1, 2):
        shown.append(looked.panels.video._picture.copy())
        qtbot.keyClick(looked, Qt.Key.Key_S)
        qtbot.waitUntil(lambda count=number: told(looked).count("saved as") == count, timeout=WAIT_MS)
    names = sorted(path.name for path in looked.desk.exporting.folder.iterdir())
    assert names == ["short 0-00.7 (2).png", "short 0-00.7.png"]
    assert f"saved as {looked.desk.exporting.folder / names[1]}" in told(looked)
    for picture, name in zip(shown, reversed(names), strict=True):
        saved = QImage(str(looked.desk.exporting.folder / name))
        assert (saved.width(), saved.height() > picture.height()) == (picture.width(), True)
        assert saved.copy(picture.rect()) == picture.convertToFormat(saved.format())


def test_a_picture_has_its_overlay_as_strong_as_it_is_shown(qapp):
    frame, overlay = (QImage(200, 100, QImage.Format.Format_RGB32) for _ in range(2))
    frame.fill(QColor(0, 0, 0))
    overlay.fill(QColor(200, 0, 0))
    drawn = snapshot(frame, overlay, 0.5, "12 people")
    assert drawn.pixelColor(100, 50).red() == pytest.approx(100, abs=2)
    assert drawn.height() > 100
    beneath = {drawn.pixelColor(x, y).name() for x in range(100) for y in range(100, drawn.height())}
    assert len(beneath) > 3  # there are words


def test_without_a_picture_none_is_saved(recording):
    assert recording.desk.exporting.save_snapshot() is None


def test_a_part_is_saved_as_a_clip_and_as_a_table(looked, clip, tmp_path, qtbot):
    line, out = looked.panels.plot, tmp_path / "out"
    out.mkdir()
    line.choose(0.6, 1.2)
    looked.desk.exporting.save_counts(out / "part.csv")
    looked.desk.exporting.save_clip(out / "part.mp4")
    qtbot.waitUntil(lambda: "it begins at 0:00.5" in told(looked), timeout=WAIT_MS)
    qtbot.waitUntil((out / "part.csv").exists, timeout=WAIT_MS)
    with FileSource(out / "part.mp4") as part, FileSource(clip) as whole:
        parts, wholes = ([frame.picture for frame in source.frames()] for source in (part, whole))
    assert np.array_equal(parts[0], wholes[5])
    assert 8 <= len(parts) <= 10
    rows = (out / "part.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows[0] == "time (s),count (people)"
    assert [row.split(",")[0] for row in rows[1:]] == [f"{tenth / 10:.3f}" for tenth in range(6, 13)]
    assert looked.desk.exporting.folder == out
    qtbot.waitUntil(lambda: not looked.desk.exporting.strip.isVisible(), timeout=WAIT_MS)
    assert looked.state()["saved"] == str(out)


def test_a_clip_that_cannot_be_written_is_told(looked, tmp_path, qtbot):
    looked.panels.plot.choose(0.2, 0.9)
    looked.desk.exporting.save_clip(tmp_path / "nowhere" / "part.mp4")
    qtbot.waitUntil(lambda: "cannot be written" in told(looked), timeout=WAIT_MS)


def test_a_clip_that_is_given_up_leaves_nothing_and_says_nothing(looked, tmp_path, qtbot):
    out = tmp_path / "out"
    out.mkdir()
    looked.panels.plot.choose(0.2, 0.9)
    seen = Event()
    looked.desk.exporting._clips.ask("something before it", seen.wait)  # or so short a clip may be through
    looked.desk.exporting.save_clip(out / "part.mp4")
    assert looked.desk.exporting.strip.isVisible()
    looked.desk.exporting.strip.cancel.click()
    seen.set()
    looked.desk.exporting._clips.close()
    looked.desk.exporting.pull()
    assert (list(out.iterdir()), told(looked)) == ([], "")
    assert not looked.desk.exporting.strip.isVisible()


def test_no_part_is_said_to_be_chosen(looked, qtbot):
    looked.acts["save_clip"].trigger()
    qtbot.waitUntil(lambda: "set in and out point (I and O)" in told(looked), timeout=WAIT_MS)


@pytest.mark.parametrize(
    ("name", "times", "stem"),
    [
        ("gate 1.mp4", (83.4,), "gate 1 1-23.4"),
        ("a:b/../c?.mkv", (1.0, 2.0), "c_ 0-01.0 to 0-02.0"),
        ("...", (0.0,), "recording 0-00.0"),
        ("ü" * 300 + ".avi", (0.0,), "ü" * 80 + " 0-00.0"),
    ],
)
def test_a_file_is_called_as_every_system_allows_it(name, times, stem):
    assert file_stem(name, *times) == stem


def test_nothing_is_written_over(tmp_path):
    path = tmp_path / "a.png"
    assert free_path(path) == path
    path.touch()
    (tmp_path / "a (2).png").touch()
    assert free_path(path) == tmp_path / "a (3).png"
