"""The wall in the window: real cameras over the network, real keys, and what is asked of the engine."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from threading import Event
from time import monotonic

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QContextMenuEvent, QImage
from PyQt6.QtWidgets import QApplication, QMessageBox

from app import theme
from app.pages.wall import WallCallbacks, WallPage
from app.panels.camera_tile import CameraTile, Moment
from app.panels.tile_words import UNKNOWN
from app.running.document import Document
from app.running.live import Live
from cameras import Clip, ScriptedCamera
from clipping import clipped
from constant import write_constant
from engine.capture.health import State
from logged import samples_of
from names import nameless
from wall_scene import DOOR, QUEUE, config, facts, health, picture, table

WAIT_MS, FROZEN_S = 30_000, 5.0
LEFT_HALF = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]


class Asked:
    """What the page asked of the window."""

    def __init__(self):
        self.said = []
        self.callbacks = WallCallbacks(
            add_camera=lambda: self.said.append("add"),
            count_heads=lambda name: self.said.append(("heads", name)),
            edit_zones=lambda name: self.said.append(("zones", name)),
            calibrate=lambda name: self.said.append(("calibrate", name)),
            trust=lambda name: self.said.append(("trust", name)),
            set_up=lambda name: self.said.append(("set up", name)),
            edit_rules=lambda name: self.said.append(("rules", name)),
            lock=lambda locked: self.said.append(("lock", locked)),
        )


@pytest.fixture
def asked():
    return Asked()


@pytest.fixture
def make_page(qtbot, tmp_path, asked):
    """Makes a page that is visible, on cameras as a configuration file has them; the engine runs if it is told to."""
    pages = []

    def make(*cameras, size=(1200, 700), run=False, **settings):
        theme.apply(QApplication.instance(), "dark")
        document = Document(tmp_path / "cameras.toml")
        document.put(config(*cameras).model_copy(update=settings))
        live = Live()
        page = WallPage(live, document, asked.callbacks)
        pages.append((page, live))
        qtbot.addWidget(page)
        page.resize(*size)
        if run:
            live.start()
            live.apply(document.config)
            document.changed.connect(live.apply)
        page.show()
        qtbot.waitExposed(page)
        page.activateWindow()
        qtbot.waitUntil(page.isActiveWindow)
        page.enter()
        page.setFocus()
        page.document, page.live = document, live
        return page

    yield make
    for page, live in pages:
        page.close()
        page.finish()
        live.close()


def tell(page, **people):
    """Tells the tiles of cameras that are live what was counted."""
    told = {name: facts(name, people.get(name.replace(" ", "_"))) for name in page.wall.tiles}
    page.wall.show_facts(Moment(monotonic(), told))


def four(**own):
    return [table(number, **own) for number in range(4)]


def wished(page):
    return dict(page._gaze._asked)


def test_a_camera_that_dies_keeps_its_picture_and_loses_its_count_until_it_comes_back(qtbot, make_page, tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera(rate=20.0) as camera:
        zone = {"name": "left", "polygon": LEFT_HALF}
        gate = {"name": "gate", "address": camera.address, "read_timeout_s": 2, "zones": [zone], "capacity": 9}
        page = make_page(
            gate, {"name": "yard", "address": camera.address, "counted": False}, run=True, model=address_of(model)
        )
        tile, yard = page.wall.tiles["gate"], page.wall.tiles["yard"]

        def is_shown():
            page.pull_pictures()
            page.pull_numbers()
            return tile.picture is not None and tile.words.count == "7 / 9 people" and yard.picture is not None

        qtbot.waitUntil(is_shown, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: is_shown() and tile.words.zones[0].people in ("3", "4"), timeout=WAIT_MS)
        assert tile.accessibleName() == "gate, 7 / 9 people, live"
        assert yard.accessibleName() == "yard, shown only"
        camera.go_away()

        def is_lost():
            page.pull_numbers()
            return tile.words.count == UNKNOWN and tile.words.standing.word == "reconnecting"

        qtbot.waitUntil(is_lost, timeout=WAIT_MS)
        assert tile.is_greyed
        assert tile.words.lost.startswith("picture ")
        assert tile.words.reason
        assert tile.words.zones[0].people == UNKNOWN
        camera.come_back()
        qtbot.waitUntil(lambda: is_shown() and not tile.is_greyed, timeout=WAIT_MS)


def test_a_window_that_hangs_for_seconds_loses_no_second_of_the_log_and_shows_the_newest_at_once(
    qtbot, make_page, tmp_path
):
    model, log = write_constant(tmp_path / "seven.onnx", people=7.0), tmp_path / "log.db"
    with ScriptedCamera(rate=10.0) as camera:
        page = make_page({"name": "gate", "address": camera.address}, run=True, model=address_of(model), **logged(log))
        tile = page.wall.tiles["gate"]

        def is_shown():
            page.pull_pictures()
            page.pull_numbers()
            return tile.picture is not None and tile.count == 7

        qtbot.waitUntil(is_shown, timeout=WAIT_MS)
        before = tile.picture
        Event().wait(FROZEN_S)
        page.pull_pictures()
        age_s = monotonic() - tile.picture.arrived_s
        page.pull_numbers()
        page.live.close()
    assert tile.picture is not before
    assert age_s < FROZEN_S / 5
    assert tile.words.count == "7 people"
    seconds = [second for _, second, _, _ in samples_of(log)]
    assert seconds[-1] - seconds[0] >= FROZEN_S - 1
    assert seconds == list(range(seconds[0], seconds[-1] + 1))


def test_the_main_stream_of_a_camera_is_opened_while_it_is_enlarged(qtbot, make_page, tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera() as main, ScriptedCamera(Clip.drawn(size=(120, 160))) as small:
        gate = {"name": "gate", "address": main.address, "address_small": small.address}
        page = make_page(gate, table(1), run=True, model=address_of(model))
        tile = page.wall.tiles["gate"]

        def shows(size):
            page.pull_pictures()
            return tile.picture is not None and tile.picture.size == size

        qtbot.waitUntil(lambda: shows((120, 160)), timeout=WAIT_MS)
        page.wall.enlarge("gate")
        qtbot.waitUntil(lambda: shows((240, 320)), timeout=WAIT_MS)
        assert tile.picture.tiles == "1×1 tile, of its small stream"
        page.wall.enlarge("")
        qtbot.waitUntil(lambda: shows((120, 160)), timeout=WAIT_MS)
    assert (main.connections, small.connections) == (1, 1)


def logged(path):
    return {"database": config(table()).model_validate({"database": str(path)}).database}


def address_of(path):
    return config(table()).model_validate({"model": str(path)}).model


def test_only_what_is_visible_is_asked_for_and_in_the_size_that_it_has(qtbot, make_page):
    page = make_page(*four())
    before = wished(page)
    assert {name: wish.within for name, wish in before.items()} == {
        name: (tile.height(), tile.width()) for name, tile in page.wall.tiles.items()
    }
    page.resize(900, 600)
    qtbot.waitUntil(lambda: wished(page)["gate"].within < before["gate"].within)
    page.wall.enlarge("platform 2")
    assert list(wished(page)) == ["platform 2"]
    page.wall.enlarge("")
    page.restore({"layout": "1"})
    assert list(wished(page)) == ["platform 2"]
    page.hide()
    assert wished(page) == {}
    page.show()
    qtbot.waitUntil(lambda: list(wished(page)) == ["platform 2"])
    page.showMinimized()
    qtbot.waitUntil(lambda: wished(page) == {})


def test_the_keyboard_reaches_every_camera_and_enlarges_it(qtbot, make_page):
    page = make_page(*four())
    wall = page.wall
    qtbot.waitUntil(wall.tiles["gate"].hasFocus)

    def press(key):
        qtbot.keyClick(QApplication.focusWidget(), key)
        return QApplication.focusWidget().name, wall.enlarged

    assert press(Qt.Key.Key_Right) == ("north square", "")
    assert press(Qt.Key.Key_Down) == ("main hall", "")
    assert press(Qt.Key.Key_Home) == ("gate", "")
    assert press(Qt.Key.Key_End) == ("main hall", "")
    assert press(Qt.Key.Key_Return) == ("main hall", "main hall")
    assert wall.tiles["main hall"].size() == wall.size()
    assert press(Qt.Key.Key_Left) == ("platform 2", "platform 2")
    assert press(Qt.Key.Key_Escape) == ("platform 2", "")
    assert all(tile.isVisible() for tile in wall.tiles.values())


def test_a_double_click_enlarges_and_back(qtbot, make_page):
    page = make_page(*four())
    tile = page.wall.tiles["north square"]
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    assert page.wall.visible_tiles == [tile]
    qtbot.mouseDClick(tile, Qt.MouseButton.LeftButton)
    assert len(page.wall.visible_tiles) == 4


def test_cameras_stand_in_the_order_of_the_configuration_and_some_not_at_all(make_page):
    hidden = [table(4, on_wall=False), table(5, enabled=False)]
    page = make_page(hidden[0], *reversed(four()), hidden[1])
    assert list(page.wall.tiles) == ["main hall", "platform 2", "north square", "gate"]
    kept = page.wall.tiles["gate"]
    page.document.put(config(table(0, capacity=5), table(1)))
    assert list(page.wall.tiles) == ["gate", "north square"]
    assert page.wall.tiles["gate"] is kept
    assert kept.settings.capacity == 5


def test_more_than_sixteen_cameras_are_on_pages(qtbot, make_page):
    page = make_page(*(table(number) for number in range(20)))
    assert len(page.wall.visible_tiles) == len(wished(page)) == 16
    qtbot.keyClick(page.wall.tiles["gate"], Qt.Key.Key_PageDown)
    assert (page.wall.page, len(wished(page))) == (1, 4)
    assert page.wall.selected == page.wall.visible_tiles[0].name
    page.document.put(config(*four()))
    assert (page.wall.page, len(wished(page))) == (0, 4)


def test_a_total_leaves_out_who_is_left_out_and_is_unknown_while_one_of_the_others_is(qtbot, make_page):
    page = make_page(*four())
    page.live.facts = lambda: {}
    total = page.bar.total
    page.pull_numbers()
    assert total.words.startswith("Total – of 4 cameras (not known: gate, ")
    counts = dict(zip(page.wall.tiles, [3, 4, 5, None], strict=True))
    page.live.facts = lambda: {name: facts(name, people) for name, people in counts.items()}
    page.pull_numbers()
    assert total.words == "Total – of 4 cameras (not known: main hall)"
    page.wall.select("main hall")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    page.pull_numbers()
    assert total.words == "Total 12 people of 3 cameras"
    assert total.isVisible()
    assert [tile.is_in_total for tile in page.wall.tiles.values()] == [True, True, True, False]
    again = make_page(*four())
    again.restore(page.state())
    assert again.state() == page.state()


def test_overlays_are_asked_for_in_turn_and_drawn(qtbot, make_page):
    page = make_page(table(0, zones=[QUEUE, DOOR]), table(1, counted=False))
    tile = page.wall.tiles["gate"]
    tell(page, gate=23)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_H)
    qtbot.waitUntil(page.bar.legend.isVisible)
    tile.show_picture(picture(tile.room))
    plain = grabbed(tile)
    assert {name: wish.overlay for name, wish in wished(page).items()} == {"gate": "heat", "north square": "none"}
    tile.show_picture(picture(tile.room, heat=True))
    strong = difference(grabbed(tile), plain)
    assert strong > 0
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Minus)
    assert 0 < difference(grabbed(tile), plain) < strong
    page.restore({"scale": 10.0})
    assert wished(page)["gate"].most == pytest.approx(10 * (tile.picture.heat.cell / 100) ** 2)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_H)
    assert wished(page)["gate"].overlay == "heads"
    tile.show_picture(picture(tile.room))
    plain = grabbed(tile)
    tile.show_picture(picture(tile.room, heads=np.array([[0.55, 0.5]], np.float32)))
    assert difference(grabbed(tile), plain) > 0
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_H)
    assert wished(page)["gate"].overlay == "bands"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_H)
    assert page.choices.overlay == "none"
    assert difference(grabbed(tile), plain) == 0


def grabbed(widget):
    """Returns the middle of what is drawn; at the edges are words and a ring, which follow mouse and keyboard."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8).reshape(image.height(), -1)
    height, width = image.height(), 3 * image.width()
    return rows[height // 4 : 3 * height // 4, width // 16 : width - width // 16].astype(int)


def difference(one, other):
    return int(np.abs(one - other).sum())


def test_a_picture_of_the_right_size_is_drawn_pixel_by_pixel(make_page):
    page = make_page(table(0), size=(640, 400))
    tile = page.wall.tiles["gate"]
    shown = picture(tile.room)
    tile.show_picture(shown)
    image, place = tile.grab().toImage(), tile.place()
    drawn = image.pixelColor(place.center())
    at = place.center() - place.topLeft()
    assert [drawn.red(), drawn.green(), drawn.blue()] == shown.pixels[at.y(), at.x()].tolist()


def test_the_lock_hides_set_up_until_a_person_confirms(qtbot, make_page, asked):
    page = make_page(*four())
    assert "Edit zones…" in menu_texts(page)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Z)
    assert asked.said == [("zones", "gate")]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not {"Edit zones…", "Camera settings…"} & set(menu_texts(page))
    qtbot.keyClick(page.wall.tiles["gate"], Qt.Key.Key_Z)
    assert asked.said[1:] == [("lock", True)]
    for button, locked in ((QMessageBox.StandardButton.Cancel, True), (None, False)):
        qtbot.keyClick(page.wall.tiles["gate"], Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        question = page.lock.question
        assert question is not None
        answer = question.button(button) if button else question.buttons()[0]
        qtbot.mouseClick(answer, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: page.lock.question is None)
        assert page.choices.locked is locked
    assert asked.said[2:] == [("lock", False)]
    assert "Edit zones…" in menu_texts(page)


def menu_texts(page):
    return [action.text() for action in page.menu_of("gate").actions() if action.isVisible()]


def test_the_wall_alone_fills_a_screen_and_comes_back(qtbot, make_page):
    page = make_page(*four())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F)
    window = page.wall.window()
    assert window is not page
    assert window.isFullScreen()
    assert page.doings["full_screen"].isChecked()
    page.hide()
    page.leave()
    qtbot.waitUntil(lambda: len(wished(page)) == 4)
    page.show()
    qtbot.keyClick(page.wall.tiles["gate"], Qt.Key.Key_Escape)
    assert page.wall.window() is page
    assert page.wall.isVisible()
    assert not page.doings["full_screen"].isChecked()
    page.screen_of_its_own.fill()
    page.document.put(config())
    assert page.wall.window() is page


def test_without_a_camera_the_page_says_what_to_do(qtbot, make_page, asked):
    page = make_page()
    assert page.invitation.isVisible()
    assert page.invitation.heading == "No camera yet"
    qtbot.mouseClick(page.invitation.button, Qt.MouseButton.LeftButton)
    assert asked.said == ["add"]
    page.document.put(config(table(0, on_wall=False)))
    assert page.invitation.heading == "No camera is on the wall"
    page.document.put(config(table(0)))
    assert page.wall.isVisible()


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1600, 1000)])
def test_all_that_is_said_of_the_worst_camera_stays_within_its_tile(make_page, size):
    name, problem = "a very long name of a camera " * 2, "the camera did not answer and that takes long to say; " * 3
    page = make_page(*(table(number, name=f"{name}{number}", zones=[QUEUE]) for number in range(16)), size=size)
    told = {tile: facts(tile, report=health(State.RECONNECTING, problem=problem)) for tile in page.wall.tiles}
    page.wall.show_facts(Moment(monotonic(), told))
    for tile in page.wall.findChildren(CameraTile):
        assert page.wall.rect().contains(tile.geometry())
        assert tile.toolTip().count("\n") >= 1
        assert not tile.grab().isNull()
        for plate in tile._plates.values():
            assert plate._pixmap is None or plate._pixmap.width() <= tile.width()


@pytest.mark.parametrize("state", [{}, {"layout": "5x5", "opacity": "much", "not_in_total": 3, "scale": "x"}])
def test_a_state_that_makes_no_sense_changes_nothing(make_page, state):
    page = make_page(*four())
    before = page.state()
    page.restore(state)
    assert page.state() == before


def test_the_menu_of_a_camera_opens_at_the_one_that_is_pointed_at(qtbot, make_page):
    page = make_page(*four())
    tile = page.wall.tiles["platform 2"]
    with qtbot.waitSignal(page.wall.menu_wanted) as wanted:
        place = page.wall.mapFromGlobal(tile.mapToGlobal(QPoint(5, 5)))
        QApplication.sendEvent(page.wall, context_menu(place))
    assert wanted.args[0] == "platform 2"


def context_menu(place):
    return QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, place)


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1600, 1000)], ids=str)
def test_nothing_on_the_page_is_cut_or_nameless(make_page, size):
    page = make_page(*(table(number, name="the camera of the long name " * 2 + str(number)) for number in range(20)))
    page.resize(*size)
    page.restore({"overlay": "heat"})
    page.pull_numbers()
    assert clipped(page) == []
    assert nameless(page) == []
    page.document.put(config())
    page.restore({"overlay": "none"})
    page.pull_numbers()
    assert not page.bar.isVisible()
    assert clipped(page) == []


def test_words_are_never_taken_for_markup(make_page):
    page = make_page(table(0, name="<b>x</b>"))
    page.pull_numbers()
    assert page.wall.tiles["<b>x</b>"].toolTip().count("&lt;b&gt;x") == 1
