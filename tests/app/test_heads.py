"""Counting a frame by hand: marks and what undoes them, the dialog by mouse and keys, and what is kept."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QMessageBox, QPushButton

from app.dialogs.heads.dialog import HeadsDialog
from app.dialogs.heads.marks import Marks, nearest
from app.pages.recording import State
from clipping import clipped
from engine.checks.kept import checks_of, picture_folder
from engine.log.database import open_existing
from engine.picture.masks import Mask
from engine.picture.view import View
from engine.recording.identity import identity_of
from names import nameless

WAIT_MS = 30_000


def test_every_step_can_be_undone_and_made_again():
    marks = Marks().added((0.1, 0.2)).added((1.5, -1.0))
    assert marks.points == ((0.1, 0.2), (1.0, 0.0))
    moved = marks.moved(0, (0.3, 0.3)).moved(0, (0.4, 0.4), begins=False)
    assert moved.points[0] == (0.4, 0.4)
    assert moved.undone().points == marks.points
    assert moved.undone().redone() == moved
    assert moved.removed(1).undone() == Marks(moved.points, moved.past, (moved.points[:1],))
    assert Marks().undone() == Marks() == Marks().redone()


def test_the_nearest_mark_within_reach_is_found_as_it_lies_on_the_screen():
    points = ((0.5, 0.5), (0.5, 0.6))
    assert nearest(points, (0.5, 0.56), (1000.0, 100.0), 5.0) == 1
    assert nearest(points, (0.55, 0.5), (1000.0, 100.0), 5.0) is None
    assert nearest((), (0.5, 0.5), (1.0, 1.0), 5.0) is None


@pytest.fixture
def held(recording, clip, qtbot):
    """The dialog over a frame of a recording."""
    recording.open(clip)
    qtbot.waitUntil(lambda: recording.doing in (State.PLAYING, State.ENDED), timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_M)
    [dialog] = recording.window().findChildren(HeadsDialog)
    qtbot.waitUntil(lambda: dialog._count.picture is not None and dialog._count.counted is not None, timeout=WAIT_MS)
    yield dialog
    for left in recording.window().findChildren(HeadsDialog):
        left.done(0)


def at(dialog, x, y) -> QPoint:
    return QPoint(*map(round, dialog.canvas.sight.on_screen((x, y))))


def click(qtbot, dialog, x, y, button=Qt.MouseButton.LeftButton):
    qtbot.mouseClick(dialog.canvas, button, pos=at(dialog, x, y))


def test_heads_are_marked_by_mouse_and_kept_with_the_frame(held, recording, clip, database, qtbot):
    for place in ((0.2, 0.3), (0.6, 0.5), (0.8, 0.8)):
        click(qtbot, held, *place)
    click(qtbot, held, 0.6, 0.5, Qt.MouseButton.RightButton)
    assert held.number.text() == "2 heads"
    qtbot.keyClick(held, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: held.number.text() == "3 heads", timeout=WAIT_MS)
    counted = held._count.counted
    assert f"{counted:.1f}" in held.verdict.text()
    held.note.setText("from the balcony")
    qtbot.keyClick(held, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not recording.window().findChildren(HeadsDialog), timeout=WAIT_MS)
    engine = open_existing(database)
    [check] = checks_of(engine)
    assert (check.camera, check.people, check.note) == (clip.name, 3, "from the balcony")
    assert check.counted == pytest.approx(counted)
    assert check.source_sha256 == identity_of(clip).sha256
    assert check.points[0] == pytest.approx((0.2, 0.3), abs=0.01)
    assert (picture_folder(engine.url) / check.picture).is_file()
    engine.dispose()
    assert any("spot check" in notice.words for notice in recording.window().notices.all)


def test_all_can_be_done_by_keys(held, qtbot):
    canvas = held.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    for _ in range(8):
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Space)
    (first, second) = canvas.marks.points
    assert first == (0.5, 0.5)
    assert second[0] > 0.52
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.marks.points == (first,)
    for _ in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.sight.zoom > 1.5
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.sight.zoom == 1.0


def test_a_ring_is_dragged_where_the_head_is(held, qtbot):
    click(qtbot, held, 0.5, 0.5)
    canvas, left = held.canvas, Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=at(held, 0.5, 0.5))
    qtbot.mouseMove(canvas, at(held, 0.6, 0.55))
    qtbot.mouseMove(canvas, at(held, 0.7, 0.6))
    qtbot.mouseRelease(canvas, left, pos=at(held, 0.7, 0.6))
    assert canvas.marks.points == (pytest.approx((0.7, 0.6), abs=0.01),)
    canvas.undo()
    assert canvas.marks.points == (pytest.approx((0.5, 0.5), abs=0.01),)


def test_no_head_is_marked_where_nobody_is_counted(held, qtbot):
    left_half = Mask((((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),))
    corner = Mask((((0.0, 0.0), (0.1, 0.0), (0.1, 0.1), (0.0, 0.1)),))
    held.canvas.show_blind(View(included=left_half, private=corner))
    for place in ((0.8, 0.5), (0.05, 0.05)):
        click(qtbot, held, *place)
        assert held.number.text() == "0 heads"
        assert "a mask covers it" in held.fault.text()
    click(qtbot, held, 0.3, 0.5)
    assert (held.number.text(), held.fault.text()) == ("1 head", "")
    qtbot.mousePress(held.canvas, Qt.MouseButton.LeftButton, pos=at(held, 0.3, 0.5))
    qtbot.mouseMove(held.canvas, at(held, 0.8, 0.5))
    qtbot.mouseRelease(held.canvas, Qt.MouseButton.LeftButton, pos=at(held, 0.8, 0.5))
    assert held.canvas.marks.points[0] == pytest.approx((0.3, 0.5), abs=0.01)


def test_leaving_asks_where_heads_were_marked(held, qtbot):
    click(qtbot, held, 0.5, 0.5)
    held.reject()
    [box] = held.findChildren(QMessageBox)
    assert held.isVisible()
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Discard), Qt.MouseButton.LeftButton)
    assert not held.isVisible()


def test_without_a_frame_it_says_why(recording, qtbot):
    qtbot.keyClick(recording, Qt.Key.Key_M)
    assert not recording.window().findChildren(HeadsDialog)
    assert not recording.acts["heads"].isEnabled()


def test_nothing_in_the_dialog_is_cut_or_nameless(held):
    assert nameless(held) == []
    for width, height in ((640, 400), (900, 600)):
        held.resize(width, height)
        assert clipped(held) == []
    assert all(button.toolTip() for button in held.findChildren(QPushButton))
