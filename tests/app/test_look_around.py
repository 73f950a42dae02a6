"""Going to any time of a recording by mouse and keys, while the rest of it is counted."""

from bisect import bisect_right

import numpy as np
import pytest

from engine.sources import FileSource

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, QPointF, Qt, QTimer

from app.pages.recording import State
from app.panels.banner import Banner
from app.panels.facts_panel import UNKNOWN

WAIT_MS = 30_000


@pytest.fixture
def playing(recording, long_clip, qtbot):
    """A page on which a recording of half a minute plays, ten frames a second."""
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.doing is State.PLAYING, timeout=WAIT_MS)
    return recording


def place_of(recording, time_s) -> QPoint:
    """Where a time is on the curve."""
    plot = recording.panels.plot.plot
    box = plot.getPlotItem().getViewBox()
    at = plot.mapFromScene(box.mapViewToScene(QPointF(time_s, box.viewRange()[1][0])))
    return QPoint(at.x(), plot.height() // 2)


def click(qtbot, recording, time_s):
    qtbot.mouseClick(recording.panels.plot.plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(recording, time_s))


def is_there(recording):
    """Whether the exact picture of what is looked at was found."""
    looked = recording.around.looked
    return looked is not None and looked.is_exact


def frame_at(path, time_s):
    """Returns the picture that a full decode shows at a time."""
    with FileSource(path) as source:
        frames = list(source.frames())
    return frames[bisect_right([frame.time_s for frame in frames], time_s + 1e-9) - 1]


def test_a_click_on_the_curve_shows_the_frame_of_that_time(playing, long_clip, qtbot):
    click(qtbot, playing, 17.33)
    assert playing.doing is State.PAUSED
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    time_s = playing.around.looked.time_s
    assert time_s == pytest.approx(17.33, abs=0.3)  # as exactly as a pixel is
    video = playing.panels.video
    expected = frame_at(long_clip, time_s).picture_within(*video.room)
    qtbot.waitUntil(lambda: np.array_equal(video._pixels, expected), timeout=WAIT_MS)
    assert playing.status.part("position") == "0:17 of 0:30"


def test_the_count_of_the_frame_is_that_on_the_curve_or_made_with_its_heat_map(playing, qtbot):
    click(qtbot, playing, 29.0)
    assert playing.panels.facts.count.text() == UNKNOWN  # far ahead of what is counted
    qtbot.waitUntil(lambda: playing.panels.facts.count.text() != UNKNOWN, timeout=WAIT_MS)
    assert playing.panels.video.has_heatmap
    early = playing.panels.facts.count.text()
    qtbot.waitUntil(lambda: playing.panels.plot.points == 300, timeout=6 * WAIT_MS)
    assert playing.panels.plot.uncounted_s == 0
    assert playing.doing is State.PAUSED
    qtbot.keyClick(playing, Qt.Key.Key_Period)
    qtbot.keyClick(playing, Qt.Key.Key_Comma)
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    assert playing.panels.facts.count.text() == early


def test_the_rest_is_counted_at_full_speed_meanwhile(playing, qtbot):
    assert playing.panels.plot.uncounted_s > 20
    before = playing.panels.plot.points
    click(qtbot, playing, 2.0)
    qtbot.waitUntil(lambda: playing.status.part("speed").endswith("% counted"), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: playing.panels.plot.points >= before + 20, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    assert playing.around.looked.time_s == pytest.approx(2.0, abs=0.3)
    assert playing.panels.plot.plot.head.value() == playing.around.looked.time_s


@pytest.mark.parametrize(
    ("keys", "seconds"),
    [(".", 0.1), (",", -0.1), ("...", 0.3), (">", 1.0), ("<", -1.0), ("}", 20.0), ("{", -10.0)],
)
def test_keys_step_by_frame_second_and_minute(playing, qtbot, keys, seconds):
    click(qtbot, playing, 10.0)
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    start = playing.around.looked.time_s
    shift, arrow = Qt.KeyboardModifier.ShiftModifier, {"<": Qt.Key.Key_Left, ">": Qt.Key.Key_Right}
    far = {"{": Qt.Key.Key_Left, "}": Qt.Key.Key_Right}
    for key in keys:
        if key in far:
            qtbot.keyClick(playing, far[key], shift)
        else:
            qtbot.keyClick(playing, arrow.get(key, key))
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    expected = min(29.9, max(0.0, start + (60 if keys == "}" else -60 if keys == "{" else seconds)))
    assert playing.around.looked.time_s == pytest.approx(expected, abs=1e-3)


def test_it_plays_on_from_where_it_was_looked_at(playing, qtbot):
    click(qtbot, playing, 12.0)
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    start = playing.around.looked.time_s
    qtbot.keyClick(playing, Qt.Key.Key_Space)
    assert playing.doing is State.PLAYING
    qtbot.waitUntil(lambda: playing.around.looked.time_s > start + 0.5, timeout=WAIT_MS)
    qtbot.keyClick(playing, Qt.Key.Key_Space)
    assert playing.doing is State.PAUSED
    held = playing.around.looked.time_s
    assert held < start + 10
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    assert playing.around.looked.time_s == held


def test_it_is_paused_at_its_end_and_plays_again_from_its_beginning(playing, qtbot):
    click(qtbot, playing, 29.5)
    qtbot.keyClick(playing, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: playing.doing is State.PAUSED, timeout=WAIT_MS)
    assert playing.around.looked.time_s == pytest.approx(29.9)
    qtbot.keyClick(playing, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: 0 < playing.around.looked.time_s < 5, timeout=WAIT_MS)


def test_dragging_never_holds_up_the_window_and_the_newest_time_wins(playing, qtbot):
    plot, late = playing.panels.plot.plot.viewport(), []
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: late.append(1))
    timer.start(20)
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=place_of(playing, 1.0))
    for time_s in np.linspace(1, 28, 60):
        playing.panels.plot.sought.emit(float(time_s))
        before = len(late)
        qtbot.waitUntil(lambda before=before: len(late) > before, timeout=WAIT_MS)
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=place_of(playing, 28.0))
    qtbot.waitUntil(lambda: is_there(playing), timeout=WAIT_MS)
    assert playing.around.looked.time_s == pytest.approx(28.0)
    timer.stop()


def test_a_recording_that_is_over_can_be_looked_at_and_another_begins_anew(recording, clip, long_clip, qtbot):
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(clip)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    click(qtbot, recording, 0.5)
    qtbot.waitUntil(lambda: is_there(recording), timeout=WAIT_MS)
    assert recording.doing is State.PAUSED
    qtbot.waitUntil(lambda: recording.panels.facts.count.text() != UNKNOWN, timeout=WAIT_MS)
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.doing is State.PLAYING, timeout=WAIT_MS)
    assert recording.around.looked is None
    assert recording.status.part("file") == "long.mp4"


def test_a_file_that_is_gone_is_told_and_counted_as_far_as_it_is_open(playing, long_clip, qtbot):
    long_clip.unlink()
    click(qtbot, playing, 5.0)
    qtbot.waitUntil(lambda: "cannot be read" in playing.window().findChild(Banner).text, timeout=3 * WAIT_MS)
    playing.pull_numbers()
    assert playing.panels.plot.points == 300
