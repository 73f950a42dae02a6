"""What pictures are taken of: dialogs, each as it opens and after something was done in it."""

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest

from app.dialogs.camera import CameraDialog
from app.dialogs.ground.dialog import GroundDialog
from app.dialogs.help import show_model_card
from app.dialogs.polygons.editor import PolygonEditor
from app.dialogs.reader import Reader
from app.dialogs.settings import SettingsDialog
from engine.paths import DEMO_CLIP, LIGHT_MODEL
from stage import MASK, SMALL, ZONES, Stage

PASSWORD = "correct horse"


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
    stage.assembly.on_picture.edit_zones("North path")
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
    stage.assembly.on_picture.edit_zones("North path")
    dialog = stage.dialog(PolygonEditor)
    stage.until(lambda: dialog.canvas.has_picture)
    stage.shoot("editor-empty", dialog)
    dialog.done(0)


PEOPLE = (
    ((0.836, 0.639), (0.835, 0.451)),
    ((0.073, 0.337), (0.069, 0.245)),
    ((0.941, 0.587), (0.927, 0.401)),
)
"""Foot and head of three who walk at the beginning of the demonstration clip."""


def calibration(stage: Stage) -> None:
    """Where the ground is."""
    stage.open(stage.film(0, ZONES))
    stage.until(lambda: stage.assembly.live.names != ())
    stage.counted()
    stage.assembly.on_picture.calibrate("North path")
    dialog = stage.dialog(GroundDialog)
    stage.until(lambda: dialog.canvas.aspect is not None)
    dialog.resize(1200, 800)
    stage.shoot("calibration-empty", dialog)
    for foot, head in PEOPLE:
        QTest.mousePress(dialog.canvas, Qt.MouseButton.LeftButton, pos=_point(dialog.canvas.sight, foot))
        QTest.mouseMove(dialog.canvas, _point(dialog.canvas.sight, head))
        QTest.mouseRelease(dialog.canvas, Qt.MouseButton.LeftButton, pos=_point(dialog.canvas.sight, head))
        stage.until(lambda: dialog.is_solved)
        stage.shoot(f"calibration-{len(dialog.marking.marks.all)}", dialog)
    QTest.mouseMove(dialog.canvas, _point(dialog.canvas.sight, (0.6, 0.5)))
    stage.shoot("calibration-person", dialog)
    dialog.resize(*SMALL)
    stage.shoot("calibration-small", dialog)
    dialog.save.click()
    tiles = stage.assembly.wall.wall.tiles
    stage.until(lambda: "m²" in tiles["North path"].toolTip())
    stage.shoot("calibrated-wall")


def _point(sight: object, point: tuple[float, float]) -> QPoint:
    x, y = sight.on_screen(point)  # type: ignore[attr-defined]
    return QPoint(round(x), round(y))


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
