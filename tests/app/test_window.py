"""The window as a shell: its pages, keys, full screen, and what happens when something in it fails."""

import sys

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QToolBar

from app.actions import RECORDING, SHELL
from app.desktop import faults_told
from app.panels.banner import Banner

WAIT_MS = 20_000
CAMERA = 'name = "gate"\naddress = "{clip}"\nloop = true'


def test_every_command_has_its_keys_in_the_tooltip(window, recording):
    for commands, actions in ((SHELL, window.commands), (RECORDING, recording.acts)):
        for command in commands:
            assert all(key in actions[command.name].toolTip() for key in command.keys)


def test_keys_lead_from_page_to_page(window, qtbot):
    assert window.page.name == "live"
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.page.name == "recording"
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.page.name == "live"


def test_nothing_moves_when_alerts_wait(window):
    lead = window._rail.widgetForAction(window._leads["alerts"])
    before = window._rail.sizeHint()
    window.show_number("alerts", 12)
    assert lead is not window._rail.widgetForAction(window._leads["alerts"])
    assert window._leads["alerts"].text() == "Alerts (12)"
    assert window._rail.sizeHint() == before


def test_a_page_that_is_not_seen_hears_no_key(window, recording, qtbot):
    window.show_page("live")
    before = recording.opacity.opacity
    qtbot.keyClick(window, Qt.Key.Key_Minus)
    assert recording.opacity.opacity == before


def test_the_window_can_be_drawn_small(window, recording):
    window.resize(1024, 700)
    picture = window.grab()
    assert (picture.width(), picture.height()) == (1024, 700)


def test_the_full_screen_shows_the_page_alone(window, recording, qtbot):
    window.commands["fullscreen"].trigger()
    assert window.isFullScreen()
    assert window.commands["fullscreen"].isChecked()
    assert window.menuBar().isHidden()
    bars = window.findChildren(QToolBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert all(bar.isHidden() for bar in bars)
    assert not recording.panels.log.isVisible()
    assert recording.panels.video.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert not window.commands["fullscreen"].isChecked()
    assert recording.panels.log.isVisible()


def test_a_full_screen_that_the_window_manager_makes_is_noticed(window):
    window.showFullScreen()
    assert window.commands["fullscreen"].isChecked()
    window.showNormal()
    assert not window.commands["fullscreen"].isChecked()


def test_what_a_slot_raises_becomes_a_notice(assembly, caplog):
    with faults_told(assembly.notices, assembly.log):
        try:
            raise ValueError("a slot")
        except ValueError:
            for _ in range(8):
                sys.excepthook(*sys.exc_info())
    assert "a slot" in caplog.text
    assert "(ValueError: a slot)" in assembly.window.findChild(Banner).text
    assert [message.words for message in assembly.log.since(0)][-1].endswith("(×8)")
    assert "(×8)" in assembly.window.findChild(Banner).text


def test_a_page_that_fails_is_left_alone_until_somebody_tries_again(window, recording, qtbot):
    calls = []

    def pull() -> None:
        calls.append(1)
        raise ValueError("broken")

    recording.pull_numbers = pull
    banner = window.findChild(Banner)
    qtbot.waitUntil(lambda: "has stopped" in banner.text, timeout=WAIT_MS)
    with pytest.raises(qtbot.TimeoutError):
        qtbot.waitUntil(lambda: len(calls) > 1, timeout=500)
    del recording.pull_numbers
    banner.retry.click()
    assert not banner.text


def test_a_camera_of_the_configuration_is_watched(make_assembly, long_clip, qtbot):
    assembly = make_assembly(None, CAMERA.format(clip=long_clip))
    qtbot.waitUntil(lambda: assembly.live.names == ("gate",), timeout=WAIT_MS)
    facts = assembly.live.facts
    qtbot.waitUntil(lambda: facts()["gate"].newest.people is not None, timeout=WAIT_MS)
    assert "no log is kept" in assembly.window.findChild(Banner).text


def test_a_configuration_edited_by_hand_is_taken_and_a_wrong_one_is_told(make_assembly, long_clip, qtbot):
    assembly = make_assembly(None, CAMERA.format(clip=long_clip))
    qtbot.waitUntil(lambda: assembly.live.names == ("gate",), timeout=WAIT_MS)
    path = assembly.document.path
    right = path.read_text()
    path.write_text(right + "loup = true\n")
    qtbot.waitUntil(lambda: "loup" in assembly.window.findChild(Banner).text, timeout=WAIT_MS)
    assert assembly.live.names == ("gate",)
    path.write_text(right)
    qtbot.waitUntil(lambda: "loup" not in assembly.window.findChild(Banner).text, timeout=WAIT_MS)
    path.write_text(right + "loup = true\n")
    qtbot.waitUntil(lambda: "loup" in assembly.window.findChild(Banner).text, timeout=WAIT_MS)
    path.write_text(right.replace('"gate"', '"yard"'))
    qtbot.waitUntil(lambda: assembly.live.names == ("yard",), timeout=WAIT_MS)
    assert "loup" not in assembly.window.findChild(Banner).text
