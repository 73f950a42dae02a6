"""Calibrating a camera in the window, on the demonstration clip, by mouse and keys; what it gives, and what it says."""

from dataclasses import replace

import numpy as np
import pytest

from constant import write_constant
from engine.calibration.fitting import Distance, Person
from engine.calibration.ground import Ground
from engine.calibration.outlook import Outlook
from engine.monitor.crowding import Crowding
from engine.monitor.tally import Newest
from engine.paths import DEMO_CLIP
from engine.settings.config_file import load_config
from engine.sources import FileSource
from names import nameless

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QMessageBox

from app.assembly import Assembly
from app.dialogs.ground.dialog import GroundDialog
from app.dialogs.ground.grid import circle_of, grid_of
from app.dialogs.ground.marks import Marks, nearest_end, with_end
from app.order import Order
from app.panels.crowd_words import crowd_words
from app.panels.tile_words import Seen, words_of
from clipping import clipped
from wall_scene import config, facts, table

WAIT_MS = 30_000
LEFT, NO_BUTTON, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
PEOPLE = (((0.836, 0.639), (0.835, 0.451)), ((0.073, 0.337), (0.069, 0.245)), ((0.941, 0.587), (0.927, 0.401)))
"""Foot and head of three who walk at the beginning of the clip."""
CONFIG = """\
model = "{model}"
[[cameras]]
name = "path"  # over the lawn
address = "{clip}"
loop = true
max_fps = 2.0
[[cameras.zones]]
name = "junction"
polygon = [[0.30, 0.38], [0.72, 0.36], [0.72, 0.62], [0.34, 0.58]]
"""
STALE = "[cameras.calibration]\npicture = 1.777778\nfocal = 2.8\ntilt = 0.2\nheight = 6.0\n"
MARKED = "[cameras.calibration]\npicture = 1.333333\nfocal = 2.6\ntilt = 0.2\nheight = 6.0\n"
GROUND = Ground(1.2, 0.5, 0.05, 6.0, 4 / 3)
A, B = Person((0.5, 0.9), (0.5, 0.7)), Distance((0.2, 0.8), (0.4, 0.8), 3.0)


@pytest.fixture
def opened(tmp_path, qtbot):
    """Opens the window and the calibration of its camera: by the key of the selected tile."""
    made = []

    def open_it(more="") -> GroundDialog:
        path = tmp_path / "cameras.toml"
        path.write_text(CONFIG.format(model=write_constant(tmp_path / "six.onnx", people=6.0), clip=DEMO_CLIP) + more)
        assembly = Assembly(Order(path))
        made.append(assembly)
        assembly.window.resize(1200, 800)
        assembly.window.show()
        assembly.start()
        qtbot.waitUntil(
            lambda: "path" in assembly.wall.wall.tiles and assembly.live.names == ("path",), timeout=WAIT_MS
        )
        tile = assembly.wall.wall.tiles["path"]
        assembly.window.activateWindow()
        tile.setFocus()
        qtbot.waitUntil(tile.hasFocus, timeout=WAIT_MS)
        qtbot.keyClick(tile, Qt.Key.Key_K)
        [dialog] = assembly.window.findChildren(GroundDialog)
        qtbot.waitUntil(lambda: dialog.canvas.aspect is not None, timeout=WAIT_MS)
        dialog.assembly, dialog.path, dialog.tile = assembly, path, tile
        return dialog

    yield open_it
    for assembly in made:
        for dialog in assembly.window.findChildren(GroundDialog):
            dialog.done(0)
        assembly.window.close()
        assembly.dispose()


def at(dialog, point) -> QPoint:
    return QPoint(*map(round, dialog.canvas.sight.on_screen(point)))


def drag(dialog, qtbot, start, end):
    qtbot.mousePress(dialog.canvas, LEFT, NONE, at(dialog, start))
    for point in (((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end):
        qtbot.mouseMove(dialog.canvas, at(dialog, point))
    qtbot.mouseRelease(dialog.canvas, LEFT, NONE, at(dialog, end))


def solved(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog.is_solved, timeout=WAIT_MS)
    return dialog.solved


def stand_at(dialog, place):
    """Moves the pointer to a place, and returns what is drawn."""
    spot = QPointF(at(dialog, place))
    move = QMouseEvent(QEvent.Type.MouseMove, spot, dialog.canvas.mapToGlobal(spot), NO_BUTTON, NO_BUTTON, NONE)
    QApplication.sendEvent(dialog.canvas, move)  # the pointer itself is not moved where there is no screen
    assert dialog.canvas.stand == pytest.approx(place, abs=0.01)
    return dialog.canvas.grab().toImage()


def test_people_are_marked_by_mouse_saved_with_the_camera_and_their_ground_gives_densities(opened, qtbot):
    dialog = opened()
    assert not nameless(dialog)
    assert not clipped(dialog)
    drag(dialog, qtbot, *PEOPLE[0])
    assert "expected 2 people" in solved(dialog, qtbot).refusal
    assert "expected 2 people" in dialog.sidebar.fault.text()
    assert not dialog.save.isEnabled()
    for foot, head in PEOPLE[1:]:
        qtbot.mouseClick(dialog.canvas, LEFT, NONE, at(dialog, foot))
        assert "head" in dialog.sidebar.step.text()
        qtbot.mouseClick(dialog.canvas, LEFT, NONE, at(dialog, head))
    fit = solved(dialog, qtbot).fit
    assert 3 < fit.ground.height < 12
    assert "cm" in dialog.sidebar.found.text()
    assert "%" in dialog.sidebar.found.text()
    assert "m high" in dialog.sidebar.camera.text()
    assert dialog.canvas.grid.lines
    dialog._timers[0].stop()  # or the picture would be another
    seen = [stand_at(dialog, place) for place in ((0.5, 0.8), (0.6, 0.7))]
    assert seen[0] != seen[1]  # somebody of 1.7 m stands there
    with qtbot.waitSignal(dialog.accepted, timeout=WAIT_MS):
        qtbot.mouseClick(dialog.save, LEFT)
    kept = load_config(dialog.path).cameras[0].calibration
    assert kept.ground.height == pytest.approx(fit.ground.height, abs=0.001)
    assert len(kept.people) == 3
    assert kept.people[0].foot == pytest.approx(PEOPLE[0][0], abs=0.01)
    assert "# over the lawn" in dialog.path.read_text()
    assert kept.outlook is not None
    qtbot.waitUntil(lambda: "people/m²" in dialog.tile.toolTip(), timeout=WAIT_MS)
    assert "junction: " in dialog.tile.toolTip()


def test_all_can_be_done_by_keys_and_undone(opened, qtbot):
    dialog = opened()
    canvas, marking, key = dialog.canvas, dialog.marking, Qt.Key
    canvas.setFocus()
    qtbot.keyClick(canvas, key.Key_D)
    assert dialog.sidebar.distances.isChecked()
    qtbot.keyClick(canvas, key.Key_Space)
    for _ in range(8):
        qtbot.keyClick(canvas, key.Key_Right)
    qtbot.keyClick(canvas, key.Key_Space)
    dialog.sidebar.metres.setValue(2.5)
    dialog.sidebar.metres.setValue(4.0)
    (mark,) = marking.marks.all
    assert (mark.start, mark.metres) == ((0.5, 0.5), 4.0)
    marking.undo()
    assert marking.marks.all[0].metres == 1.0
    marking.redo()
    assert marking.marks.all == (mark,)
    qtbot.keyClick(canvas, key.Key_P)
    qtbot.keyClick(canvas, key.Key_Space)
    assert marking.start is not None
    qtbot.keyClick(canvas, key.Key_Escape)
    assert (marking.start, dialog.isVisible()) == (None, True)
    qtbot.keyClick(canvas, key.Key_Delete)
    assert marking.marks.all == ()
    assert not dialog.save.isEnabled()
    marking.undo()
    dialog.cancel.click()
    [box] = dialog.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Discard).click()
    assert not dialog.isVisible()
    assert "calibration" not in dialog.path.read_text()


def test_a_calibration_of_another_shape_is_stale_in_words_and_can_be_taken_away(opened, qtbot):
    dialog = opened(STALE)
    qtbot.waitUntil(lambda: "made for a picture of 1.78:1" in dialog.sidebar.fault.text(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "⚠ the calibration was made" in dialog.tile.toolTip(), timeout=WAIT_MS)
    with qtbot.waitSignal(dialog.accepted, timeout=WAIT_MS):
        dialog.save.click()
    assert load_config(dialog.path).cameras[0].calibration is None


def test_a_camera_that_was_turned_is_told_and_its_calibration_can_be_saved_again(opened, qtbot):
    with FileSource(DEMO_CLIP) as source:
        picture = np.roll(next(iter(source.frames())).picture, 250, axis=1)
    people = ", ".join(f"{{foot = {list(foot)}, head = {list(head)}}}" for foot, head in PEOPLE)
    dialog = opened(f'{MARKED}view = "{Outlook.of(picture).written}"\npeople = [{people}]\n')
    qtbot.waitUntil(lambda: "looks elsewhere" in dialog.tile.toolTip(), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: "save the calibration again" in dialog.sidebar.fault.text(), timeout=WAIT_MS)
    qtbot.waitUntil(dialog.save.isEnabled, timeout=WAIT_MS)
    with qtbot.waitSignal(dialog.accepted, timeout=WAIT_MS):
        dialog.save.click()
    qtbot.waitUntil(lambda: "people/m²" in dialog.tile.toolTip(), timeout=WAIT_MS)
    assert "elsewhere" not in dialog.tile.toolTip()


def test_marks_are_changed_without_forgetting_how_they_were():
    marks = Marks().added(A).added(B)
    assert (marks.people, marks.distances) == ((A,), (B,))
    moved = marks.replaced(0, with_end(A, 1, (0.5, -0.2)))
    assert moved.people[0].head == (0.5, 0.0)
    assert moved.undone().all == (A, B)
    assert moved.undone().redone() == moved
    assert marks.removed(0).undone().all == marks.all
    assert Marks().undone() == Marks() == Marks().redone()
    assert nearest_end(marks.all, (0.41, 0.8), (100.0, 100.0), 5.0) == (1, 1)
    assert nearest_end(marks.all, (0.9, 0.1), (100.0, 100.0), 5.0) is None


def test_the_grid_has_a_line_every_metre_of_the_ground_and_none_above_the_horizon():
    grid = grid_of(GROUND)
    assert grid.step == 1
    for line in grid.lines:
        places = GROUND.on_ground(line)
        off = np.abs(places - np.round(places)).max(axis=0)
        assert off.min() < 1e-6
        assert GROUND.is_ground(line).all()
    around = GROUND.on_ground(circle_of(GROUND, (0.5, 0.8), 0.25))
    centre = GROUND.on_ground((0.5, 0.8))
    assert np.linalg.norm(around - centre, axis=1) == pytest.approx(0.25)
    assert grid_of(replace(GROUND, tilt=-1.2)).lines == ()


def test_a_tile_tells_densities_with_their_bands_and_what_is_unknown_as_such():
    crowding = Crowding({"queue": 2.44, "sky": None}, 5.6)
    lines = crowd_words(crowding).split("\n")
    assert lines == ["queue: 2.4 people/m² (D, dense)", "sky: – people/m²", "Densest 9 m²: 5.6 people/m² (F, crushing)"]
    settings = config(table()).cameras[0]
    known = replace(facts("gate", 12.0), newest=Newest(12.0, {}, 0.0, crowding))
    assert lines[0] in words_of(Seen(settings, known)).tip
    assert "m²" not in words_of(Seen(settings, facts("gate", 12.0))).tip
