"""The page of recordings in its window, from a file to what the operator sees."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic

import av
import numpy as np
import pytest

from engine.counting.batch import Due, count_tiles
from engine.counting.counter import Counter
from engine.inference.variants import load_model
from engine.paths import LIGHT_MODEL
from engine.sources import FileSource

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QPushButton

from app.pages.recording import State
from app.panels.banner import Banner
from app.panels.facts_panel import UNKNOWN
from app.panels.status_line import place_text
from app.panels.video_view import INVITATION

WAIT_MS = 20_000
IN_FLIGHT = 5  # frames that may be on their way when a recording is paused


def counts_of(path: Path) -> list[float]:
    model, counter, counts = load_model(LIGHT_MODEL), Counter(), []
    with FileSource(path) as source:
        for due in (Due(counter, frame) for frame in source.frames()):
            count_tiles(model, [due])
            counts.append(due.reading().count)
    return counts


def told(recording) -> str:
    return recording.window().findChild(Banner).text


def rows_of(database: Path, question: str) -> list[tuple]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(question).fetchall()


def table_of(recording) -> list[tuple[str, ...]]:
    table = recording.panels.log.table
    return [
        tuple(table.data(table.index(row, column)) for column in range(table.columnCount()))
        for row in range(table.rowCount())
    ]


def play_to_the_end(recording, path: Path, qtbot) -> None:
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(path)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    if recording.window()._timers[0].isActive():
        qtbot.waitUntil(lambda: recording.status.part("size") != "", timeout=WAIT_MS)  # from a thread of its own


def drop_data(path: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


def test_an_empty_window_invites_to_open_a_video(recording):
    assert recording.doing is State.EMPTY
    assert not recording.acts["play"].isEnabled()
    assert recording.panels.facts.count.text() == UNKNOWN
    assert any(
        label.isVisible() and label.text() == INVITATION
        for label in recording.findChildren(type(recording.panels.log.heading))
    )


def test_a_recording_is_counted_to_its_end(recording, clip, qtbot):
    expected = counts_of(clip)
    play_to_the_end(recording, clip, qtbot)
    facts = recording.panels.facts
    assert facts.count.text() == f"{expected[-1]:.0f}"
    assert facts.value("average") == f"{np.mean(expected):.1f}"
    assert facts.value("most").startswith(f"{max(expected):.0f} at 0:0")
    assert facts.value("model") == "light on cpu"
    assert recording.panels.video.has_picture
    assert recording.window().windowTitle() == "short.mp4 – DeepCount"
    assert recording.status.part("size") == "320×240, 1×1 tile"
    assert recording.status.part("position") == "0:01 of 0:01"
    assert not told(recording)


def test_whether_the_count_is_to_be_relied_on_is_said_also_when_it_was_counted_before(recording, clip, qtbot):
    facts, reason = recording.panels.facts, "no: unlike training"
    assert facts.value("reliable") == UNKNOWN
    play_to_the_end(recording, clip, qtbot)
    qtbot.waitUntil(lambda: facts.value("reliable") == reason, timeout=WAIT_MS)
    assert "unlike all that the model learnt from" in facts._values["reliable"].toolTip()
    facts.show_fact("reliable", "")
    with qtbot.waitSignal(recording.bridge.opened, timeout=WAIT_MS):
        recording.open(clip)
    qtbot.waitUntil(lambda: facts.value("reliable") == reason, timeout=WAIT_MS)


def test_the_curve_has_a_point_for_every_reading(recording, clip, qtbot):
    play_to_the_end(recording, clip, qtbot)
    assert recording.panels.plot.points == len(counts_of(clip)) == 15


def test_a_count_that_comes_before_its_picture_is_on_the_curve_too(recording, clip, qtbot):
    picture, numbers = recording.window()._timers
    picture.stop()
    play_to_the_end(recording, clip, qtbot)
    numbers.stop()
    assert recording.panels.plot.points == 15


def test_samples_of_the_log_reach_the_table(recording, clip, database, qtbot):
    play_to_the_end(recording, clip, qtbot)
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() == 2, timeout=WAIT_MS)
    stored = rows_of(database, "select second, mean, least, most from sample order by second desc")
    assert table_of(recording) == [
        (f"0:0{s}", f"{mean:.1f}", f"{low:.1f}", f"{high:.1f}") for s, mean, low, high in stored
    ]
    assert recording.status.log == f"log: {database}"


def test_space_pauses_and_goes_on(recording, long_clip, qtbot):
    recording.open(long_clip)
    plot = recording.panels.plot
    qtbot.waitUntil(lambda: plot.points >= 3, timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_Space)
    assert recording.doing is State.PAUSED
    assert recording.acts["play"].text() == "Play"
    held = plot.points + IN_FLIGHT
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: plot.points > held, timeout=1000)
    qtbot.keyClick(recording, Qt.Key.Key_Space)
    assert recording.doing is State.PLAYING
    qtbot.waitUntil(lambda: plot.points > held, timeout=WAIT_MS)


def test_a_hidden_heatmap_is_neither_drawn_nor_computed(recording, long_clip, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.panels.facts.value("consistency").endswith("%"), timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: recording.bridge.density_interval_s is None, timeout=WAIT_MS)
    assert not recording.panels.video.has_heatmap
    qtbot.waitUntil(lambda: recording.panels.facts.value("consistency") == UNKNOWN, timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: recording.bridge.density_interval_s == 0.0, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)


def test_a_heatmap_that_is_switched_on_while_paused_is_computed_for_the_picture_that_is_shown(
    recording, long_clip, qtbot
):
    qtbot.keyClick(recording.window(), Qt.Key.Key_H)
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    recording.play_or_pause()
    assert not recording.panels.video.has_heatmap
    qtbot.keyClick(recording.window(), Qt.Key.Key_H)
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    assert recording.doing is State.PAUSED
    assert recording.panels.facts.value("consistency").endswith("%")


def test_a_page_that_is_left_costs_no_heatmap_and_shows_its_picture_when_it_is_entered_again(
    recording, long_clip, qtbot
):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    recording.window().show_page("live")
    qtbot.waitUntil(lambda: recording.bridge.density_interval_s is None, timeout=WAIT_MS)
    recording.window().show_page("recording")
    qtbot.waitUntil(lambda: recording.bridge.density_interval_s == 0.0, timeout=WAIT_MS)


def test_plus_and_minus_change_the_opacity(recording, qtbot):
    before = recording.opacity.opacity
    qtbot.keyClick(recording, Qt.Key.Key_Minus)
    qtbot.keyClick(recording, Qt.Key.Key_Minus)
    qtbot.keyClick(recording, Qt.Key.Key_Plus)
    assert recording.opacity.opacity == pytest.approx(before - 0.1)


def test_a_second_recording_replaces_the_first(recording, long_clip, clip, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    play_to_the_end(recording, clip, qtbot)
    assert recording.window().windowTitle() == "short.mp4 – DeepCount"
    assert recording.panels.plot.points == 15


def test_closing_in_the_middle_of_a_recording_is_quick(recording, long_clip, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    started = monotonic()
    recording.window().close()
    assert monotonic() - started < 5


def test_a_text_file_is_refused_in_words(recording, tmp_path, clip, qtbot):
    text = tmp_path / "notes.mp4"
    text.write_text("bread, butter")
    with qtbot.waitSignal(recording.bridge.refused, timeout=WAIT_MS):
        recording.open(text)
    qtbot.waitUntil(lambda: told(recording) != "", timeout=WAIT_MS)
    assert "notes.mp4 is no video that FFmpeg can read" in told(recording)
    assert recording.doing is State.EMPTY
    play_to_the_end(recording, clip, qtbot)
    assert not told(recording)


def test_a_refused_file_leaves_the_recording_running(recording, tmp_path, long_clip, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    with qtbot.waitSignal(recording.bridge.refused, timeout=WAIT_MS):
        recording.open(tmp_path / "missing.mp4")
    qtbot.waitUntil(lambda: told(recording) != "", timeout=WAIT_MS)
    assert "does not exist" in told(recording)
    before = recording.panels.plot.points
    qtbot.waitUntil(lambda: recording.panels.plot.points > before, timeout=WAIT_MS)
    assert recording.doing is State.PLAYING
    dismiss = recording.window().findChild(Banner).findChildren(QPushButton)[-1]
    qtbot.mouseClick(dismiss, Qt.MouseButton.LeftButton)
    assert not told(recording)


def test_a_recording_that_breaks_off_keeps_its_readings(recording, tmp_path, qtbot):
    cut = tmp_path / "cut.mkv"
    write_noise(cut, frames=40)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 3])
    play_to_the_end(recording, cut, qtbot)
    assert "cut.mkv" in told(recording)
    assert "the readings up to there are kept" in told(recording)
    assert 0 < recording.panels.plot.points < 40
    assert recording.panels.facts.count.text() != UNKNOWN


def write_noise(path: Path, *, frames: int) -> None:
    noise = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for _ in range(frames):
            picture = noise.integers(0, 255, (240, 320, 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def test_what_was_lost_in_a_recording_is_told_at_its_end(recording, tmp_path, qtbot):
    joined = tmp_path / "joined.ts"
    write_noise(joined, frames=15)
    joined.write_bytes(joined.read_bytes() * 2)
    play_to_the_end(recording, joined, qtbot)
    assert told(recording).startswith("joined.ts: at 1.5 s its own time jumps from ")
    assert recording.panels.plot.points == 30


def test_a_file_can_be_dropped_on_the_window(recording, clip, qtbot):
    data = drop_data(clip)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(recording.window(), entering)
    assert entering.isAccepted()
    assert recording.panels.video.dragging
    dropping = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys)
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        QApplication.sendEvent(recording.window(), dropping)
    assert recording.window().windowTitle() == "short.mp4 – DeepCount"


def test_what_is_no_file_cannot_be_dropped(recording):
    data = QMimeData()
    data.setText("good morning")
    entering = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(recording.window(), entering)
    assert not recording.panels.video.dragging


def test_play_at_the_end_shows_it_again_and_counts_nothing_twice(recording, clip, database, qtbot):
    play_to_the_end(recording, clip, qtbot)
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        qtbot.keyClick(recording, Qt.Key.Key_Space)
    assert recording.panels.plot.points == 15
    recording.window().close()
    assert rows_of(database, "select count(*) from run") == [(1,)]


def test_without_a_log_counting_goes_on(make_assembly, tmp_path, clip, qtbot):
    in_the_way = tmp_path / "no-folder"
    in_the_way.write_text("")
    recording = make_assembly(in_the_way / "deepcount.db").recording
    play_to_the_end(recording, clip, qtbot)
    assert told(recording).startswith("database ")
    assert recording.panels.plot.points == 15
    assert table_of(recording) == []
    assert recording.status.log == "log: not being written"


def test_a_log_that_fails_later_is_reported_and_counting_goes_on(recording, long_clip, database, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() > 0, timeout=WAIT_MS)
    rows_of(database, "drop table sample")
    qtbot.waitUntil(lambda: told(recording) != "", timeout=WAIT_MS)
    assert "deepcount.db" in told(recording)
    assert "not being written" in recording.panels.log.heading.text()
    before = recording.panels.plot.points
    qtbot.waitUntil(lambda: recording.panels.plot.points > before, timeout=WAIT_MS)
    assert table_of(recording)[-1][0] == "0:00"


def test_a_log_that_is_locked_for_a_while_is_said_to_be_and_loses_nothing(
    recording, long_clip, database, qtbot, monkeypatch
):
    monkeypatch.setattr("engine.log.database.LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr("engine.log.store.RETRY_S", 0.02)
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() > 0, timeout=WAIT_MS)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin immediate")
        qtbot.waitUntil(lambda: told(recording) != "", timeout=WAIT_MS)
        assert "is locked" in told(recording)
        assert recording.status.log == "log: not being written"
        before = recording.panels.log.table.rowCount()
    qtbot.waitUntil(lambda: "is being written again" in told(recording), timeout=WAIT_MS)
    assert told(recording).count("\n") == 1
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() > before, timeout=WAIT_MS)
    assert recording.status.log == f"log: {database}"
    assert "not being written" not in recording.panels.log.heading.text()
    seconds = [row[0] for row in reversed(table_of(recording))]
    assert seconds == [f"0:0{second}" for second in range(len(seconds))]


def test_the_log_is_opened_once_and_each_recording_shows_its_own_samples(recording, clip, long_clip, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() > 1, timeout=WAIT_MS)
    writers = [thread for thread in threading.enumerate() if thread.name.startswith("store of")]
    play_to_the_end(recording, clip, qtbot)
    qtbot.waitUntil(lambda: recording.panels.log.table.rowCount() == 2, timeout=WAIT_MS)
    assert [row[0] for row in table_of(recording)] == ["0:01", "0:00"]
    assert [thread for thread in threading.enumerate() if thread.name.startswith("store of")] == writers


def test_a_password_of_the_log_is_never_shown(make_assembly):
    recording = make_assembly("postgresql://ann:secret@nowhere.invalid/counts").recording
    assert recording.status.log == "log: postgresql://***@nowhere.invalid/counts"


def test_a_log_in_the_home_folder_is_named_shortly():
    assert place_text(Path.home() / "counts" / "log.db") == str(Path("~/counts/log.db"))


def test_until_there_is_something_to_see_the_picture_says_that_it_is_being_opened(recording, long_clip, qtbot):
    picture, _ = recording.window()._timers
    picture.stop()
    recording.open(long_clip)
    assert recording.panels.video.note == "Opening…"
    assert not recording.acts["play"].isEnabled()
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    assert recording.panels.video.note == "Opening…"
    picture.start()
    qtbot.waitUntil(lambda: recording.doing is State.PLAYING, timeout=WAIT_MS)
    assert recording.panels.video.note == ""


def test_space_does_nothing_to_the_old_recording_while_another_is_opened(recording, long_clip, tmp_path, qtbot):
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.doing is State.PLAYING, timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_Space)
    held = recording.bridge.recording.playback
    with qtbot.waitSignal(recording.bridge.refused, timeout=WAIT_MS):
        recording.open(tmp_path / "missing.mp4")
        qtbot.keyClick(recording, Qt.Key.Key_Space)
        assert recording.doing is State.OPENING
    assert recording.doing is State.PAUSED
    assert recording.bridge.recording.playback is held
    assert recording.panels.video.note.startswith("Paused")


def test_speed_and_rate_are_shown_only_while_it_plays(recording, long_clip, clip, qtbot):
    facts, status = recording.panels.facts, recording.status
    recording.open(long_clip)
    qtbot.waitUntil(lambda: facts.value("rate") != UNKNOWN and status.part("speed") not in ("", "–"), timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_Space)
    assert (facts.value("rate"), status.part("speed")) == (UNKNOWN, "")
    play_to_the_end(recording, clip, qtbot)
    assert (facts.value("rate"), status.part("speed")) == (UNKNOWN, "")


def test_a_heatmap_that_is_wanted_while_it_is_held_is_made_on_demand(recording, long_clip, qtbot):
    qtbot.keyClick(recording, Qt.Key.Key_H)
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_Space)
    assert recording.doing is State.PAUSED
    assert not recording.panels.video.has_heatmap
    qtbot.keyClick(recording, Qt.Key.Key_H)
    assert "heat-map" in recording.panels.video.note
    qtbot.waitUntil(lambda: recording.panels.video.has_heatmap, timeout=WAIT_MS)
    assert recording.panels.video.note == "Paused"


def test_a_name_of_any_length_leaves_the_rest_of_the_line_in_sight(recording, tmp_path, clip, qtbot):
    long = clip.rename(tmp_path / f"<b>{'x' * 240}.mp4")
    play_to_the_end(recording, long, qtbot)
    recording.window().resize(900, 600)
    assert recording.status.part("file") == long.name
    assert recording.status.part("position") == "0:01 of 0:01"
    assert recording.window().width() == 900
