"""What somebody sees who starts the window for the first time."""

import tomllib

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from app.dialogs.heads.dialog import HeadsDialog
from app.dialogs.reader import Reader
from engine.errors import ConfigError
from engine.paths import DEMO_CLIP, default_config, default_database
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.config_file import load_config
from engine.settings.first_config import made_config

WAIT_MS = 20_000


@pytest.fixture
def first(make_assembly, qtbot):
    """The window of a first start, over a configuration without a camera."""
    return make_assembly(is_first=True)


def button_of(widget, words: str) -> QPushButton:
    return next(button for button in widget.findChildren(QPushButton) if button.text() == words)


def test_the_first_configuration_has_a_log_no_camera_and_an_example():
    path, database = default_config(), default_database()
    assert made_config(path, database)
    config = load_config(path)
    assert config.database.path == database
    assert config == Config(database=config.database)
    assert '# [[cameras]]\n# name = "gate"' in path.read_text()
    assert not made_config(path, database)


def test_the_example_in_the_first_configuration_holds_when_its_marks_are_taken_away():
    path = default_config()
    made_config(path, default_database())
    lines = path.read_text().splitlines()
    start = lines.index("# [[cameras]]")
    path.write_text("\n".join([*lines[:start], *(line.removeprefix("# ") for line in lines[start:])]))
    tables = tomllib.loads(path.read_text().replace("# ", "#"))["cameras"]
    assert {table["name"] for table in tables} >= {"gate", "webcam"}


def test_a_configuration_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        made_config(tmp_path / "file" / "cameras.toml", tmp_path / "log.db")


def test_the_demonstration_runs_as_a_camera_that_is_in_no_file(first, qtbot):
    qtbot.waitUntil(lambda: first.live.names == ("Demonstration",), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: first.live.facts()["Demonstration"].newest.people is not None, timeout=WAIT_MS)
    assert first.welcome.isVisible()
    assert first.wall.curve.choice.ticked == [Subject("Demonstration")]
    assert first.window.page.name == "live"
    assert load_config(first.document.path).cameras == ()


def test_heads_can_be_counted_in_the_demonstration_which_no_rule_watches(first, qtbot):
    qtbot.waitUntil(lambda: first.live.names == ("Demonstration",), timeout=WAIT_MS)

    def is_open() -> bool:
        if first.window.findChildren(HeadsDialog):
            return True
        first.heads.count("Demonstration")  # which says to wait, until something is counted
        return False

    qtbot.waitUntil(is_open, timeout=WAIT_MS)
    [dialog] = first.window.findChildren(HeadsDialog)
    qtbot.waitUntil(lambda: dialog._count.picture is not None and dialog._count.counted is not None, timeout=WAIT_MS)
    dialog.done(0)


def test_the_demonstration_can_be_kept(first, qtbot):
    qtbot.waitUntil(lambda: first.live.names == ("Demonstration",), timeout=WAIT_MS)
    button_of(first.welcome, "Close").click()
    qtbot.mouseClick(first.trial.keep, Qt.MouseButton.LeftButton)
    kept = load_config(first.document.path).cameras
    assert [(camera.name, camera.address.path, camera.loop) for camera in kept] == [("Demonstration", DEMO_CLIP, True)]
    assert first.trial.isHidden()
    assert first.live.names == ("Demonstration",)


def test_the_demonstration_can_be_taken_away(first, qtbot):
    qtbot.waitUntil(lambda: first.live.names == ("Demonstration",), timeout=WAIT_MS)
    button_of(first.welcome, "Close").click()
    qtbot.mouseClick(first.trial.drop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: first.live.names == (), timeout=WAIT_MS)
    assert first.trial.isHidden()


def test_a_card_says_how_good_the_count_is(first):
    button_of(first.welcome, "How good is the count?").click()
    card = first.window.findChild(Reader)
    assert "validation_mae" in card.text.toPlainText()
    card.close()


def test_cards_go_when_they_are_closed(first):
    assert first.trial.isHidden()
    button_of(first.welcome, "Close").click()
    assert first.welcome.isHidden()
    assert first.trial.isVisible()


def test_a_second_start_shows_no_cards(make_assembly):
    assert make_assembly().welcome.isHidden()
