"""Alerts in the window: raised by the real engine, told once, acknowledged by keyboard, found again."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

import json

from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest

from app.panels.alert_words import Standing, standing_of
from constant import write_constant
from engine.alerts.listing import read_alerts
from engine.log.audit import rows_of
from engine.log.database import open_for_reading

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
    dialog = page.dialog
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    QTest.keyClicks(dialog._note, "Sent two people")
    dialog._who.setText("Ada")
    QTest.keyClick(dialog._note, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: standing_of(assembly.alerts.all[0]) is Standing.ACKNOWLEDGED, timeout=WAIT_MS)
    assert assembly.alarm.banner.isHidden()
    assert page.details.value("Note") == "Sent two people"
    assert page.details.value("Acknowledged").startswith("Ada, ")
    assert len(told) == 1
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
