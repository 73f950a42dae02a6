"""Who is told of alerts, set up in the window: over real files, a keyring file, and receivers that answer."""

import sys
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from app import theme
from app.dialogs.sink import SinkDialog
from app.pages.setup import SetupCallbacks, SetupPage
from app.panels.sink_words import place_of, sink_words
from app.running.document import Document
from app.running.live import Live
from app.running.task import finish_tasks
from clipping import clipped
from engine.notify.delivery import SinkFacts
from engine.settings.config_file import load_config
from engine.settings.passwords import stored_password
from engine.settings.problems import checked
from engine.settings.sinks import SinkSettings
from names import nameless
from receiver import Receiver

WAIT_MS = 30_000
SECRET = "s3cret-of-the-hook"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOOK = {"name": "hook", "kind": "webhook", "url": "https://example.com/alerts", "password_env": "KEY"}
TEXT = f"""\
database = "log.db"
[[cameras]]
name = "gate"
address = "a.mp4"
enabled = false
[[groups]]
name = "all"
members = ["gate"]
[[sinks]]  # by day
name = "siren"
kind = "program"
program = [{sys.executable!r}, "-c", "print(1)"]
enabled = false
only_cameras = ["gate"]
"""


@pytest.fixture(autouse=True)
def keyring_file(tmp_path, monkeypatch, no_engine_thread_is_left):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def document(qapp, tmp_path) -> Document:
    path = tmp_path / "cameras.toml"
    path.write_text(TEXT)
    return Document(path)


@pytest.fixture
def page(qtbot, document):
    theme.apply(QApplication.instance())
    live = Live()
    page = SetupPage(document, live, SetupCallbacks(print, print, print, lambda: "dark"))
    qtbot.addWidget(page)
    page.resize(640, 400)
    page.show()
    page.show_list("sinks")
    qtbot.waitExposed(page)
    yield page
    live.close()


@pytest.fixture
def opened(qtbot, document):
    def make(name=None, **given) -> SinkDialog:
        dialog = SinkDialog(document, name, **given)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return make


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


def sinks(document) -> dict[str, SinkSettings]:
    return {sink.name: sink for sink in load_config(document.path).sinks}


def fill(dialog, kind, **values) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    for key, value in values.items():
        form = next(form for form in (dialog.naming, dialog.channel, dialog.rest) if key in form.keys)
        form.entry(key).value = value


def test_a_webhook_is_tried_before_it_is_kept_and_its_key_goes_into_the_keyring_alone(
    opened, document, receiver, qtbot
):
    dialog = opened()
    fill(dialog, "webhook", name="staff", url=receiver.url)
    dialog.login.password.setText(SECRET)
    dialog.test.click()
    qtbot.waitUntil(lambda: dialog.said.text().startswith("✓ sink 'staff'"), timeout=WAIT_MS)
    assert stored_password("sink", "staff") is None
    dialog.accept()
    qtbot.waitUntil(dialog.isHidden, timeout=WAIT_MS)
    assert sinks(document)["staff"].access().secret == SECRET
    assert SECRET not in document.path.read_text()
    receiver.mode = 500
    renamed = opened("staff")
    renamed.naming.entry("name").value = "crew"
    renamed.test.click()
    qtbot.waitUntil(lambda: "answered 500" in renamed.said.text(), timeout=WAIT_MS)
    renamed.accept()
    qtbot.waitUntil(renamed.isHidden, timeout=WAIT_MS)
    assert sinks(document)["crew"].access().secret == SECRET
    assert [headers["X-DeepCount-Signature"][:7] for _, headers, _ in receiver.got] == ["sha256="] * 2
    document.undo()
    assert sinks(document)["staff"].access().secret == SECRET


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("webhook", {"url": "https://example.com/a"}, "has no key that signs"),
        ("webhook", {"url": "nowhere"}, "is no address of a webhook"),
        ("email", {"host": "mail", "sender": "a@b.c"}, "has no to, expected one"),
        ("mqtt", {"host": "bus", "quiet": ["noon"]}, "holds 'noon', expected days and times"),
        ("program", {"program": ["true"], "name": "Siren"}, "is the name of another one"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_kept(opened, document, kind, values, said):
    dialog = opened()
    fill(dialog, kind, **values)
    dialog.accept()
    assert dialog.isVisible()
    forms = (dialog.naming, dialog.channel, dialog.rest)
    texts = [label.text() for form in forms for label in form._faults.values() if label.isVisible()]
    texts += [fault.text() for fault in dialog.login._faults.values() if fault.isVisible()]
    assert [said in text for text in texts] == [True]
    assert document.path.read_text() == TEXT


def test_nothing_comes_of_a_dialog_that_is_refused_while_its_secret_is_being_kept(opened, document):
    dialog = opened()
    fill(dialog, "webhook", name="crew", url="https://example.com/a", enabled=False)
    dialog.login.password.setText(SECRET)
    dialog.accept()
    finish_tasks(WAIT_MS / 1000)
    dialog.reject()
    QApplication.processEvents()
    assert stored_password("sink", "crew") == SECRET
    assert document.path.read_text() == TEXT


def test_a_sink_without_a_log_is_refused_with_the_remedy(opened, document):
    dialog = opened(is_logged=False)
    fill(dialog, "program", program=["true"])
    dialog.accept()
    assert "name one in the settings" in dialog._fault.text()
    dialog.rest.entry("enabled").value = False
    dialog.accept()
    assert list(sinks(document)) == ["siren", "staff"]


def test_what_is_usual_is_told_from_yes_and_no_and_an_argument_may_hold_a_comma(opened, document):
    dialog = opened()
    fill(dialog, "mqtt", name="bus", host="bus.local")
    assert dialog.channel.entry("discovery").value is None
    dialog.channel.entry("discovery").value = False
    dialog.accept()
    assert sinks(document)["bus"].discovery is False
    dialog = opened()
    fill(dialog, "program", name="call", program=["call", "hall, north", '"x"'])
    assert dialog.channel.entry("program").widget.text() == 'call, "hall, north", """x"""'
    dialog.accept()
    assert sinks(document)["call"].program == ("call", "hall, north", '"x"')


def test_whose_alerts_are_told_is_ticked(opened, document):
    dialog = opened("siren")
    assert dialog.owners.ticked == ("gate",)
    dialog.owners.tick(())
    dialog.accept()
    assert "nothing is ticked" in dialog.scope._faults[dialog.whose].text()
    dialog.owners.tick(("all",))
    dialog.accept()
    assert sinks(document)["siren"].only_cameras == ("all",)
    assert "# by day" in document.path.read_text()


def test_sinks_are_listed_switched_tried_removed_and_brought_back(page, document, qtbot):
    listed = page.sinks_tab.sinks
    qtbot.waitUntil(lambda: listed.current == "siren")
    assert [listed.topLevelItem(0).text(place) for place in (0, 1, 3)] == ["siren", "Program", "off"]
    assert page.actions_by_name["add_sink"].isVisible()
    assert not page.actions_by_name["add"].isVisible()
    page.actions_by_name["test"].trigger()
    qtbot.waitUntil(lambda: "✓ sink 'siren'" in page.sinks_tab.words.text, timeout=WAIT_MS)
    listed.topLevelItem(0).setCheckState(4, Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: listed.topLevelItem(0).text(3) == "○ not at work yet")
    assert sinks(document)["siren"].enabled
    page.actions_by_name["remove"].trigger()
    qtbot.waitUntil(lambda: listed.topLevelItemCount() == 0)
    assert "Nobody else is told" in page.sinks_tab.words.text
    assert page.actions_by_name["undo"].text() == "Undo: Remove siren"
    page.bar.button.click()
    qtbot.waitUntil(lambda: listed.topLevelItemCount() == 1)


def test_the_list_and_the_dialogs_fit_and_have_names(page, opened, document, qtbot):
    qtbot.waitUntil(lambda: page.sinks_tab.sinks.current == "siren")
    assert clipped(page) == []
    assert nameless(page) == []
    dialog = opened()
    dialog.whose.setCurrentIndex(1)
    for kind, width in product(("webhook", "mqtt", "email", "program"), (640, 400)):
        dialog.resize(width, 400)
        fill(dialog, kind)
        dialog.accept()
        qtbot.waitUntil(lambda: clipped(dialog) == [])
        assert nameless(dialog) == []


def test_a_sink_is_told_of_a_real_alert_and_the_window_says_so_and_tells_again_what_failed(
    make_assembly, clip, receiver, qtbot, monkeypatch
):
    monkeypatch.setenv("KEY", "k")
    receiver.mode = 500
    rule = '[[cameras.rules]]\nname = "few"\nbelow = 1000\n'
    hook = f'[[sinks]]\nname = "hook"\nkind = "webhook"\nurl = "{receiver.url}"\npassword_env = "KEY"\n'
    lost = '[[sinks]]\nname = "lost"\nkind = "webhook"\nurl = "http://h/"\npassword_env = "NOT_SET"\n'
    camera = f'name = "gate"\naddress = "{clip}"\nloop = true\nmax_fps = 5.0\n'
    assembly = make_assembly(clip.parent / "log.db", camera + rule + hook + lost)
    page = assembly.setup
    assembly.window.show_page("setup")
    page.show_list("sinks")
    listed = page.sinks_tab.sinks

    def state(name):
        return listed.row(name).words[3]

    qtbot.waitUntil(lambda: listed.row("hook") and state("hook") == "⚠ fails, 1 wait", timeout=WAIT_MS)
    assert state("lost").startswith("⚠ fails")
    listed.choose("lost")
    assert "environment variable that password_env names is not set" in page.sinks_tab.words.text
    receiver.mode = 200
    listed.choose("hook")
    page.sinks_tab.hurry_button.click()
    qtbot.waitUntil(lambda: state("hook").startswith("● told"), timeout=WAIT_MS)
    listed.choose("\nSound")
    page.sinks_tab.test_button.click()
    assert "The sound of a warning was played" in page.sinks_tab.words.text
    assembly.alarm.set_muted(True)
    page.sinks_tab.test_button.click()
    assert "The sound is muted" in page.sinks_tab.words.text
    assembly.wall.restore({"locked": True})
    assert assembly.window.page.name != "setup"


@pytest.mark.parametrize(
    ("own", "facts", "state", "detail"),
    [
        ({}, None, "○ not at work yet", "once the first camera is"),
        ({"enabled": False}, None, "off", ""),
        ({}, {}, "○ nothing to tell yet", "told nothing yet"),
        ({}, {"last_success": NOW}, "● told", "told last at 2026-"),
        ({}, {"waiting": 3, "last_success": NOW}, "… 3 wait", "3 notifications wait"),
        ({}, {"failed": 2}, "■ 2 given up", "2 were given up"),
        ({}, {"waiting": 1, "problem": "it hangs", "failing_since": NOW}, "⚠ fails, 1 wait", "⚠ it hangs."),
        ({}, {"problem": "no secret"}, "⚠ fails", "⚠ no secret."),
    ],
)
def test_how_a_sink_is_doing_is_said_in_words(own, facts, state, detail):
    sink = checked(SinkSettings, HOOK | own, "a test")
    known = None if facts is None else SinkFacts("hook", "webhook", sink.enabled, **facts)
    words = sink_words(sink, known, (NOW + timedelta(minutes=1)).timestamp())
    assert words.state.startswith(state)
    assert detail in words.detail


def test_where_a_sink_lies_is_said_without_what_may_be_secret():
    kinds = [
        HOOK,
        {"name": "a", "kind": "webhook", "url_env": "U", "password_env": "K"},
        {"name": "b", "kind": "email", "host": "m", "sender": "a@b.c", "to": ["d@e.f", "g@h.i"]},
        {"name": "c", "kind": "program", "program": ["siren", "--key=1"]},
    ]
    assert [place_of(checked(SinkSettings, each, "")) for each in kinds] == ["example.com", "$U", "d@e.f +1", "siren"]
