"""The time-line of a recording under mouse and keys, in the window."""

import numpy as np
import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication

from app.pages.recording import State
from app.panels.timeline import Timeline
from app.panels.timeline_drawing import Alerts
from app.running.feed import Point
from clipping import clipped
from names import nameless

WAIT_MS = 30_000
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def line(qtbot):
    """A time-line alone, of a minute with ten frames a second and a crowd in its middle."""
    made = Timeline()
    qtbot.addWidget(made)
    made.resize(900, 240)
    made.show()
    qtbot.waitExposed(made)
    made.begin(60.0)
    made.add([Point(place / 10, 10 + 20 * (200 <= place < 300), 0.0) for place in range(600)])
    made.draw()
    return made


def at(line: Timeline, time_s: float, people: float | None = None) -> QPoint:
    """Where a time is, half-way up unless a count is given."""
    plot = line.plot
    box = plot.getPlotItem().getViewBox()
    place = plot.mapFromScene(box.mapViewToScene(QPointF(time_s, people or 0.0)))
    return QPoint(place.x(), plot.height() // 2 if people is None else place.y())


def drag(qtbot, line, start: QPoint, end: QPoint, key=NO_KEY, button=LEFT):
    view = line.plot.viewport()
    qtbot.mousePress(view, button, key, start)
    for step in (0.3, 0.6, 1.0):
        move(line, start + (end - start) * step, button, key)
    qtbot.mouseRelease(view, button, key, end)


def move(line, place: QPoint, button=LEFT, key=NO_KEY):
    """What QTest's mouseMove does without a button."""
    from PyQt6.QtCore import QEvent
    from PyQt6.QtGui import QMouseEvent

    view, where = line.plot.viewport(), QPointF(place)
    event = QMouseEvent(QEvent.Type.MouseMove, where, view.mapToGlobal(where), Qt.MouseButton.NoButton, button, key)
    QApplication.sendEvent(view, event)


def turn(line, place: QPoint, notches: float, *, sideways: float = 0, key=NO_KEY):
    view, where = line.plot.viewport(), QPointF(place)
    angle = QPoint(round(120 * sideways), round(120 * notches))
    phase, none = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    QApplication.sendEvent(view, QWheelEvent(where, view.mapToGlobal(where), QPoint(), angle, none, key, phase, False))


def test_the_wheel_zooms_at_the_pointer_and_a_double_click_shows_all(line, qtbot):
    place = at(line, 25.0)
    turn(line, place, 5)
    start, end = line.view.bounds
    assert 15 < end - start < 25
    assert abs(at(line, 25.0).x() - place.x()) <= 1
    turn(line, place, 0, sideways=-2)
    assert line.view.bounds[0] == pytest.approx(start + 0.2 * (end - start))
    turn(line, place, 2, key=SHIFT)
    assert line.view.bounds[0] == pytest.approx(start)
    qtbot.mouseDClick(line.plot.viewport(), LEFT, pos=place)
    assert line.view.bounds == (0.0, 60.0)


def test_a_part_is_chosen_with_shift_and_its_ends_can_be_dragged(line, qtbot):
    drag(qtbot, line, at(line, 29.0), at(line, 21.0), SHIFT)
    assert line.span == pytest.approx((21.0, 29.0), abs=0.1)
    assert "mean 30.0, least 30, most 30" in line.bar.words.words
    drag(qtbot, line, at(line, line.span[1]), at(line, 40.0))
    assert line.span == pytest.approx((21.0, 40.0), abs=0.1)
    assert "least 10, most 30" in line.bar.words.words
    drag(qtbot, line, at(line, line.span[0]), at(line, 50.0))
    assert line.span == pytest.approx((40.0, 50.0), abs=0.1)
    line.choose(None, None)
    assert line.bar.words.words == "People over time"


def test_a_threshold_is_dragged_and_not_the_play_head(line, qtbot):
    levels, sought = [], []
    line.plot.level_dragged.connect(levels.append)
    line.sought.connect(sought.append)
    line.show_level(20.0)
    line.draw()
    drag(qtbot, line, at(line, 10.0, 20.0), at(line, 10.0, 25.0))
    assert levels[-1] == pytest.approx(25, abs=0.5)
    assert sought == []


def test_the_middle_button_moves_the_view(line, qtbot):
    line.show_view(line.view.showing(20.0, 40.0))
    drag(qtbot, line, at(line, 30.0), at(line, 25.0), button=Qt.MouseButton.MiddleButton)
    assert line.view.bounds == pytest.approx((25.0, 45.0), abs=0.2)


def test_what_is_under_the_mouse_is_read(line):
    move(line, at(line, 25.0), Qt.MouseButton.NoButton)
    assert line.bar.words.words in ("0:25.0 · 30", "0:25.1 · 30", "0:24.9 · 30")
    QApplication.sendEvent(line.plot, leaving())
    assert line.bar.words.words == "People over time"


def leaving():
    from PyQt6.QtCore import QEvent

    return QEvent(QEvent.Type.Leave)


def test_what_is_not_counted_is_hatched_and_alerts_are_coloured(line):
    before = line.plot.grab().toImage()
    line.set_counted([(0.0, 20.0), (30.0, 60.0)])
    line.show_alerts(Alerts(((40.0, 50.0),)))
    line.draw()
    after = line.plot.grab().toImage()

    def differs(time_s: float) -> bool:
        x, top = at(line, time_s).x(), line.plot.height() // 2
        return any(before.pixel(x + dx, y) != after.pixel(x + dx, y) for dx in range(6) for y in range(top, top + 12))

    assert [differs(time_s) for time_s in (10.0, 25.0, 45.0, 55.0)] == [False, True, True, False]
    assert line.uncounted_s == pytest.approx(10.0)


@pytest.fixture
def looked(recording, long_clip, qtbot):
    """A page on which a recording of half a minute is looked at near its beginning."""
    recording.open(long_clip)
    qtbot.waitUntil(lambda: recording.doing is State.PLAYING, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: recording.panels.plot.points >= 3, timeout=WAIT_MS)
    qtbot.mouseClick(recording.panels.plot.plot.viewport(), LEFT, pos=at(recording.panels.plot, 2.0))
    qtbot.waitUntil(lambda: is_there(recording), timeout=WAIT_MS)
    return recording


def is_there(recording) -> bool:
    return recording.around.looked is not None and recording.around.looked.is_exact


def test_dragging_scrubs_from_the_press_on_and_goes_on_by_itself(looked, qtbot):
    line, view = looked.panels.plot, looked.panels.plot.plot.viewport()
    qtbot.keyClick(looked, Qt.Key.Key_Space)
    assert looked.doing is State.PLAYING
    qtbot.mousePress(view, LEFT, NO_KEY, at(line, 5.0))
    assert looked.doing is State.PAUSED
    move(line, at(line, 12.0))
    assert looked.around.looked.time_s == pytest.approx(12.0, abs=0.2)
    move(line, at(line, 8.0))
    qtbot.waitUntil(lambda: is_there(looked), timeout=WAIT_MS)
    assert looked.around.looked.time_s == pytest.approx(8.0, abs=0.2)
    qtbot.mouseRelease(view, LEFT, NO_KEY, at(line, 8.0))
    assert looked.doing is State.PLAYING
    qtbot.waitUntil(lambda: looked.around.looked.time_s > 8.5, timeout=WAIT_MS)


def test_while_it_plays_zoomed_in_the_view_follows(looked, qtbot):
    line = looked.panels.plot
    line.show_view(line.view.showing(1.8, 2.6))
    qtbot.keyClick(looked, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: line.head_s > 3.0, timeout=WAIT_MS)
    assert line.view.bounds[0] <= line.head_s <= line.view.bounds[1]
    assert not line.view.is_whole


def test_it_plays_faster_and_slower(looked, qtbot):
    qtbot.keyClick(looked, Qt.Key.Key_BracketRight)
    qtbot.keyClick(looked, Qt.Key.Key_BracketRight)
    assert (looked.around.speed, looked.panels.plot.bar.speed.currentText()) == (4.0, "4×")
    qtbot.keyClick(looked, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: looked.around.looked.time_s > 6.0, timeout=WAIT_MS)
    for _ in range(9):
        qtbot.keyClick(looked, Qt.Key.Key_BracketLeft)
    assert (looked.around.speed, looked.doing) == (0.25, State.PLAYING)
    qtbot.keyClick(looked, Qt.Key.Key_Space)


def test_keys_lead_to_peaks_and_alerts_and_set_in_and_out(looked, qtbot):
    line = looked.panels.plot
    line.show_alerts(Alerts(((4.0, 5.0), (6.0, 7.0))))
    bump = np.arange(50)
    for start_s in (20.0, 25.0):
        line.counted.take(np.arange(start_s, start_s + 4.95, 0.1), 50 + 4.0 * np.minimum(bump, 49 - bump))
    line.touch()
    qtbot.keyClick(looked, Qt.Key.Key_A)
    assert looked.around.looked.time_s == 4.0
    qtbot.keyClick(looked, Qt.Key.Key_A)
    qtbot.keyClick(looked, Qt.Key.Key_I)
    assert (looked.around.looked.time_s, line.begin_s) == (6.0, 6.0)
    qtbot.keyClick(looked, Qt.Key.Key_A, SHIFT)
    assert looked.around.looked.time_s == 4.0
    while line.head_s < 20.0:
        before = line.head_s
        qtbot.keyClick(looked, Qt.Key.Key_N)
        assert line.head_s > before
    assert line.head_s == pytest.approx(22.4)
    qtbot.keyClick(looked, Qt.Key.Key_O)
    assert line.span == pytest.approx((6.0, 22.4))
    qtbot.keyClick(looked, Qt.Key.Key_N)
    assert line.head_s == pytest.approx(27.4)
    qtbot.keyClick(looked, Qt.Key.Key_N, SHIFT)
    assert line.head_s == pytest.approx(22.4)
    qtbot.keyClick(looked, Qt.Key.Key_X)
    assert line.span is None
    line.zoom(0.1)
    qtbot.keyClick(looked, Qt.Key.Key_0)
    assert line.view.is_whole
    assert clipped(looked.window()) == []
    assert nameless(looked.window()) == []
