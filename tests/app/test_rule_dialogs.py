"""Rules made, tried on a stored day, changed and taken back; and how the dialogs and the page fit small windows."""

from datetime import datetime
from time import time

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from alert_scene import CROWD, QUEUE, write_alerts, write_day
from app import theme
from app.dialogs.acknowledge import AcknowledgeDialog
from app.dialogs.rule import RuleDialog
from app.dialogs.rules import RulesDialog
from app.dialogs.suspend import SuspendDialog
from app.panels.alert_filter import Choice
from app.panels.alert_words import duration_words, peak_words
from app.panels.suspend_words import choices, next_morning, suspended_words, until_words
from app.running.alerts import Alerts
from app.running.document import Document
from app.running.live import Live
from app.running.watched import Watched
from clipping import clipped
from engine.alerts.suspension import Suspension
from engine.settings.config_file import load_config
from names import nameless

WAIT_MS = 60_000
SIZES = [(640, 400), (900, 600)]
TEXT = """\
{database}
[[cameras]]
name = "gate"
address = "a.mp4"
capacity = 40
enabled = false
[[groups]]
name = "all"
members = ["gate"]
"""


@pytest.fixture
def make_watched(qapp, tmp_path):
    """Makes what dialogs change; with the last half day of the camera in its log, or without a log."""

    def make(*, logged: bool) -> Watched:
        theme.apply(QApplication.instance(), "dark")
        path, database = tmp_path / "cameras.toml", tmp_path / "log.db"
        if logged:
            write_day(database, "gate", time())
        path.write_text(TEXT.format(database=f'database = "{database}"' if logged else ""))
        return Watched(Document(path), Live(), {})

    return make


@pytest.fixture
def open_rule(qtbot):
    made = []

    def make(watched, owner="gate", rule=None, size=(900, 600)) -> RuleDialog:
        dialog = RuleDialog(watched, owner, rule)
        made.append(dialog)
        qtbot.addWidget(dialog)
        dialog.resize(*size)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    yield make
    for dialog in made:
        dialog.preview.finish()


def says(dialog, words):
    return lambda: words in dialog.preview.words.text()


def test_a_rule_says_what_it_would_have_done_while_its_threshold_is_typed_and_dragged_and_is_kept(
    make_watched, open_rule, qtbot, tmp_path
):
    watched = make_watched(logged=True)
    dialog = open_rule(watched)
    QTest.keyClicks(dialog.form.entry("above").widget, "25")
    qtbot.waitUntil(says(dialog, "it would have raised 4 alerts; 11 h 59 min of it are known"), timeout=WAIT_MS)
    assert (dialog.preview.level.value(), dialog.preview.clear.value()) == (25.0, 22.5)
    dialog.preview.level.setValue(31.2)
    dialog.preview.level.sigDragged.emit(dialog.preview.level)
    assert dialog.form.entry("above").value == 31.0
    qtbot.waitUntil(says(dialog, "it would have raised 0 alerts"), timeout=WAIT_MS)
    dialog.form.entry("measure").value = "share"
    dialog.form.entry("above").value = 0.6
    qtbot.waitUntil(says(dialog, "it would have raised 4 alerts"), timeout=WAIT_MS)
    assert dialog.preview.level.value() == 24.0
    dialog.accept()
    (rule,) = load_config(tmp_path / "cameras.toml").cameras[0].rules
    assert (rule.name, rule.measure, rule.above, rule.for_s) == ("crowd", "share", 0.6, 3.0)
    watched.undo()
    assert load_config(tmp_path / "cameras.toml").cameras[0].rules == ()


def test_what_cannot_be_is_said_beside_its_field(make_watched, open_rule):
    dialog = open_rule(make_watched(logged=True))
    dialog.form.entry("above").value = 20
    dialog.form.entry("clear").value = 30
    dialog.accept()
    assert dialog.isVisible()
    assert "above its threshold" in dialog.form._faults["clear"].text()
    dialog.form.entry("clear").value = None
    dialog.form.entry("schedule").value = ["noon"]
    dialog.accept()
    assert "mon-fri 08:00-18:00" in dialog.form._faults["schedule"].text()


def test_a_rule_without_a_database_is_refused_with_the_remedy(make_watched, open_rule, tmp_path):
    dialog = open_rule(make_watched(logged=False))
    dialog.form.entry("above").value = 20
    dialog.accept()
    assert dialog.isVisible()
    assert "name one in the settings" in dialog._log.text()
    assert "no last day" in dialog.preview.words.text()
    assert load_config(tmp_path / "cameras.toml").cameras[0].rules == ()


def test_rules_of_a_group_are_added_removed_and_brought_back(make_watched, qtbot, tmp_path):
    watched = make_watched(logged=True)
    dialog = RulesDialog(watched, Alerts(Live(), watched), "all")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.add.click()
    editor = dialog.editor
    editor.form.entry("above").value = 12
    assert "zone" not in editor._shown_keys()
    editor.accept()
    assert dialog.rules.item(0).text() == "▲ warning · crowd: above 12 people for 3 s"
    dialog.remove.click()
    assert load_config(tmp_path / "cameras.toml").groups[0].rules == ()
    dialog.undo.click()
    assert [rule.above for rule in load_config(tmp_path / "cameras.toml").groups[0].rules] == [12.0]


@pytest.mark.parametrize("size", SIZES, ids=["640x400", "900x600"])
def test_dialogs_fit(make_watched, open_rule, qtbot, size):
    watched = make_watched(logged=True)
    dialog = open_rule(watched, size=size)
    dialog.form.entry("above").value = 25
    qtbot.waitUntil(says(dialog, "4 alerts"), timeout=WAIT_MS)
    others = [
        RulesDialog(watched, Alerts(Live(), watched), "gate"),
        AcknowledgeDialog(["gate: above 25 people for 3 s"], "Ada"),
        SuspendDialog("gate: crowd", "Ada"),
    ]
    others.append(SuspendDialog("gate: crowd", "Ada"))
    for other in others:
        qtbot.addWidget(other)
        other.show()
        qtbot.waitExposed(other)
    for each in (dialog, *others):
        assert clipped(each) == []
        assert nameless(each) == []


@pytest.mark.parametrize("size", SIZES, ids=["640x400", "900x600"])
def test_the_page_fits_filters_and_searches(make_assembly, database, qtbot, size):
    write_alerts(database, time())
    assembly = make_assembly(database)
    page, window = assembly.alerts_page, assembly.window
    window.resize(*size)
    window.show_page("alerts")
    qtbot.waitUntil(lambda: len(assembly.alerts.all) == 5, timeout=WAIT_MS)
    assert page.table.model().rowCount() == 5
    qtbot.waitUntil(lambda: clipped(page) == [])
    assert nameless(page) == []
    page.filter.search.setText("second till")
    assert [alert.rule_name for alert in page.table.chosen] == [QUEUE.name]
    assert page.details.value("Acknowledged").startswith("Ada, ")
    assert not page.doings["acknowledge"].isEnabled()
    page.filter.choose(Choice(severity="critical"))
    assert page.table.model().rowCount() == 3
    page.filter.choose(Choice(owner="nobody here", words="nothing"))
    assert page._stack.currentWidget() is page.nothing
    page.show_alert(f"{1:032x}")
    assert [alert.rule_name for alert in page.table.chosen] == [CROWD.name]


def test_a_page_without_alerts_leads_to_a_rule_or_a_camera(make_assembly, qtbot):
    assembly = make_assembly()
    assembly.window.show_page("alerts")
    page = assembly.alerts_page
    assert page.invitation.heading == "No alert yet"
    assert page.invitation.button.text() == "Add a camera…"
    assert clipped(page) == []
    assert nameless(page) == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59.9, "59 s"), (125, "2 min 05 s"), (3720, "1 h 02 min"), (273_600, "3 d 04 h")]
)
def test_a_duration_is_said_as_exactly_as_people_need_it(seconds, words):
    assert duration_words(seconds) == words


def test_a_peak_is_said_in_its_own_unit():
    assert [peak_words(0.934, "share"), peak_words(-12.5, "change"), peak_words(1, "lost")] == [
        "93%",
        "-12.5 /min",
        "–",
    ]


def local_s(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-11-26 09:30", "2026-11-27 07:00"),
        ("2026-11-26 02:10", "2026-11-26 07:00"),
        ("2026-11-26 06:10", "2026-11-27 07:00"),
        ("2026-11-26 23:59", "2026-11-27 07:00"),
    ],
)
def test_the_morning_until_which_a_rule_is_suspended_is_the_one_that_people_wait_for(now, morning):
    assert next_morning(local_s(now)) == local_s(morning)
    words = [each for each, _ in choices(local_s(now))]
    assert words[-1] == ("Until &morning (07:00)" if now[:10] == morning[:10] else "Until tomorrow &morning (07:00)")


def test_a_suspension_says_until_when_and_by_whom():
    now_s, until = local_s("2026-11-26 09:30"), round(local_s("2026-11-26 18:00"))
    assert suspended_words(Suspension("gate", "crowd", until, "Anna"), now_s) == "suspended until 18:00 by Anna"
    assert suspended_words(Suspension("gate", "crowd", until, ""), now_s) == "suspended until 18:00"
    assert until_words(until + 86_400, now_s) == "Fri 27 Nov 18:00"


def test_mute_is_kept_and_makes_no_sound(make_assembly, qtbot):
    assembly = make_assembly()
    assembly.window.commands["mute"].trigger()
    assert assembly.window.commands["mute"].text() == "Muted"
    assembly.alarm.sound.play("critical")
    assert assembly.alarm.sound.played == 0
    assembly.window.close()
    assert make_assembly().alarm.sound.is_muted
