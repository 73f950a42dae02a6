"""Alerts in the window: raised by the real engine, told once, acknowledged by keyboard, found again."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

import json
from time import time

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel

from app.dialogs.rules import RulesDialog
from app.panels.alert_words import Standing, standing_of
from app.panels.suspend_words import suspended_words
from app.running.alerts import Alerts
from clipping import clipped
from constant import write_constant
from engine.alerts.listing import read_alerts
from engine.log.audit import rows_of
from engine.log.database import open_for_reading
from names import nameless

WAIT_MS = 30_000
RULE = '[[cameras.rules]]\nname = "crowd"\nabove = {above}\nfor_s = 1\nseverity = "critical"'


def looped(clip, above=5.0) -> str:
    """A camera that shows a recording for ever, as a configuration file has it."""
    rule = RULE.format(above=above)
    return f'name = "gate"\naddress = {json.dumps(str(clip))}\nloop = true\n{rule}'


@pytest.fixture
def model(tmp_path):
    """Seven people in every tile."""
    return write_constant(tmp_path / "seven.onnx", people=7.0)


@pytest.fixture
def guarded(make_assembly, clip, model, database, qtbot):
    """A window over a camera whose rule raises an alert that stays open."""
    from engine.settings.address import Address

    def make():
        return make_assembly(database, looped(clip), given={"model": Address.of(str(model))})

    return make


def wait_for_alert(assembly, qtbot):
    page = assembly.alerts_page
    qtbot.waitUntil(lambda: len(assembly.alerts.firing) == 1 and len(assembly.alerts.all) == 1, timeout=WAIT_MS)
    return page, assembly.alerts.all[0]


def chosen_of(menu, number):
    """Opens a menu as a key does, and chooses one of its lines."""
    menu.aboutToShow.emit()
    [action for action in menu.actions() if not action.isSeparator()][number].trigger()


def test_a_rule_is_suspended_by_keyboard_and_that_is_said_until_it_is_resumed(guarded, database, qtbot):
    assembly = guarded()
    page, _ = wait_for_alert(assembly, qtbot)
    assembly.alerts.who = "Anna"
    window = assembly.window
    window.show_page("alerts")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_S)
    qtbot.waitUntil(page.menu.isVisible, timeout=WAIT_MS)
    assert [action.text().replace("&", "") for action in page.menu.actions()][:2] == ["For 15 minutes", "For 1 hour"]
    QTest.keyClick(page.menu, Qt.Key.Key_H)
    (suspended,) = assembly.alerts.suspended
    assert (suspended.owner, suspended.rule, suspended.who) == ("gate", "crowd", "Anna")
    assert 3500 < suspended.until - time() < 3602
    said = suspended_words(suspended, time())
    assert page.suspended.words.text == f"‖ gate: crowd {said}"
    assert page.suspended.isVisible()
    assert clipped(page) == []
    assert nameless(page) == []
    window.show_page("live")
    tile = assembly.wall.wall.tiles["gate"]
    qtbot.waitUntil(lambda: f"crowd {said}" in tile.words.tip, timeout=WAIT_MS)
    window.show_page("alerts")
    rules = RulesDialog(assembly.watched, assembly.alerts, "gate")
    qtbot.addWidget(rules)
    assert rules.rules.item(0).text().endswith(f"crowd: above 5 people for 1 s – {said}")
    chosen_of(rules.suspend.menu(), 0)
    assert assembly.alerts.suspended == ()
    assert page.suspended.isHidden()
    assert rules.rules.item(0).text().endswith("for 1 s")
    chosen_of(page.menu, -1)
    dialog = page.menu.dialog
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    dialog._note.setText("the fair")
    dialog._until.setDateTime(dialog._until.dateTime().addDays(-2))
    dialog.accept()
    assert dialog.isVisible()
    dialog._until.setDateTime(dialog._until.dateTime().addDays(3))
    QTest.keyClick(dialog._note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert assembly.alerts.suspended[0].note == "the fair"
    page.suspended.button.menu().actions()[0].trigger()
    assert assembly.alerts.suspended == ()
    window.close()
    engine = open_for_reading(database)
    deeds = [(row.who, row.action) for row in rows_of(engine) if row.action in ("suspend", "resume")]
    engine.dispose()
    assert deeds == [("Anna", "suspend"), ("Anna", "resume")] * 2


def test_an_alert_that_still_stands_is_closed_with_a_warning_and_raised_anew(guarded, qtbot):
    assembly = guarded()
    page, alert = wait_for_alert(assembly, qtbot)
    assembly.window.show_page("alerts")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_C)
    dialog = page.dealing.dialog
    assert dialog.windowTitle() == "Close alert"
    assert any("It still stands" in label.text() for label in dialog.findChildren(QLabel))
    assert nameless(dialog) == []
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    dialog._note.setPlainText("a test")
    QTest.keyClick(dialog._note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: assembly.alerts.alert(alert.uid).closed_at is not None, timeout=WAIT_MS)
    assert assembly.alerts.alert(alert.uid).note == "a test"
    qtbot.waitUntil(lambda: len(assembly.alerts.all) == 2, timeout=WAIT_MS)
    page.table.choose(alert.uid)
    assert not page.doings["close"].isEnabled()


@pytest.mark.parametrize(("later_s", "expected"), [(0.9, 1), (1.0, 0)])
def test_what_was_raised_before_a_window_began_is_not_told_but_in_the_same_second(guarded, qtbot, later_s, expected):
    assembly, told = guarded(), []
    wait_for_alert(assembly, qtbot)
    (firing,) = assembly.alerts.firing
    alerts = Alerts(assembly.live, assembly.watched, clock=lambda: firing.raised + later_s)
    alerts.told.connect(told.append)
    alerts.look()
    alerts.close()
    assert len(told) == expected


def test_an_alert_is_told_once_acknowledged_by_keyboard_and_found_again(guarded, database, qtbot):
    assembly, told = guarded(), []
    assembly.alerts.told.connect(told.append)
    page, alert = wait_for_alert(assembly, qtbot)
    window = assembly.window
    assert alert.subject == "gate"
    assert assembly.alarm.banner.isVisible()
    assert "gate: above 5 people for 1 s (rule “crowd”), critical, since " in assembly.alarm.banner.text
    assert window._leads["alerts"].text() == "Alerts (1)"
    assert assembly.alarm.sound.played == 1
    qtbot.mouseClick(assembly.alarm.banner.show_it, Qt.MouseButton.LeftButton)
    assert window.page is page
    assert [each.uid for each in page.table.chosen] == [alert.uid]
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_A)
    dialog = page.dealing.dialog
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    QTest.keyClicks(dialog._note, "Sent two people")
    dialog._who.setText("Ada")
    QTest.keyClick(dialog._note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: standing_of(assembly.alerts.all[0]) is Standing.ACKNOWLEDGED, timeout=WAIT_MS)
    assert assembly.alarm.banner.isHidden()
    assert page.details.value("Note") == "Sent two people"
    assert page.details.value("Acknowledged").startswith("Ada, ")
    assert len(told) == 1
    qtbot.waitUntil(lambda: bool(assembly.alerts.all[0].snapshot and assembly.alerts.all[0].clip), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.details.picture.isVisible() and page.details.clip.isVisible(), timeout=WAIT_MS)
    assert not page.details.picture.pixmap().isNull()
    assert page.details._clip.exists()
    window.close()
    again = guarded()
    told_again = []
    again.alerts.told.connect(told_again.append)
    _, same = wait_for_alert(again, qtbot)
    assert (same.uid, same.acknowledged_by, same.note) == (alert.uid, "Ada", "Sent two people")
    assert told_again == []
    assert [each.uid for each in again.alerts.firing] == [alert.uid]
    assert again.alerts.who == "Ada"
    assert len(read_alerts(database)) == 1
    engine = open_for_reading(database)
    assert ("Ada", "acknowledge") in [(row.who, row.action) for row in rows_of(engine)]
    engine.dispose()
