"""The whole way of an operator who does not trust a count: calibrate, check, correct, learn, start again, go back."""

import csv
from contextlib import closing

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)
pytest.importorskip("torch", reason="PyTorch is not installed")

from PyQt6.QtCore import QPoint, Qt

from app.assembly import Assembly
from app.dialogs.ground.dialog import GroundDialog
from app.dialogs.heads.dialog import HeadsDialog
from app.dialogs.trust import TrustDialog
from app.order import Order
from app.running.tunings import Tunings
from engine.checks.kept import keep, new_uid
from engine.checks.spot_check import SpotCheck
from engine.inference.contract import read_model_file
from engine.log.database import open_existing
from engine.paths import DEMO_CLIP, DEMO_TRUTH
from engine.settings.config_file import load_config
from engine.sources import FileSource
from tiny import write_tiny

WAIT_MS = 180_000
LEFT = Qt.MouseButton.LeftButton
PEOPLE = (((0.836, 0.639), (0.835, 0.451)), ((0.073, 0.337), (0.069, 0.245)), ((0.941, 0.587), (0.927, 0.401)))
"""Foot and head of three who walk at the beginning of the clip."""
FIRST, EVERY, CHECKED = 90, 12, 11
"""Frames of the clip that are checked beside the one that is clicked."""
QUICK = (
    "steps=6",
    "batch=2",
    "evaluate_every=3",
    "optimiser.rate=0.01",
    "optimiser.warm_up=0",
    "ema=0",
    "precision=fp32",
)
CONFIG = """\
model = "{model}"
database = "log.db"
[[cameras]]
name = "path"
address = "{clip}"
loop = true
max_fps = 4.0
grid = "1x1"
[[cameras.zones]]
name = "junction"
polygon = [[0.30, 0.38], [0.72, 0.36], [0.72, 0.62], [0.34, 0.58]]
"""


class Desk:
    """A window over the same files, started as often as one likes."""

    def __init__(self, path, qtbot):
        self.path, self._qtbot = path, qtbot
        self.assembly = None

    def start(self):
        self.assembly = Assembly(Order(self.path))
        self.assembly.on_picture.tunings = Tunings(QUICK)
        self.assembly.window.resize(1200, 800)
        self.assembly.window.show()
        self.assembly.start()
        self.until(lambda: self.assembly.live.names == ("path",) and self.newest.people is not None)

    def end(self):
        if self.assembly is not None:
            self.assembly.document.blockSignals(True)  # it lives on in this process, beside that of the next window
            self.assembly.quit()
            self.assembly.dispose()
            self.assembly = None

    def until(self, holds):
        self._qtbot.waitUntil(holds, timeout=WAIT_MS)

    def opened(self, key, kind):
        """Opens a dialog on the camera's tile by its key, which is pressed until there is a frame to look at."""
        tile, window = self.assembly.wall.wall.tiles["path"], self.assembly.window

        def visible():
            return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]

        def pressed():
            if not visible():
                window.activateWindow()  # which no window manager does here, after a dialog
                tile.setFocus()
                self._qtbot.keyClick(tile, key)
            return bool(visible())

        self.until(pressed)
        return visible()[0]

    @property
    def newest(self):
        return self.assembly.live.facts()["path"].newest

    @property
    def camera(self):
        return load_config(self.path).cameras[0]

    @property
    def counting(self):
        return self.assembly.live.model_of("path").path


@pytest.fixture
def desk(tmp_path, qtbot):
    path = tmp_path / "cameras.toml"
    path.write_text(CONFIG.format(model=write_tiny(tmp_path / "model"), clip=DEMO_CLIP))
    made = Desk(path, qtbot)
    yield made
    made.end()


def calibrate(desk, qtbot):
    dialog = desk.opened(Qt.Key.Key_K, GroundDialog)
    desk.until(lambda: dialog.canvas.aspect is not None)
    for person in PEOPLE:
        for point in person:
            qtbot.mouseClick(dialog.canvas, LEFT, pos=_at(dialog, point))
    desk.until(lambda: dialog.is_solved and dialog.save.isEnabled())
    dialog.save.click()
    desk.until(lambda: desk.newest.crowding is not None)


def check_by_hand(desk, qtbot):
    dialog = desk.opened(Qt.Key.Key_M, HeadsDialog)
    desk.until(lambda: dialog._count.picture is not None and dialog._count.counted is not None)
    for head in (PEOPLE[0][1], PEOPLE[1][1], PEOPLE[2][1]):
        qtbot.mouseClick(dialog.canvas, LEFT, pos=_at(dialog, head))
    dialog.put()
    desk.until(lambda: not desk.assembly.window.findChildren(HeadsDialog))


def check_more(desk, model):
    """Keeps as many more as learning needs, with their pictures, as the dialog does one by one."""
    engine = open_existing(desk.path.with_name("log.db"))
    with DEMO_TRUTH.open(newline="", encoding="utf-8") as file:
        truth = {int(row["frame"]): int(row["count"]) for row in csv.DictReader(file)}
    with closing(FileSource(DEMO_CLIP)) as source:
        for frame in source.frames():
            number, rest = divmod(frame.index - FIRST, EVERY)
            if number >= CHECKED:
                break
            if number >= 0 and rest == 0:
                people = truth[frame.index]
                points = tuple(((n + 0.5) / people, 0.4) for n in range(people))
                facts = "path", 1e9 + number, frame.size, points, people / 2, "tiny", model.sha256, "me"
                keep(engine, SpotCheck(new_uid(), *facts), frame.picture)
    engine.dispose()


def _at(dialog, point):
    return QPoint(*map(round, dialog.canvas.sight.on_screen(point)))


def test_a_camera_is_calibrated_checked_corrected_taught_and_all_survives_a_new_start(desk, qtbot):
    desk.start()
    shipped = desk.counting
    calibrate(desk, qtbot)
    check_by_hand(desk, qtbot)
    check_more(desk, read_model_file(shipped))
    dialog = desk.opened(Qt.Key.Key_T, TrustDialog)
    desk.until(dialog.take.isEnabled)
    assert "12 checked frames" in dialog.checked.text()
    dialog.take.click()
    desk.until(lambda: desk.camera.correction is not None)
    desk.until(dialog.tuning.start.isEnabled)
    dialog.tuning.start.click()
    job = dialog.tuning._job
    desk.until(lambda: job.verdict is not None or bool(job.problem))
    assert job.problem == ""
    assert job.verdict.is_better, job.verdict.sentence
    desk.until(dialog.tuning.use.isEnabled)
    dialog.tuning.use.click()
    desk.until(lambda: desk.counting == job.model)
    desk.until(lambda: "another model" in dialog.correction.text())
    dialog.done(0)
    before = desk.camera
    desk.end()

    desk.start()
    assert desk.camera == before
    assert desk.counting == job.model
    desk.until(lambda: desk.newest.crowding is not None)
    assert desk.newest.crowding.zones["junction"] >= 0
    dialog = desk.opened(Qt.Key.Key_T, TrustDialog)
    desk.until(lambda: "better here and no worse elsewhere" in dialog.tuning.said.text())
    dialog.tuning.back.click()
    desk.until(lambda: desk.counting == shipped and desk.camera.model is None)
    desk.until(lambda: "12 checked frames" in dialog.checked.text())
    assert "In force" in dialog.correction.text()
    assert job.model.is_file()
    dialog.done(0)
