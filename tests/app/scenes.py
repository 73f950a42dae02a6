"""What pictures are taken of, by name: each opens the window as it needs it, and shoots."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from time import time

import numpy as np
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from sqlalchemy import insert

from app.dialogs.camera import CameraDialog
from app.dialogs.help import show_model_card
from app.dialogs.polygons.editor import PolygonEditor
from app.dialogs.reader import Reader
from app.dialogs.settings import SettingsDialog
from app.notices import Level
from app.panels.curve_view import CurveView
from engine.log.database import Run, StoredCamera, StoredSample, open_database
from engine.paths import DEMO_CLIP, LIGHT_MODEL, default_database
from stage import MASK, ZONES, Stage

SMALL = 640, 400
MIDDLE = 900, 600
PASSWORD = "correct horse"


def first_start(stage: Stage) -> None:
    """The demonstration and three cards."""
    stage.open(is_first=True)
    stage.until(lambda: stage.assembly.live.names == ("Demonstration",))
    stage.counted()
    stage.shoot("first-start")
    stage.resize(*SMALL)
    stage.shoot("first-start-small")


def empty(stage: Stage) -> None:
    """No camera, no recording, no message."""
    stage.open(logged=False)
    for page in stage.assembly.window.pages:
        stage.show(page)
        stage.shoot(f"empty-{page}")
    stage.assembly.diagnostics.tabs.setCurrentIndex(2)
    stage.shoot("empty-diagnostics-computer")
    stage.show("live")
    stage.resize(*SMALL)
    for page in stage.assembly.window.pages:
        stage.show(page)
        stage.shoot(f"empty-{page}-small")


def wall(stage: Stage) -> None:
    """With one to sixteen cameras, with zones, overlays, menus."""
    stage.open()
    own = {0: ZONES, 2: MASK}
    for number in (1, 4, 9, 16):
        stage.reconfigure(*(stage.film(each, own.get(each, ""), fps=4 / number) for each in range(number)))
        stage.shoot(f"wall-{number:02}")
        if number == 4:
            _overlays(stage)
    stage.resize(*MIDDLE)
    stage.shoot("wall-16-middle")
    stage.resize(*SMALL)
    stage.shoot("wall-16-small")


def _overlays(stage: Stage) -> None:
    page = stage.assembly.wall
    for overlay in ("heat", "heads"):
        page.restore({"overlay": overlay})
        stage.rest(2.5)
        stage.shoot(f"wall-04-{overlay}")
    page.restore({"overlay": "none"})
    menu = page.menu_of(stage.assembly.live.names[0])
    menu.popup(page.mapToGlobal(QPoint(60, 60)))
    stage.shoot("wall-menu", menu)
    menu.close()
    for name in ("next_layout", "next_overlay", "next_scale"):
        choices = page.doings[name].menu()
        choices.popup(page.mapToGlobal(QPoint(60, 60)))
        stage.shoot(f"wall-menu-{name.removeprefix('next_')}", choices)
        choices.close()
    page.restore({"layout": "large"})
    stage.shoot("wall-04-large")
    page.restore({"layout": "automatic"})
    page.wall.switch_enlarged()
    stage.rest(1.0)
    stage.shoot("wall-04-enlarged")
    page.wall.switch_enlarged()
    page.restore({"locked": True})
    stage.shoot("wall-04-locked")
    page.restore({"locked": False})
    stage.resize(*SMALL)
    stage.shoot("wall-04-small")
    stage.resize(*(1400, 900))
    page.screen_of_its_own.fill()
    stage.rest(1.0)
    stage.shoot("wall-04-alone", page.wall.window())
    page.screen_of_its_own.leave()


def lost(stage: Stage) -> None:
    """A camera that is lost, one that was never there, one that is not counted, one that is late."""
    network = f'name = "Gate"\naddress = {json.dumps(stage.camera.address)}\nmax_fps = 1.0\n' + ZONES
    stage.open(network, stage.film(1), stage.film(2, "counted = false"))
    stage.until(lambda: stage.assembly.live.facts()["Gate"].newest.people is not None)
    stage.rest(4.0)
    never = 'name = "Roof"\naddress = "rtsp://127.0.0.1:9/live"\n'
    document = stage.assembly.document
    document.path.write_text(stage.text(network, stage.film(1), stage.film(2, "counted = false"), never))
    document.look()
    stage.rest(2.0)
    stage.camera.go_away()
    stage.rest(8.0)
    stage.shoot("lost")
    stage.show("setup")
    stage.shoot("lost-setup")
    stage.show("diagnostics")
    stage.rest(1.0)
    stage.shoot("lost-diagnostics")
    stage.show("live")
    stage.resize(*SMALL)
    stage.shoot("lost-small")


def setup(stage: Stage) -> None:
    """The list of cameras, and what lies over it."""
    stage.open(stage.film(0, ZONES), stage.film(1), stage.film(2, "enabled = false"))
    stage.rest(3.0)
    stage.show("setup")
    stage.shoot("setup")
    stage.assembly.setup.cameras.choose("Car park")
    stage.assembly.setup.remove()
    stage.rest(0.5)
    stage.shoot("setup-removed")
    stage.resize(*SMALL)
    stage.shoot("setup-small")


def camera_dialog(stage: Stage) -> None:
    """Each kind of camera, before and after a test."""
    stage.open(stage.film(0, ZONES))
    stage.show("setup")
    page = stage.assembly.setup
    stage.camera.require("guard", PASSWORD)
    page.add()
    dialog = stage.dialog(CameraDialog)
    stage.shoot("camera-network", dialog)
    dialog.source.address.setText("rtsp://camera.local:99999/live")
    dialog.accept()
    stage.shoot("camera-fault", dialog)
    _test(stage, dialog, stage.camera.address_with("guard", "wrong"), "camera-network-refused")
    _test(stage, dialog, stage.camera.address_with("guard", PASSWORD), "camera-network-tested")
    dialog.more.button.setChecked(True)
    stage.rest(0.3)
    bar = dialog._area.verticalScrollBar()
    for number, place in enumerate((bar.maximum() // 2, bar.maximum()), 1):
        bar.setValue(place)
        stage.shoot(f"camera-more-{number}", dialog)
    dialog.resize(*SMALL)
    bar.setValue(0)
    stage.shoot("camera-network-small", dialog)
    dialog.reject()
    _other_kinds(stage)


def _test(stage: Stage, dialog: CameraDialog, address: str, name: str) -> None:
    dialog.source.address.clear()
    dialog.source.address.insert(address)
    dialog.test.button.click()
    stage.until(lambda: bool(dialog.test.words.text()))
    stage.shoot(name, dialog)


def _other_kinds(stage: Stage) -> None:
    page = stage.assembly.setup
    page.add()
    dialog = stage.dialog(CameraDialog)
    source = dialog.source
    source.maker.setCurrentIndex(2)
    source.host.setText("192.168.1.20")
    stage.shoot("camera-maker", dialog)
    source.kind.setCurrentIndex(source.kind.findData("webcam"))
    stage.rest(1.0)
    stage.shoot("camera-webcam", dialog)
    source.kind.setCurrentIndex(source.kind.findData("path"))
    source.path.setText(str(DEMO_CLIP))
    dialog.test.button.click()
    stage.until(lambda: bool(dialog.test.words.text()))
    stage.shoot("camera-path-tested", dialog)
    dialog.reject()
    page.edit("North path")
    dialog = stage.dialog(CameraDialog)
    stage.shoot("camera-edit", dialog)
    dialog.reject()


def settings(stage: Stage) -> None:
    """Model, log and look."""
    stage.open(stage.film(0))
    stage.show("setup")
    stage.assembly.setup.choose()
    dialog = stage.dialog(SettingsDialog)
    stage.shoot("settings", dialog)
    dialog.check.click()
    dialog.measure.click()
    stage.until(dialog.measure.isEnabled, 120)
    stage.shoot("settings-measured", dialog)
    dialog.database.setText("rtsp://10.0.0.7/live")
    dialog.accept()
    dialog.resize(*SMALL)
    stage.shoot("settings-fault-small", dialog)
    dialog.reject()


def editor(stage: Stage) -> None:
    """Zones and masks."""
    stage.open(stage.film(0, MASK + ZONES))
    stage.until(lambda: stage.assembly.live.names != ())
    stage.counted()
    stage.assembly.edit_zones("North path")
    dialog = stage.dialog(PolygonEditor)
    stage.until(lambda: dialog.canvas.has_picture)
    dialog.resize(1200, 800)
    stage.rest(2.0)
    stage.shoot("editor", dialog)
    dialog.canvas.setFocus()
    sight = dialog.canvas.sight
    for point in ((0.45, 0.30), (0.55, 0.45)):
        QTest.mouseClick(dialog.canvas, Qt.MouseButton.LeftButton, pos=_point(sight, point))
    stage.shoot("editor-chosen", dialog)
    dialog.resize(*SMALL)
    stage.shoot("editor-small", dialog)
    dialog.done(0)
    stage.reconfigure(stage.film(0))
    stage.assembly.edit_zones("North path")
    dialog = stage.dialog(PolygonEditor)
    stage.until(lambda: dialog.canvas.has_picture)
    stage.shoot("editor-empty", dialog)
    dialog.done(0)


def _point(sight: object, point: tuple[float, float]) -> QPoint:
    x, y = sight.on_screen(point)  # type: ignore[attr-defined]
    return QPoint(round(x), round(y))


def diagnostics(stage: Stage) -> None:
    """Health, messages, this computer."""
    stage.open(*(stage.film(each) for each in range(3)))
    stage.counted()
    page = stage.assembly.diagnostics
    stage.show("diagnostics")
    stage.rest(1.5)
    stage.shoot("diagnostics")
    page.look()
    stage.until(lambda: bool(page.examination.findings))
    stage.shoot("diagnostics-computer")
    page.tabs.setCurrentIndex(1)
    stage.shoot("diagnostics-messages")
    stage.resize(*SMALL)
    for tab in range(3):
        page.tabs.setCurrentIndex(tab)
        stage.shoot(f"diagnostics-small-{tab + 1}")


def recording(stage: Stage) -> None:
    """Playing, paused, at the end; what cannot be opened."""
    stage.open()
    page = stage.assembly.recording
    stage.assembly.open_demo()
    stage.shoot("recording-opening")
    stage.until(lambda: page.doing.name == "PLAYING")
    stage.rest(12.0)
    stage.shoot("recording-playing")
    page.play_or_pause()
    stage.rest(0.5)
    stage.shoot("recording-paused")
    stage.resize(*SMALL)
    stage.shoot("recording-small")
    stage.resize(*MIDDLE)
    stage.shoot("recording-middle")
    stage.resize(1400, 900)
    page.play_or_pause()
    stage.until(lambda: page.doing.name == "ENDED")
    stage.shoot("recording-ended")
    words = "missing.mp4 does not exist, expected a video file"
    stage.assembly.notices.post(Level.PROBLEM, "recording", words, remedy="choose another one")
    stage.assembly.notices.post(Level.WARNING, "cameras", "the camera “Gate” is lost", remedy="it is tried again")
    stage.shoot("banner")
    stage.resize(*SMALL)
    stage.shoot("banner-small")


def help_texts(stage: Stage) -> None:
    """Keys, about, a model's card."""
    stage.open(stage.film(0))
    window = stage.assembly.window
    for name in ("keys", "about"):
        window.commands[name].trigger()
        reader = stage.dialog(Reader)
        stage.shoot(name, reader)
        reader.close()
    card = stage.home / "light.md"
    lines = LIGHT_MODEL.with_suffix(".md").read_text().splitlines()
    card.write_text("\n".join(line for line in lines if "![" not in line))  # its pictures are not ours to publish
    show_model_card(window, card)
    reader = stage.dialog(Reader)
    stage.shoot("model-card", reader)
    reader.close()
    for menu in window.menuBar().actions():
        if menu.isVisible() and menu.menu() is not None:
            menu.menu().popup(window.mapToGlobal(QPoint(40, 40)))
            stage.shoot(f"menu-{menu.text().replace('&', '').lower()}", menu.menu())
            menu.menu().close()


def curve(stage: Stage) -> None:
    """With a band, gaps and a capacity; the last day from the log."""
    _write_day()
    camera = stage.film(0, ZONES.replace("capacity = 20", "capacity = 30"), fps=2.0)
    stage.open(camera.replace("loop = true", "loop = true\ncapacity = 60"), stage.film(1, fps=2.0))
    stage.counted()
    dock = stage.assembly.wall.curve
    dock.bar.counts_wanted.emit(True)
    for name, span_s in (("minutes", 600.0), ("hours", 6 * 3600.0), ("day", 86_400.0)):
        dock.show_view(CurveView(span_s))
        stage.rest(4.0)
        stage.shoot(f"curve-{name}", dock)
    dock.show_view(CurveView(3600.0, time() - 4 * 3600))
    stage.rest(3.0)
    dock.plot.point_at(time() - 4.5 * 3600)
    stage.shoot("curve-past", dock)
    stage.shoot("curve-past-window")
    stage.resize(*SMALL)
    stage.shoot("curve-small")


def _write_day() -> None:
    """Writes a drawn day into the log, with holes."""
    database = default_database()
    database.parent.mkdir(parents=True, exist_ok=True)
    engine = open_database(database)
    now_s, chance = time() - 700, np.random.default_rng(1)
    with engine.begin() as connection:
        connection.execute(insert(StoredCamera), [{"id": 1, "name": "North path"}, {"id": 2, "name": "Lamp post"}])
        for run in range(1, 9):
            start_s, length = now_s - 86_400 + 10_800 * (run - 1), 9000
            begun = datetime.fromtimestamp(start_s, UTC).replace(tzinfo=None)
            values = {"id": run, "camera_id": 1, "started_at": begun, "model_name": "light"}
            connection.execute(insert(Run), [values | {"model_sha256": "0"}])
            mean = 25 + 15 * np.sin(np.arange(length) / 1500 + run) + chance.normal(0, 1.5, length).cumsum() * 0.05
            rows = [
                {"run_id": run, "second": second, "mean": max(0.0, each), "least": max(0.0, each - 3)}
                | {"most": each + 3, "readings": 2}
                for second, each in enumerate(mean.tolist())
            ]
            connection.execute(insert(StoredSample), rows)
    engine.dispose()


def alerts(stage: Stage) -> None:
    """The page of alerts, where the window has one."""
    stage.open(stage.film(0, ZONES))
    if "alerts" in stage.assembly.window.pages:
        stage.counted()
        stage.show("alerts")
        stage.shoot("alerts")
        stage.resize(*SMALL)
        stage.shoot("alerts-small")


SCENES: dict[str, Callable[[Stage], None]] = {
    "first-start": first_start,
    "empty": empty,
    "wall": wall,
    "lost": lost,
    "setup": setup,
    "camera": camera_dialog,
    "settings": settings,
    "editor": editor,
    "diagnostics": diagnostics,
    "recording": recording,
    "help": help_texts,
    "curve": curve,
    "alerts": alerts,
}
