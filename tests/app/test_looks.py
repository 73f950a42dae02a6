"""What the window looks like: colours, sizes and names that everybody can use."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QIcon, QImage
from PyQt6.QtWidgets import QApplication

from app import theme
from app.icons import NAMES, icon
from app.notices import Level
from clipping import clipped
from contrast import contrast
from names import nameless

WORDS, NOT_WORDS = 4.5, 3.0
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
