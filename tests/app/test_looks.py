"""What the window looks like: colours, sizes and names that everybody can use."""

import os
import subprocess
import sys
import tomllib
from configparser import RawConfigParser

import numpy as np
import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QColor, QIcon, QImage
from PyQt6.QtWidgets import QApplication, QDialog

from app import theme
from app.dialogs.help import about_text
from app.icons import NAMES, icon
from app.notices import Level
from clipping import clipped
from colour_blind import SIGHTS, lab
from contrast import contrast
from engine.inference.contract import read_model_file
from engine.paths import ICON, SHIPPED
from names import nameless

WORDS, NOT_WORDS = 4.5, 3.0
TOLD_APART = 25.0  # of L*a*b*
GROUNDS = ("ground", "window", "panel")
READ = [
    *((word, ground) for word in ("text", "quiet", "accent", "good", "warning", "problem") for ground in GROUNDS),
    *(("text", ground) for ground in ("line", "accent_ground", "warning_ground")),
    ("problem_text", "problem_ground"),
    ("selection_text", "selection"),
    *((f"plate_{word}", "plate") for word in ("text", "quiet", "problem", "warning", "good")),
]
SEEN = [
    *((sign, ground) for sign in ("edge", "focus", "faint") for ground in GROUNDS),
    *((sign, "accent_ground") for sign in ("accent", "focus")),
    *((sign, "line") for sign in ("focus",)),
    *((sign, "problem_ground") for sign in ("focus", "problem_text")),
    ("selection", "panel"),
]
LOOKS = pytest.mark.parametrize("look", [theme.DARK, theme.LIGHT], ids=["dark", "light"])


@pytest.fixture
def application(qapp):
    theme.apply(qapp)
    yield qapp
    theme.apply(qapp)


@LOOKS
@pytest.mark.parametrize(("least", "pairs"), [(WORDS, READ), (NOT_WORDS, SEEN)], ids=["words", "signs"])
def test_colours_that_meet_are_far_enough_apart(look, least, pairs):
    near = {pair: contrast(getattr(look, pair[0]), getattr(look, pair[1])) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in near.items() if ratio < least} == {}


@LOOKS
def test_curves_are_seen_on_a_panel(look):
    assert [colour for colour in look.series if contrast(colour, look.panel) < NOT_WORDS] == []


@LOOKS
@pytest.mark.parametrize("sight", SIGHTS)
def test_curves_are_told_apart_by_everybody(look, sight):
    seen = lab(np.array([QColor(colour).getRgb()[:3] for colour in look.series], np.uint8), sight)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=2)
    assert apart[np.triu_indices(len(seen), 1)].min() > TOLD_APART


def test_the_look_follows_the_system_until_somebody_chooses(application, qtbot):
    hints = application.styleHints()
    for scheme, look in ((Qt.ColorScheme.Light, theme.LIGHT), (Qt.ColorScheme.Dark, theme.DARK)):
        with qtbot.waitSignal(theme.changed):
            hints.colorSchemeChanged.emit(scheme)
        assert theme.colours() is look
        assert application.palette().window().color().name() == look.window
    theme.apply(application, "light")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.colours() is theme.LIGHT


def inked(picture: QImage) -> set[str]:
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return {colour.name() for colour in (picture.pixelColor(x, y) for x, y in places) if colour.alpha() > 250}


@pytest.mark.parametrize("name", NAMES)
def test_an_icon_takes_the_colours_in_force(application, name):
    drawn = icon(name)
    for choice, look in (("dark", theme.DARK), ("light", theme.LIGHT)):
        theme.apply(application, choice)
        for mode, colour in ((QIcon.Mode.Normal, look.text), (QIcon.Mode.Disabled, look.faint)):
            assert colour in inked(drawn.pixmap(QSize(48, 48), mode).toImage())


LONGEST = {
    "file": "x" * 236 + ".mp4",
    "size": "3840×2160, 12×12 tiles",
    "position": "23:59:59 of 23:59:59",
    "speed": "0.1×: slower than real time",
}
FACTS = {
    "interval": "12345 – 23456",
    "reliable": "no: one flat colour",
    "average": "12345.6",
    "most": "12345 at 23:59:59",
    "consistency": "100 %",
    "rate": "1234.5 frames/s",
    "model": "light.int8 on openvino-bf16",
}


def fill_with_the_longest_words(assembly) -> None:
    for camera in range(3):
        words = f"camera {camera} answers with words that nobody has expected, " * 4
        assembly.notices.post(Level.PROBLEM, f"camera {camera}", words, retry=lambda: None)
    for part, words in LONGEST.items():
        assembly.recording.status.show_part(part, words)
    for name, words in FACTS.items():
        assembly.recording.panels.facts.show_fact(name, words)
    assembly.recording.panels.facts.count.show_count(12345)


@pytest.mark.parametrize("size", [(640, 400), (900, 600), (1600, 1000)], ids=str)
def test_nothing_in_the_window_is_cut(make_assembly, size):
    assembly = make_assembly()
    fill_with_the_longest_words(assembly)
    assembly.window.resize(*size)
    found = {}
    for name in assembly.window.pages:
        assembly.window.show_page(name)
        found[name] = clipped(assembly.window)
    assert found == {name: [] for name in found}
    assert (assembly.window.width(), assembly.window.height()) == size


@pytest.mark.parametrize("setting", [{"QT_SCALE_FACTOR": "2"}, {"QT_FONT_DPI": "144"}, {"QT_FONT_DPI": "72"}], ids=str)
def test_nothing_is_cut_at_other_scales(setting):
    again = [sys.executable, "-m", "pytest", "-qx", "-pno:cacheprovider", "-kin_the_window_is_cut", __file__]
    done = subprocess.run(again, check=False, env=os.environ | setting, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-3000:]


def test_everything_has_a_name_and_is_reached_by_tab(make_assembly):
    assembly = make_assembly()
    fill_with_the_longest_words(assembly)
    found = {}
    for name in assembly.window.pages:
        assembly.window.show_page(name)
        QApplication.processEvents()
        found[name] = nameless(assembly.window)
    assert found == {name: [] for name in found}


def test_about_names_the_licences_of_models_and_libraries():
    told = about_text()
    for path in SHIPPED.values():
        facts = read_model_file(path).facts
        assert f"<b>{facts['name']}</b>: {facts['licence']}." in told
        assert all(part in told for part in facts["training_data"].split(" + "))
    for words in ("GPL-3.0-or-later", "PyQt6", "FFmpeg", "onnxruntime", "opencv-python", "PETS 2009", "MobileNetV2"):
        assert words in told


@pytest.mark.parametrize("which", ["about", "keys"])
def test_a_text_of_the_help_menu_scrolls_and_has_a_name(window, which):
    window.commands[which].trigger()
    QApplication.processEvents()
    (dialog,) = (shown for shown in QApplication.topLevelWidgets() if isinstance(shown, QDialog) and shown.isVisible())
    assert clipped(dialog) == []
    assert nameless(dialog) == []
    dialog.reject()


def test_the_desktop_finds_the_program_and_its_picture(qapp):
    entry = RawConfigParser()
    entry.read(ICON.with_suffix(".desktop"))
    command, icon_name = entry["Desktop Entry"]["Exec"].split()[0], entry["Desktop Entry"]["Icon"]
    project = tomllib.loads((ICON.parent.parent / "pyproject.toml").read_text())
    assert project["project"]["gui-scripts"][command] == "app.__main__:program"
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared[f"assets/{icon_name}.svg"].endswith(f"apps/{icon_name}.svg")
    drawn = QIcon(str(ICON))
    for side in (16, 48, 256):
        assert len(inked(drawn.pixmap(QSize(side, side)).toImage())) > 4


def test_icons_write_nothing(tmp_path):
    """Some libraries of fonts copy theirs into the user's folders."""
    script = "from PyQt6.QtWidgets import *; a = QApplication([]); from app.icons import icon; icon('add').pixmap(9)"
    places = {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""}
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ | places, cwd=ICON.parent.parent)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "fontconfig" not in str(path)] == []


@pytest.mark.parametrize("size", [(640, 400), (900, 600)], ids=str)
def test_the_count_is_in_sight_in_a_small_window(make_assembly, size):
    assembly = make_assembly()
    assembly.window.resize(*size)
    assembly.window.show_page("recording")
    assembly.recording.panels.facts.count.show_count(12345)
    QApplication.processEvents()
    count = assembly.recording.panels.facts.count
    assert count.visibleRegion().boundingRect() == count.rect()
