"""How far a camera's counts are to be trusted, in the window: what is known, and a correction that is asked for."""

import json
from dataclasses import replace

import onnx
import pytest

from constant import write_constant
from engine.checks.kept import keep, new_uid
from engine.checks.spot_check import SpotCheck
from engine.counting.doubt import Doubt
from engine.inference.contract import read_model_file
from engine.inference.error_table import Interval
from engine.log.database import open_database
from engine.monitor.tally import Newest
from engine.paths import DEMO_CLIP
from engine.settings.config_file import load_config

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt

from app.assembly import Assembly
from app.dialogs.trust import TrustDialog
from app.order import Order
from app.panels.tile_words import Seen, words_of
from names import nameless
from wall_scene import config, facts, table

WAIT_MS = 30_000
COUNTED = 6.0
ERRORS = {"certainty": 0.9, "counted": [0, 100], "low": [0, 80], "high": [4, 130], "pictures": 60}
CONFIG = """\
model = "{model}"
database = "log.db"
[[cameras]]
name = "path"
address = "{clip}"
loop = true
max_fps = 2.0
"""


def write_model(folder):
    """A model that counts six everywhere, and says by how much it is wrong."""
    path = write_constant(folder / "six.onnx", people=COUNTED)
    model = onnx.load(path)
    told = {p.key: p.value for p in model.metadata_props} | {"deepcount.errors": json.dumps(ERRORS)}
    onnx.helper.set_model_props(model, told)
    path.write_bytes(model.SerializeToString())
    return path


def write_checks(folder, model, number):
    """Frames in which there are twice as many as the model counts; it counted more on later ones."""
    engine, sha256 = open_database(folder / "log.db"), read_model_file(model).sha256
    for place in range(number):
        points = tuple(((n + 0.5) / 64, 0.5) for n in range(2 * (place + 4)))
        keep(
            engine, SpotCheck(new_uid(), "path", 9.0 + place, (90, 160), points, 4.0 + place, "six", sha256, "me"), None
        )
    engine.dispose()


@pytest.fixture
def opened(tmp_path, qtbot):
    """Opens the window, and with the key of the selected tile what is known of its camera."""
    made = []

    def open_it(checks=0):
        model, path = write_model(tmp_path), tmp_path / "cameras.toml"
        write_checks(tmp_path, model, checks)
        path.write_text(CONFIG.format(model=model, clip=DEMO_CLIP))
        assembly = Assembly(Order(path))
        made.append(assembly)
        assembly.window.show()
        assembly.start()
        qtbot.waitUntil(lambda: assembly.live.names == ("path",) and people_of(assembly) is not None, timeout=WAIT_MS)
        tile = assembly.wall.wall.tiles["path"]
        assembly.window.activateWindow()
        tile.setFocus()
        qtbot.waitUntil(tile.hasFocus, timeout=WAIT_MS)
        qtbot.keyClick(tile, Qt.Key.Key_T)
        [dialog] = assembly.window.findChildren(TrustDialog)
        dialog.assembly, dialog.path, dialog.tile = assembly, path, tile
        qtbot.waitUntil(lambda: dialog._known is not None, timeout=WAIT_MS)
        return dialog

    yield open_it
    for assembly in made:
        for dialog in assembly.window.findChildren(TrustDialog):
            dialog.done(0)
        assembly.quit()
        assembly.dispose()


def people_of(assembly):
    known = assembly.live.facts().get("path")
    return known.newest.people if known else None


def test_a_correction_is_proposed_taken_over_and_switched_off(opened, qtbot):
    dialog = opened(checks=12)
    whole = people_of(dialog.assembly)
    assert "from 9.5 to" in dialog.correction.text()
    assert load_config(dialog.path).cameras[0].correction is None
    assert people_of(dialog.assembly) == pytest.approx(whole)
    dialog.take.click()
    qtbot.waitUntil(lambda: people_of(dialog.assembly) == pytest.approx(2 * whole, abs=0.2), timeout=WAIT_MS)
    assert load_config(dialog.path).cameras[0].correction.gain == pytest.approx(2.0)
    assert "In force: times 2" in dialog.correction.text()
    assert not dialog.take.isEnabled()
    dialog.drop.click()
    qtbot.waitUntil(lambda: people_of(dialog.assembly) == pytest.approx(whole, abs=0.2), timeout=WAIT_MS)
    assert load_config(dialog.path).cameras[0].correction is None
    assert nameless(dialog) == []


def test_without_checks_it_says_how_many_are_lacking(opened, qtbot):
    dialog = opened()
    qtbot.waitUntil(lambda: "with 90 % certainty" in dialog.now.text(), timeout=WAIT_MS)
    assert "press M" in dialog.checked.text()
    assert "after 10 more checked frames" in dialog.correction.text()
    assert [button.isEnabled() for button in (dialog.take, dialog.drop)] == [False, False]


def test_a_tile_says_how_sure_its_count_is_and_why_not_to_rely_on_it():
    settings = config(table()).cameras[0]
    newest = Newest(25.0, interval=Interval(18.2, 31.4), doubt=Doubt.INCONSISTENT)
    words = words_of(Seen(settings, replace(facts(settings.name, 25), newest=newest), count=25))
    assert "18 to 31 with 90 % certainty" in words.tip
    assert "do not rely on this count: count and density map disagree" in words.tip
    plain = words_of(Seen(settings, facts(settings.name, 25), count=25))
    assert "certainty" not in plain.tip
    assert "rely" not in plain.tip
