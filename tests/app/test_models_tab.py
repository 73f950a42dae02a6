"""The models under Set-up: what is known of each, which cameras it counts, and other ones while cameras run."""

import pytest

from constant import write_constant
from engine.paths import DEMO_CLIP, SHIPPED, default_models
from engine.settings.config_file import load_config

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt

from app.assembly import Assembly
from app.dialogs.reader import Reader
from app.order import Order
from app.panels.model_words import card_of, error_of, speed_words
from clipping import clipped
from engine.inference.known import KnownModel, known_models
from engine.monitor.speed import Speed
from names import nameless

WAIT_MS = 30_000
CONFIG = """\
model = "{model}"
[[cameras]]
name = "gate"
address = "{clip}"
loop = true
max_fps = 2.0
grid = "1x1"
[[cameras]]
name = "yard"
address = "{clip}"
loop = true
max_fps = 2.0
grid = "1x1"
"""


@pytest.fixture
def opened(tmp_path, qtbot):
    """The window with two cameras, a model of all that counts six, and one that counts nine, which somebody learnt."""
    own = default_models() / "gate"
    own.mkdir(parents=True)
    write_constant(own / "gate.onnx", people=9.0)
    (own / "broken.onnx").write_bytes(b"no model")
    path = tmp_path / "cameras.toml"
    path.write_text(CONFIG.format(model=write_constant(tmp_path / "six.onnx", people=6.0), clip=DEMO_CLIP))
    assembly = Assembly(Order(path))
    assembly.window.resize(1200, 800)
    assembly.window.show()
    assembly.start()
    qtbot.waitUntil(lambda: people(assembly) == {"gate": 6.0, "yard": 6.0}, timeout=WAIT_MS)
    assembly.window.show_page("setup")
    assembly.setup.show_list("models")
    qtbot.waitUntil(lambda: len(rows(assembly)) == 5, timeout=WAIT_MS)
    yield assembly
    assembly.quit()
    assembly.dispose()


def people(assembly):
    """What is counted, to the tenth."""
    newest = {name: facts.newest.people for name, facts in assembly.live.facts().items()}
    return {name: None if each is None else round(each, 1) for name, each in newest.items()}


def rows(assembly):
    """The words of each row, by the name of its model."""
    models = assembly.setup.models_tab.models
    items = (models.topLevelItem(place) for place in range(models.topLevelItemCount()))
    return {item.text(0): [item.text(column) for column in range(models.columnCount())] for item in items}


def test_models_are_listed_with_what_they_count_and_a_card(opened, qtbot):
    tab, found = opened.setup.models_tab, rows(opened)
    assert list(found)[: len(SHIPPED)] == list(SHIPPED)
    assert found["six"][1] == "all cameras"
    assert found["light"][1] == "–"
    assert float(found["light"][2]) > 0
    tab.models.choose(next(model.name for model in tab._models.known if model.path.stem == "broken"))
    assert "no ONNX file" in tab.words.text
    assert not tab.use.isEnabled()
    tab.models.choose("light")
    qtbot.waitUntil(lambda: "Learnt from: ShanghaiTech" in tab.words.text, timeout=WAIT_MS)
    assert "Licence: " in tab.words.text
    tab.models.choose(str(opened.watched.config.model.path))
    assert "Runs now on cpu" in tab.words.text
    tab.models.setFocus()
    qtbot.keyClick(tab.models, Qt.Key.Key_Return)
    [reader] = [each for each in opened.window.findChildren(Reader) if each.isVisible()]
    reader.close()
    assert nameless(tab) == []
    assert clipped(tab) == []


def test_cameras_are_counted_by_another_model_while_they_run(opened, qtbot):
    tab, path = opened.setup.models_tab, opened.document.path
    captures = [session.capture for session in opened.engine.monitor.sessions]
    choice = tab.choices["gate"]
    choice.setFocus()
    choice.setCurrentIndex(choice.findText("gate"))
    choice.activated.emit(choice.currentIndex())
    qtbot.waitUntil(lambda: people(opened) == {"gate": 9.0, "yard": 6.0}, timeout=WAIT_MS)
    assert load_config(path).cameras[0].model.path == default_models() / "gate" / "gate.onnx"
    qtbot.waitUntil(lambda: rows(opened)["gate"][1] == "gate" and rows(opened)["six"][1] == "all others")
    choice.setCurrentIndex(0)
    choice.activated.emit(0)
    qtbot.waitUntil(lambda: people(opened) == {"gate": 6.0, "yard": 6.0}, timeout=WAIT_MS)
    assert load_config(path).cameras[0].model is None
    tab.models.choose(str(default_models() / "gate" / "gate.onnx"))
    tab.use.click()
    qtbot.waitUntil(lambda: people(opened) == {"gate": 9.0, "yard": 9.0}, timeout=WAIT_MS)
    assert not tab.use.isEnabled()
    assert [session.capture for session in opened.engine.monitor.sessions] == captures


def test_what_is_known_is_said_and_nothing_else():
    [light] = [model for model in known_models() if model.name == "light"]
    words = card_of(light, runs="cpu, onnxruntime", speeds=[Speed("light", "cpu", 20.0), Speed("light", "cuda", None)])
    assert "cpu 50 ms a tile" in words
    assert "cuda" not in words
    assert f"off by {error_of(light)} people" in words
    broken = KnownModel("x.onnx", light.path, {}, problem="it is damaged")
    assert card_of(broken) == "⚠ it is damaged"
    assert error_of(broken) == "–"
    assert speed_words([]) == ""
