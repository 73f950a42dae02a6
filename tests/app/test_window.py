"""The window, from a file to what the operator sees."""

import sqlite3
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic

import av
import numpy as np
import pytest

from engine.counting.counter import Counter, Due, count_tiles
from engine.inference.variants import load_model
from engine.paths import LIGHT_MODEL
from engine.sources import FileSource

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent, QPixmap
from PyQt6.QtWidgets import QApplication, QPushButton

from app.actions import COMMANDS
from app.desktop import log_exception
from app.panels.facts_panel import UNKNOWN
from app.panels.video_view import INVITATION
from app.window import State, place_text

WAIT_MS = 20_000
IN_FLIGHT = 5  # frames that may be on their way when a recording is paused


def counts_of(path: Path) -> list[float]:
    model, counter, counts = load_model(LIGHT_MODEL), Counter(), []
    with FileSource(path) as source:
        for due in (Due(counter, frame) for frame in source.frames()):
            count_tiles(model, [due])
            counts.append(due.reading().count)
    return counts


def rows_of(database: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


def table_of(window) -> list[tuple[str, ...]]:
    table = window.panels.log.table
    return [
        tuple(table.data(table.index(row, column)) for column in range(table.columnCount()))
        for row in range(table.rowCount())
    ]


def play_to_the_end(window, path: Path, qtbot) -> None:
    with qtbot.waitSignal(window.bridge.ended, timeout=WAIT_MS):
        window.open(path)
    qtbot.waitUntil(lambda: window.state is State.ENDED, timeout=WAIT_MS)


def drop_data(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_an_empty_window_invites_to_open_a_video(window):
    assert window.state is State.EMPTY
    assert not window.commands["play"].isEnabled()
    assert window.panels.facts.count.text == UNKNOWN
    assert any(
        label.isVisible() and label.text() == INVITATION
        for label in window.findChildren(type(window.panels.log.heading))
    )


def test_a_recording_is_counted_to_its_end(window, clip, qtbot):
    expected = counts_of(clip)
    play_to_the_end(window, clip, qtbot)
    facts = window.panels.facts
    assert facts.count.text == f"{expected[-1]:.0f}"
    assert facts.value("average") == f"{np.mean(expected):.1f}"
    assert facts.value("most").startswith(f"{max(expected):.0f} at 0:0")
    assert facts.value("model") == "light on cpu"
    assert window.panels.video.has_picture
    assert window.windowTitle() == "short.mp4 – DeepCount"
    assert window.status.part("size") == "320×240, 1×1 tile"
    assert window.status.part("position") == "0:01 of 0:01"
    assert window.panels.banner.isHidden()


def test_the_curve_has_a_point_for_every_reading(window, clip, qtbot):
    play_to_the_end(window, clip, qtbot)
    assert window.panels.plot.points == len(counts_of(clip)) == 15


def test_a_count_that_comes_before_its_picture_is_on_the_curve_too(window, clip, qtbot):
    picture, numbers = window._timers
    picture.stop()
    play_to_the_end(window, clip, qtbot)
    numbers.stop()
    assert window.panels.plot.points == 15


def test_samples_of_the_log_reach_the_table(window, clip, database, qtbot):
    play_to_the_end(window, clip, qtbot)
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() == 2, timeout=WAIT_MS)
    stored = rows_of(database, "select second, mean, least, most from sample order by second desc")
    assert table_of(window) == [
        (f"0:0{s}", f"{mean:.1f}", f"{low:.1f}", f"{high:.1f}") for s, mean, low, high in stored
    ]
    assert window.status.log == f"log: {database}"


def test_space_pauses_and_goes_on(window, long_clip, qtbot):
    window.open(long_clip)
    plot = window.panels.plot
    qtbot.waitUntil(lambda: plot.points >= 3, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.state is State.PAUSED
    assert window.commands["play"].text() == "Play"
    held = plot.points + IN_FLIGHT
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: plot.points > held, timeout=1000)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.state is State.PLAYING
    qtbot.waitUntil(lambda: plot.points > held, timeout=WAIT_MS)


def test_a_hidden_heatmap_is_neither_drawn_nor_computed(window, long_clip, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.video.has_heatmap, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: window.panels.facts.value("consistency").endswith("%"), timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert window.bridge.density_interval_s is None
    assert not window.panels.video.has_heatmap
    qtbot.waitUntil(lambda: window.panels.facts.value("consistency") == UNKNOWN, timeout=WAIT_MS)
    qtbot.keyClick(window, Qt.Key.Key_H)
    assert window.bridge.density_interval_s == 0.0
    qtbot.waitUntil(lambda: window.panels.video.has_heatmap, timeout=WAIT_MS)


def test_plus_and_minus_change_the_opacity(window, qtbot):
    before = window.opacity.opacity
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    qtbot.keyClick(window, Qt.Key.Key_Plus)
    assert window.opacity.opacity == pytest.approx(before - 0.1)


def test_a_second_recording_replaces_the_first(window, long_clip, clip, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.plot.points >= 3, timeout=WAIT_MS)
    play_to_the_end(window, clip, qtbot)
    assert window.windowTitle() == "short.mp4 – DeepCount"
    assert window.panels.plot.points == 15


def test_closing_in_the_middle_of_a_recording_is_quick(window, long_clip, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.plot.points >= 3, timeout=WAIT_MS)
    started = monotonic()
    window.close()
    assert monotonic() - started < 5


def test_a_text_file_is_refused_in_words(window, tmp_path, clip, qtbot):
    text = tmp_path / "notes.mp4"
    text.write_text("bread, butter")
    with qtbot.waitSignal(window.bridge.refused, timeout=WAIT_MS):
        window.open(text)
    qtbot.waitUntil(window.panels.banner.isVisible, timeout=WAIT_MS)
    assert "notes.mp4 is no video that FFmpeg can read" in window.panels.banner.text
    assert window.state is State.EMPTY
    play_to_the_end(window, clip, qtbot)
    assert window.panels.banner.isHidden()


def test_a_refused_file_leaves_the_recording_running(window, tmp_path, long_clip, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.plot.points >= 3, timeout=WAIT_MS)
    with qtbot.waitSignal(window.bridge.refused, timeout=WAIT_MS):
        window.open(tmp_path / "missing.mp4")
    qtbot.waitUntil(window.panels.banner.isVisible, timeout=WAIT_MS)
    assert "does not exist" in window.panels.banner.text
    before = window.panels.plot.points
    qtbot.waitUntil(lambda: window.panels.plot.points > before, timeout=WAIT_MS)
    assert window.state is State.PLAYING
    dismiss = window.panels.banner.findChild(QPushButton)
    qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert window.panels.banner.isHidden()


def test_a_recording_that_breaks_off_keeps_its_readings(window, tmp_path, qtbot):
    cut = tmp_path / "cut.mkv"
    write_noise(cut, frames=40)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 3])
    play_to_the_end(window, cut, qtbot)
    assert "cut.mkv" in window.panels.banner.text
    assert "the readings up to there are kept" in window.panels.banner.text
    assert 0 < window.panels.plot.points < 40
    assert window.panels.facts.count.text != UNKNOWN


def write_noise(path: Path, *, frames: int) -> None:
    noise = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(frames):
            picture = noise.integers(0, 255, (240, 320, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def test_what_was_lost_in_a_recording_is_told_at_its_end(window, tmp_path, qtbot):
    joined = tmp_path / "joined.ts"
    write_noise(joined, frames=15)
    joined.write_bytes(joined.read_bytes() * 2)
    play_to_the_end(window, joined, qtbot)
    assert window.panels.banner.text.startswith("joined.ts: at 1.5 s its own time jumps from ")
    assert window.panels.plot.points == 30


def test_a_file_can_be_dropped_on_the_window(window, clip, qtbot):
    data = drop_data(clip)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    assert window.panels.video.dragging
    dropping = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    with qtbot.waitSignal(window.bridge.ended, timeout=WAIT_MS):
        QApplication.sendEvent(window, dropping)
    assert window.windowTitle() == "short.mp4 – DeepCount"


def test_what_is_no_file_cannot_be_dropped(window):
    data = QMimeData()
    data.setText("good morning")
    entering = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, entering)
    assert not window.panels.video.dragging


def test_play_at_the_end_counts_again_from_the_beginning(window, clip, database, qtbot):
    play_to_the_end(window, clip, qtbot)
    with qtbot.waitSignal(window.bridge.ended, timeout=WAIT_MS):
        qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.panels.plot.points == 15
    window.close()
    assert rows_of(database, "select count(*) from run") == [(2,)]


def test_without_a_log_counting_goes_on(make_window, tmp_path, clip, qtbot):
    in_the_way = tmp_path / "no-folder"
    in_the_way.write_text("")
    window = make_window(in_the_way / "deepcount.db")
    play_to_the_end(window, clip, qtbot)
    assert window.panels.banner.text.startswith("database ")
    assert window.panels.plot.points == 15
    assert table_of(window) == []
    assert window.status.log == "log: not being written"


def test_a_log_that_fails_later_is_reported_and_counting_goes_on(window, long_clip, database, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() == 1, timeout=WAIT_MS)
    rows_of(database, "drop table sample")
    qtbot.waitUntil(window.panels.banner.isVisible, timeout=WAIT_MS)
    assert "deepcount.db" in window.panels.banner.text
    assert "not being written" in window.panels.log.heading.text()
    before = window.panels.plot.points
    qtbot.waitUntil(lambda: window.panels.plot.points > before, timeout=WAIT_MS)
    assert table_of(window)[0][0] == "0:00"


def test_a_log_that_is_locked_for_a_while_is_said_to_be_and_loses_nothing(
    window, long_clip, database, qtbot, monkeypatch
):
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.log.store.RETRY_S", 0.02)
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() == 1, timeout=WAIT_MS)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin immediate")
        qtbot.waitUntil(window.panels.banner.isVisible, timeout=WAIT_MS)
        assert "is locked" in window.panels.banner.text
        assert window.status.log == "log: not being written"
        before = window.panels.log.table.rowCount()
    qtbot.waitUntil(lambda: "is being written again" in window.panels.banner.text, timeout=WAIT_MS)
    assert window.panels.banner.text.count("\n") == 1
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() > before, timeout=WAIT_MS)
    assert window.status.log == f"log: {database}"
    assert "not being written" not in window.panels.log.heading.text()
    seconds = [row[0] for row in reversed(table_of(window))]
    assert seconds == [f"0:0{second}" for second in range(len(seconds))]


def test_the_log_is_opened_once_and_each_recording_shows_its_own_samples(window, clip, long_clip, qtbot):
    window.open(long_clip)
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() == 2, timeout=WAIT_MS)
    writers = [thread for thread in threading.enumerate() if thread.name.startswith("store of")]
    play_to_the_end(window, clip, qtbot)
    qtbot.waitUntil(lambda: window.panels.log.table.rowCount() == 2, timeout=WAIT_MS)
    assert [row[0] for row in table_of(window)] == ["0:01", "0:00"]
    assert [thread for thread in threading.enumerate() if thread.name.startswith("store of")] == writers


def test_a_password_of_the_log_is_never_shown(make_window):
    window = make_window("postgresql://ann:secret@nowhere.invalid/counts")
    assert window.status.log == "log: postgresql://***@nowhere.invalid/counts"


def test_a_log_in_the_home_folder_is_named_shortly():
    assert place_text(Path.home() / "counts" / "log.db") == str(Path("~/counts/log.db"))


def test_every_command_has_its_action_and_its_keys_in_the_tooltip(window):
    for command in COMMANDS:
        assert all(key in window.commands[command.name].toolTip() for key in command.keys)


def test_what_a_slot_raises_is_logged(caplog):
    try:
        raise ValueError("a slot")
    except ValueError:
        log_exception(*sys.exc_info())
    assert "a slot" in caplog.text


def test_the_window_can_be_drawn_small(window, clip, qtbot):
    play_to_the_end(window, clip, qtbot)
    window.resize(1024, 700)
    picture: QPixmap = window.grab()
    assert (picture.width(), picture.height()) == (1024, 700)


def test_escape_leaves_the_full_screen(window, qtbot):
    window.commands["fullscreen"].trigger()
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.commands["fullscreen"].isChecked()
