"""The whole product from its first start on: the real command in this process, driven by mouse and keys alone."""

import json
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QEvent, QPointF, Qt, QTimer
from PyQt6.QtWidgets import QApplication, QPushButton

from app.__main__ import main
from app.dialogs.camera import CameraDialog
from app.dialogs.polygons.editor import PolygonEditor
from app.window import Window
from cameras import ScriptedCamera
from engine.paths import DEMO_CLIP, default_config, default_database
from engine.settings.config_file import load_config

WAIT_MS = 30_000
PASSWORD = "p@ss/word 1"
LEFT = Qt.MouseButton.LeftButton
ZONE = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))


@pytest.fixture(autouse=True)
def keyring_file(monkeypatch):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")


@pytest.fixture
def camera():
    with ScriptedCamera(rate=10.0) as camera:
        camera.require("guard", PASSWORD)
        yield camera


class Visit:
    """What somebody does in the window, and sees there."""

    def __init__(self, window: Window, qtbot) -> None:
        self.window, self._qtbot = window, qtbot

    def until(self, holds) -> None:
        self._qtbot.waitUntil(lambda: bool(holds()), timeout=WAIT_MS)

    def press(self, words: str, within=None) -> None:
        buttons = (within or self.window).findChildren(QPushButton)
        button = next(each for each in buttons if each.isVisible() and each.text().replace("&", "") == words)
        self._qtbot.mouseClick(button, LEFT)

    def key(self, key: Qt.Key, widget=None, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        self._qtbot.keyClick(widget or self.window, key, modifier)

    def click(self, widget, place) -> None:
        """At a place in points, or in shares of the widget where it is below 1."""
        x, y = place
        if max(place) <= 1:
            x, y = x * widget.width(), y * widget.height()
        self._qtbot.mouseClick(widget, LEFT, pos=QPointF(x, y).toPoint())

    def write(self, widget, text: str) -> None:
        widget.setFocus()
        self._qtbot.keyClicks(widget, text)

    def dialog(self, kind):
        self.until(lambda: self.open_dialogs(kind))
        return self.open_dialogs(kind)[0]

    def open_dialogs(self, kind) -> list:
        return [each for each in self.window.findChildren(kind) if each.isVisible()]

    @property
    def tiles(self):
        return self.window.pages["live"].wall.tiles

    def shows(self, name: str, *words: str) -> bool:
        """Whether the tile of a camera has a count, and says words."""
        tile = self.tiles.get(name)
        return tile is not None and tile.count is not None and all(word in tile.words.spoken for word in words)

    def banner(self) -> str:
        return "\n".join(notice.text for notice in self.window.notices.unseen)


@pytest.fixture
def visit(qtbot, capfd):
    """Runs the real command while a script does what somebody does; nothing may be complained of."""

    def run(script, *arguments: str) -> None:
        failed = []

        def begin() -> None:
            window = next(each for each in QApplication.topLevelWidgets() if isinstance(each, Window))
            try:
                script(Visit(window, qtbot))
            except BaseException as error:  # the test's own, which must not end up in a slot
                failed.append(error)
            finally:
                for dialog in (*window.findChildren(CameraDialog), *window.findChildren(PolygonEditor)):
                    dialog.done(0)
                window.close()

        QTimer.singleShot(0, begin)
        status = main(list(arguments))
        QApplication.removePostedEvents(QApplication.instance(), QEvent.Type.Quit.value)  # none for the tests to come
        if failed:
            raise failed[0]
        assert status == 0
        assert "Traceback" not in capfd.readouterr().err

    return run


def files_with(folder: Path, secret: str) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file() and secret.encode() in path.read_bytes():
                found.append(path.name)
    return found


def configured(camera: ScriptedCamera) -> str:
    login = camera.address_with("guard", PASSWORD)
    zone = json.dumps([list(corner) for corner in ZONE])
    return (
        f'database = {json.dumps(str(default_database()))}\n\n# At the north.\n[[cameras]]\nname = "Gate"\n'
        f'address = {json.dumps(login)}\n\n[[cameras.zones]]\nname = "door"\npolygon = {zone}\n'
    )


def test_from_an_empty_home_to_a_zone_that_is_counted_and_is_there_at_the_next_start(visit, camera, own_home):
    def first(person: Visit) -> None:
        person.until(lambda: person.shows("Demonstration", "live"))
        person.press("Add a camera")
        add_camera(person, camera)
        person.press("Remove")
        person.until(lambda: "Gate" in person.tiles)
        assert person.window.page.name == "live"
        person.until(lambda: person.shows("Gate", "live"))
        draw_zone(person)
        person.until(lambda: zone_counts(person)["door"] is not None)

    def second(person: Visit) -> None:
        assert list(person.tiles) == ["Gate"]
        person.until(lambda: person.shows("Gate", "live"))
        person.until(lambda: zone_counts(person)["door"] is not None)
        assert person.banner() == ""

    visit(first)
    assert [(each.name, each.user, each.password) for each in load_config(default_config()).cameras] == [
        ("Gate", "guard", "keyring")
    ]
    assert files_with(own_home, PASSWORD) == []
    assert files_with(own_home, "p%40ss") == []
    visit(second)


def add_camera(person: Visit, camera: ScriptedCamera) -> None:
    dialog = person.dialog(CameraDialog)
    person.write(dialog.source.address, camera.address)
    person.write(dialog.login.user, "guard")
    person.write(dialog.login.password, PASSWORD)
    person.write(dialog.name, "Gate")
    person.press("Test", dialog)
    person.until(lambda: "h264" in dialog.test.words.text())
    person.press("Add the camera", dialog)
    person.until(lambda: not person.open_dialogs(CameraDialog))


def draw_zone(person: Visit) -> None:
    tile = person.tiles["Gate"]
    person.window.activateWindow()  # a window manager does it when a dialog goes
    person.until(person.window.isActiveWindow)
    person.click(tile, (0.5, 0.3))
    person.until(tile.hasFocus)
    person.key(Qt.Key.Key_Z, tile)
    editor = person.dialog(PolygonEditor)
    person.until(lambda: editor.canvas.has_picture)
    person.press("Add zone", editor)
    for corner in ZONE:
        person.click(editor.canvas, editor.canvas.sight.on_screen(corner))
    person.key(Qt.Key.Key_Return, editor.canvas)
    editor.sidebar.name.selectAll()
    person.write(editor.sidebar.name, "door")
    person.press("Save", editor)
    person.until(lambda: not person.open_dialogs(PolygonEditor))


def zone_counts(person: Visit) -> dict[str, int | None]:
    words = person.tiles["Gate"].words.zones
    return {zone.name: None if "–" in zone.people else zone.people for zone in words}


def test_a_camera_that_dies_keeps_its_picture_and_comes_back(visit, camera):
    default_config().parent.mkdir(parents=True)
    default_config().write_text(configured(camera))

    def script(person: Visit) -> None:
        person.until(lambda: person.shows("Gate", "live"))
        camera.go_away()
        person.until(lambda: not person.tiles["Gate"].words.standing.is_live)
        tile = person.tiles["Gate"]
        person.until(lambda: tile.count is None)
        assert tile.picture is not None
        assert tile.words.count.startswith("–")
        assert tile.words.reason
        camera.come_back()
        person.until(lambda: person.shows("Gate", "live"))

    visit(script)


def test_a_configuration_edited_by_hand_meanwhile_is_taken_up_and_a_broken_one_is_told(visit, camera):
    path = default_config()
    path.parent.mkdir(parents=True)
    text = configured(camera)
    path.write_text(text)
    more = f'\n[[cameras]]\nname = "Clip"\naddress = {json.dumps(str(DEMO_CLIP))}\nloop = true\n'

    def script(person: Visit) -> None:
        person.until(lambda: person.shows("Gate", "live"))
        connections = camera.connections
        path.write_text(text + more)
        person.until(lambda: person.shows("Clip", "live"))
        path.write_text(text + more + "max_fps = -1\n")
        person.until(lambda: "max_fps" in person.banner())
        assert "stays in force" in person.banner()
        path.write_text(text + more.replace("Clip", "Film"))
        person.until(lambda: person.shows("Film", "live"))
        assert list(person.tiles) == ["Gate", "Film"]
        assert person.banner() == ""
        assert person.shows("Gate", "live")
        assert camera.connections == connections

    visit(script)
    assert path.read_text() == text + more.replace("Clip", "Film")
