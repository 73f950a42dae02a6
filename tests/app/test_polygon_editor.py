"""The editor of zones and masks on a live picture, by mouse and by keys; what it saved is read back from the file."""

import pytest

from cameras import ScriptedCamera
from clipping import clipped
from constant import write_constant
from engine.monitor.screen import Wish
from engine.settings.config_file import load_config
from names import nameless

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QWheelEvent
from PyQt6.QtWidgets import QApplication, QMessageBox, QPushButton

from app import theme
from app.dialogs.polygons.editor import PolygonEditor
from app.running.document import Document
from app.running.live import Live

WAIT_MS = 20_000
LEFT, SHIFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
NORTH = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.5), (0.1, 0.5))
CONFIG = """\
# The cameras of the yard.
model = "{model}"

[[cameras]]
name = "gate"  # at the north
address = "{address}"
max_fps = 20.0

[[cameras.zones]]
name = "north"
polygon = [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5], [0.1, 0.5]]  # as measured in May
"""


@pytest.fixture
def path(tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera(rate=20.0) as camera:
        path = tmp_path / "cameras.toml"
        path.write_text(CONFIG.format(model=model, address=camera.address))
        yield path


@pytest.fixture
def live():
    live = Live()
    live.start()
    yield live
    live.close()


@pytest.fixture
def document(path, qtbot):
    theme.apply(QApplication.instance())
    return Document(path)


@pytest.fixture
def editor(live, document, qtbot):
    live.apply(document.config)
    editor = opened(live, document)
    editor.resize(1000, 700)
    qtbot.waitExposed(editor)
    qtbot.waitUntil(lambda: editor.canvas.has_picture, timeout=WAIT_MS)
    editor.canvas.setFocus()
    yield editor
    editor.done(0)


def opened(live, document) -> PolygonEditor:
    def save(settings):
        return "; ".join(problem.sentence for problem in document.put_camera(settings, replacing="gate"))

    editor = PolygonEditor(live, "gate", camera=lambda: document.camera("gate"), save=save)
    editor.open()
    return editor


def place(editor, point) -> QPoint:
    return QPointF(*editor.canvas.sight.on_screen(point)).toPoint()


def click(editor, qtbot, *points, modifier=NONE):
    for point in points:
        qtbot.mouseMove(editor.canvas, place(editor, point))
        qtbot.mouseClick(editor.canvas, LEFT, modifier, place(editor, point))


def drag(editor, qtbot, start, end, modifier=NONE):
    canvas = editor.canvas
    qtbot.mousePress(canvas, LEFT, modifier, place(editor, start))
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    for point in (middle, end):
        qtbot.mouseMove(canvas, place(editor, point))
    qtbot.mouseRelease(canvas, LEFT, modifier, place(editor, end))


def keys(editor, qtbot, *pressed, modifier=NONE):
    for key in pressed:
        qtbot.keyClick(editor.canvas, key, modifier)


def saved(path, editor, qtbot):
    with qtbot.waitSignal(editor.accepted, timeout=WAIT_MS):
        editor.save.click()
    return load_config(path).cameras[0]


def near(polygon, *expected):
    return len(polygon) == len(expected) and all(
        abs(a[0] - b[0]) < 0.01 and abs(a[1] - b[1]) < 0.01 for a, b in zip(polygon, expected, strict=True)
    )


def test_a_zone_is_drawn_with_the_mouse_named_and_found_in_the_file(editor, path, qtbot):
    click_button(editor, qtbot, "Add zone")
    click(editor, qtbot, (0.6, 0.2), (0.9, 0.25), (0.7, 0.8))
    assert "double click" in editor.help.text()
    qtbot.mouseDClick(editor.canvas, LEFT, NONE, place(editor, (0.7, 0.8)))
    assert editor.board.chosen == 1
    editor.sidebar.name.setFocus()
    editor.sidebar.name.selectAll()
    qtbot.keyClicks(editor.sidebar.name, "south")
    editor.sidebar.capacity.setValue(40)
    camera = saved(path, editor, qtbot)
    assert [(zone.name, zone.capacity) for zone in camera.zones] == [("north", None), ("south", 40)]
    assert near(camera.zones[1].polygon, (0.6, 0.2), (0.9, 0.25), (0.7, 0.8))
    assert "# as measured in May" in path.read_text()
    assert "# at the north" in path.read_text()


def click_button(editor, qtbot, words):
    button = next(button for button in editor.findChildren(QPushButton) if button.text().replace("&", "") == words)
    qtbot.mouseClick(button, LEFT)


def test_a_zone_is_drawn_with_the_keys_alone(editor, path, qtbot):
    keys(editor, qtbot, Qt.Key.Key_Insert)
    for way in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        keys(editor, qtbot, Qt.Key.Key_Insert, *[way] * 10)
    assert "Enter" in editor.help.text()
    keys(editor, qtbot, Qt.Key.Key_Return)
    zone = saved(path, editor, qtbot).zones[1]
    assert zone.name == "zone 1"
    assert near(zone.polygon, (0.5, 0.5), (0.575, 0.5), (0.575, 0.6))


def test_tab_goes_through_polygons_and_corners_and_then_leaves(editor, path, qtbot):
    canvas = editor.canvas
    keys(editor, qtbot, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    assert "corner 1 of 4" in canvas.accessibleDescription()
    keys(editor, qtbot, Qt.Key.Key_Left)
    keys(editor, qtbot, Qt.Key.Key_Up, modifier=SHIFT)
    keys(editor, qtbot, *[Qt.Key.Key_Tab] * 3)
    assert "corner 4 of 4" in canvas.accessibleDescription()
    keys(editor, qtbot, Qt.Key.Key_Insert)
    assert "corner 5 of 5" in editor.help.text()
    keys(editor, qtbot, Qt.Key.Key_Backtab, Qt.Key.Key_Delete)
    keys(editor, qtbot, *[Qt.Key.Key_Tab] * 2)
    assert canvas.hasFocus() is False
    assert near(saved(path, editor, qtbot).zones[0].polygon, (0.0925, 0.099), *NORTH[1:3], (0.1, 0.3))


def test_corners_edges_and_whole_polygons_are_pulled_and_each_pull_is_undone(editor, path, qtbot):
    board = editor.board
    click(editor, qtbot, (0.3, 0.3))
    drag(editor, qtbot, (0.5, 0.5), (0.62, 0.58), SHIFT)
    drag(editor, qtbot, (0.1, 0.3), (0.05, 0.28), SHIFT)
    drag(editor, qtbot, (0.3, 0.3), (0.4, 0.35), SHIFT)
    moved = board.shapes[0].corners
    assert near(moved, (0.2, 0.15), (0.6, 0.15), (0.72, 0.63), (0.2, 0.55), (0.15, 0.33))
    for _ in range(3):
        qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert board.shapes[0].corners == NORTH
    for _ in range(3):
        qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | SHIFT)
    assert board.shapes[0].corners == moved
    assert near(saved(path, editor, qtbot).zones[0].polygon, *moved)


def test_a_pulled_corner_snaps_to_the_border_and_to_right_angles_unless_shift_is_held(editor, qtbot):
    click(editor, qtbot, (0.3, 0.3))
    drag(editor, qtbot, (0.1, 0.1), (0.004, 0.101))
    assert editor.board.shapes[0].corners[0] == pytest.approx((0.0, 0.1))
    drag(editor, qtbot, (0.0, 0.1), (0.008, 0.12), SHIFT)
    assert editor.board.shapes[0].corners[0] != pytest.approx((0.0, 0.1), abs=0.004)


def test_a_polygon_that_would_cross_itself_says_so_and_goes_back(editor, qtbot):
    click(editor, qtbot, (0.3, 0.3))
    canvas = editor.canvas
    qtbot.mousePress(canvas, LEFT, NONE, place(editor, (0.1, 0.1)))
    for point in ((0.4, 0.4), (0.8, 0.4)):
        qtbot.mouseMove(canvas, place(editor, point))
    assert "crosses itself" in editor.board.refused
    qtbot.mouseRelease(canvas, LEFT, NONE, place(editor, (0.8, 0.4)))
    assert editor.board.shapes[0].corners == NORTH
    assert not editor.board.is_changed


def test_what_cannot_be_is_said_beside_it_and_cannot_be_saved(editor, qtbot):
    keys(editor, qtbot, Qt.Key.Key_Insert, Qt.Key.Key_Insert, Qt.Key.Key_Right, Qt.Key.Key_Insert, Qt.Key.Key_Return)
    assert "has 2 points, expected at least 3" in editor.board.refused
    assert not editor.save.isEnabled()
    keys(editor, qtbot, *[Qt.Key.Key_Down] * 5, Qt.Key.Key_Insert, Qt.Key.Key_Return)
    assert editor.save.isEnabled()
    editor.sidebar.name.setFocus()
    editor.sidebar.name.selectAll()
    qtbot.keyClicks(editor.sidebar.name, "North")
    assert "name 'North' of another zone" in editor.sidebar.problem.text()
    assert "⚠" in editor.sidebar.list.item(1).text()
    assert not editor.save.isEnabled()


def test_the_people_in_a_zone_are_told_while_it_is_drawn_and_agree_with_what_is_counted_then(
    editor, live, document, path, qtbot
):
    qtbot.waitUntil(lambda: editor.canvas.crowd is not None, timeout=WAIT_MS)
    click_button(editor, qtbot, "Add zone")
    click(editor, qtbot, (0.6, 0.6), (0.9, 0.6), modifier=SHIFT)
    qtbot.mouseMove(editor.canvas, place(editor, (0.9, 0.9)))
    drawn = editor.canvas.count([*editor.board.draft, editor.board.aim])
    assert drawn == pytest.approx(7.0 * 0.3 * 0.3 / 2, rel=0.05)  # spread evenly over the picture
    click(editor, qtbot, (0.9, 0.9), (0.6, 0.9), modifier=SHIFT)
    keys(editor, qtbot, Qt.Key.Key_Return)
    told = editor.canvas.count(editor.board.shapes[1].corners)
    qtbot.waitUntil(lambda: f"Zone 'zone 1': {told:.1f} people" in list_words(editor), timeout=WAIT_MS)
    saved(path, editor, qtbot)
    live.apply(document.config)
    qtbot.waitUntil(lambda: "zone 1" in (live.facts()["gate"].newest.zones or {}), timeout=WAIT_MS)
    assert live.facts()["gate"].newest.zones["zone 1"] == pytest.approx(told, rel=1e-3)


def list_words(editor) -> list[str]:
    rows = editor.sidebar.list
    return [rows.item(row).text() for row in range(rows.count())]


def test_a_privacy_mask_is_black_at_once_while_it_is_drawn(editor, path, qtbot):
    click_button(editor, qtbot, "Add privacy mask")
    click(editor, qtbot, (0.6, 0.6), (0.9, 0.6))
    qtbot.mouseMove(editor.canvas, place(editor, (0.75, 0.95)))
    inside = place(editor, (0.75, 0.68))
    image = editor.canvas.grab().toImage()
    assert image.pixelColor(inside * image.devicePixelRatio()) == QColor("black")
    click(editor, qtbot, (0.75, 0.95), (0.6, 0.6))
    assert near(saved(path, editor, qtbot).privacy[0], (0.6, 0.6), (0.9, 0.6), (0.75, 0.95))


def test_the_wheel_zooms_and_the_pictures_come_larger(editor, qtbot):
    canvas, point = editor.canvas, (0.25, 0.75)
    at = QPointF(place(editor, point))
    for _ in range(4):
        down = QPoint(0, 120)
        event = QWheelEvent(at, at, down, down, Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False)
        QApplication.sendEvent(canvas, event)
    assert canvas.sight.zoom == pytest.approx(1.25**4)
    assert canvas.sight.on_screen(point) == pytest.approx((at.x(), at.y()), abs=1.5)
    before = canvas.sight.centre
    drag(editor, qtbot, (0.7, 0.6), (0.6, 0.6))
    assert canvas.sight.centre[0] > before[0]
    keys(editor, qtbot, Qt.Key.Key_0)
    assert canvas.sight.zoom == 1.0


def test_who_looks_at_the_camera_beneath_the_editor_goes_on_seeing_it(editor, live, qtbot):
    live.want({"gate": Wish((60, 80))})
    qtbot.waitUntil(lambda: (seen := live.newest("gate")) is not None and seen.pixels.shape[0] <= 60, timeout=WAIT_MS)
    with qtbot.waitSignal(editor.canvas.looked, timeout=WAIT_MS):
        keys(editor, qtbot, Qt.Key.Key_Minus, Qt.Key.Key_Plus)
    shown = []
    editor.canvas.show_picture = shown.append
    qtbot.waitUntil(lambda: len(shown) > 3, timeout=WAIT_MS)
    assert {picture.pixels.shape for picture in shown} == {(240, 320, 3)}
    editor.done(0)
    qtbot.waitUntil(lambda: live.newest("gate") is not None, timeout=WAIT_MS)


def test_a_deleted_zone_is_gone_from_the_file_and_comes_back_by_undo(editor, path, qtbot):
    keys(editor, qtbot, Qt.Key.Key_Tab, Qt.Key.Key_Delete)
    assert editor.sidebar.empty.isVisible()
    editor.sidebar.undo.click()
    assert editor.board.shapes[0].name == "north"
    editor.sidebar.redo.click()
    assert saved(path, editor, qtbot).zones == ()


def test_leaving_with_changes_asks_and_escape_first_drops_what_is_drawn(editor, path, qtbot):
    keys(editor, qtbot, Qt.Key.Key_Insert, Qt.Key.Key_Insert, Qt.Key.Key_Escape)
    assert editor.board.drawing is None
    keys(editor, qtbot, Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Escape, Qt.Key.Key_Escape)
    assert editor.isVisible()
    box = editor.findChild(QMessageBox)
    with qtbot.waitSignal(editor.rejected, timeout=WAIT_MS):
        box.button(QMessageBox.StandardButton.Discard).click()
    assert load_config(path).cameras[0].zones[0].polygon == NORTH


def test_what_was_changed_elsewhere_meanwhile_is_kept_or_asked_about(editor, document, path, qtbot):
    path.write_text(path.read_text().replace("max_fps = 20.0", "max_fps = 10.0"))
    qtbot.waitUntil(lambda: document.config.cameras[0].max_fps == 10.0, timeout=WAIT_MS)
    keys(editor, qtbot, Qt.Key.Key_Tab, Qt.Key.Key_Right)
    path.write_text(path.read_text().replace("[0.1, 0.1]", "[0.2, 0.2]"))
    qtbot.waitUntil(lambda: document.config.cameras[0].zones[0].polygon[0] == (0.2, 0.2), timeout=WAIT_MS)
    editor.save.click()
    assert "changed elsewhere meanwhile" in editor.message.text()
    camera = saved(path, editor, qtbot)
    assert camera.max_fps == 10.0
    assert near(camera.zones[0].polygon, *((x + 0.0075, y) for x, y in NORTH))


def test_a_camera_that_is_lost_leaves_its_last_picture_and_no_count(editor, live, document, qtbot):
    qtbot.waitUntil(lambda: editor.canvas.crowd is not None, timeout=WAIT_MS)
    before = editor.canvas.grab().toImage()
    live.apply(document.config.model_copy(update={"cameras": ()}))
    said = "'gate' is not watched now; this is its last picture"
    qtbot.waitUntil(lambda: editor.canvas.note == said, timeout=WAIT_MS)
    assert editor.canvas.grab().toImage() != before
    assert list_words(editor) == ["Zone 'north': –"]


def test_without_a_camera_polygons_are_drawn_on_grey_with_a_sentence(live, document, path, qtbot):
    editor = opened(live, document)
    qtbot.waitUntil(lambda: "polygons can be drawn without" in editor.canvas.note, timeout=WAIT_MS)
    assert editor.sidebar.list.item(0).text() == "Zone 'north': –"
    keys(editor, qtbot, Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Delete)
    assert len(saved(path, editor, qtbot).zones[0].polygon) == 3


@pytest.mark.parametrize("size", [(640, 400), (900, 600)])
def test_nothing_of_the_editor_is_cut_or_nameless_with_the_longest_names(editor, size, qtbot):
    editor.board.choose(0)
    editor.board.rename("north entrance of the eastern " * 3)
    editor.resize(*size)
    for shown in ("chosen", "drawn"):
        assert clipped(editor) == []
        assert nameless(editor) == []
        editor.board.begin("privacy")
        assert editor.size().width() <= size[0] + 40, shown
