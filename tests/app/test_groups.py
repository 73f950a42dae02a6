"""Groups in the window: made in a dialog, said in words, shown above the wall and on the curve."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from dataclasses import replace

from PyQt6.QtWidgets import QApplication

from app import theme
from app.dialogs.group import GroupDialog
from app.pages.setup import SetupCallbacks, SetupPage
from app.panels.curve_choice import TOTAL
from app.panels.group_strip import GroupStrip
from app.panels.group_words import GroupWords, group_words
from app.running.document import Document
from app.running.live import Live
from cameras import ScriptedCamera
from clipping import clipped
from constant import write_constant
from engine.capture.health import State
from engine.monitor.facts import GroupFacts
from engine.rules.series import Subject
from engine.settings.address import Address
from engine.settings.config_file import load_config
from engine.settings.problems import checked
from engine.settings.rules import GroupSettings
from names import nameless
from wall_scene import DOOR, QUEUE, config, facts, health, table

WAIT_MS = 30_000
TEXT = """\
database = "log.db"
[[cameras]]
name = "gate"
address = "a.mp4"
enabled = false
[[cameras.zones]]
name = "north"
polygon = [[0, 0], [1, 0], [1, 1]]
[[cameras]]
name = "yard"
address = "b.mp4"
enabled = false
# both doors
[[groups]]
name = "hall"
members = ["yard", "gate/north"]
[[sinks]]
name = "siren"
kind = "program"
program = ["true"]
only_cameras = ["hall"]
"""
ALL = Subject("all")
LOST = facts("gate", report=health(State.RECONNECTING))


@pytest.fixture
def document(qapp, tmp_path) -> Document:
    theme.apply(QApplication.instance())
    path = tmp_path / "cameras.toml"
    path.write_text(TEXT)
    return Document(path)


@pytest.fixture
def opened(qtbot, document):
    def make(name=None) -> GroupDialog:
        dialog = GroupDialog(document, name)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        return dialog

    return make


def groups(document) -> dict[str, GroupSettings]:
    return {group.name: group for group in load_config(document.path).groups}


def test_a_group_is_made_of_what_is_ticked_and_a_camera_has_its_zones_in_it(opened, document, qtbot):
    dialog = opened()
    dialog.accept()
    assert "nothing is ticked" in dialog._none.text()
    dialog.members.tick(["gate", "gate/north"])
    dialog.form.entry("name").value = "Yard"
    dialog.accept()
    assert "is the name of a camera" in dialog.form._faults["name"].text()
    qtbot.waitUntil(lambda: clipped(dialog) == [])
    assert nameless(dialog) == []
    dialog.form.entry("name").value = "all"
    dialog.form.entry("capacity").value = 40
    dialog.accept()
    assert (groups(document)["all"].members, groups(document)["all"].capacity) == (("gate",), 40)
    assert document.undo_words == "Add all"


def test_a_group_that_is_renamed_keeps_its_comment_its_order_and_its_sinks(opened, document):
    dialog = opened("hall")
    assert dialog.members.ticked == ("gate/north", "yard")
    dialog.form.entry("name").value = "doors"
    dialog.accept()
    assert groups(document)["doors"].members == ("yard", "gate/north")
    assert load_config(document.path).sinks[0].only_cameras == ("doors",)
    assert "# both doors\n[[groups]]" in document.path.read_text()
    assert document.undo_words == "Rename hall to doors"
    document.remove_item("groups", "doors")
    assert load_config(document.path).sinks[0].only_cameras == ()
    document.undo()
    document.undo()
    assert document.path.read_text() == TEXT


def test_groups_are_listed_with_their_rules_and_why_they_are_not_known(document, qtbot):
    asked, live = [], Live()
    page = SetupPage(document, live, SetupCallbacks(print, asked.append, print, lambda: "dark"))
    qtbot.addWidget(page)
    page.resize(640, 400)
    page.show()
    page.show_list("groups")
    listed = page.groups_tab.groups
    qtbot.waitUntil(lambda: listed.current == "hall")
    assert listed.topLevelItem(0).text(1) == "unknown: yard is switched off, gate is switched off"
    page.actions_by_name["rules"].trigger()
    assert asked == ["hall"]
    assert clipped(page) == []
    assert nameless(page) == []
    page.actions_by_name["remove"].trigger()
    qtbot.waitUntil(page.groups_tab.empty.isVisible)
    assert page.groups_tab.empty.heading == "No group yet"
    page.bar.button.click()
    qtbot.waitUntil(lambda: listed.isVisible() and listed.current == "hall")
    live.close()


def said(people, *, capacity=None, **known):
    cameras = config(table(0, zones=[QUEUE, DOOR]), table(1)).cameras
    group = checked(GroupSettings, {"name": "hall", "members": ["gate/queue", "north square"]}, "a test")
    now = None if people is None else GroupFacts("hall", people)
    both = {"gate": facts("gate", 3.0), "north square": facts("north square", 4.0)} | known
    return group_words(group.model_copy(update={"capacity": capacity}), cameras, both, now)


@pytest.mark.parametrize(
    ("words", "spoken"),
    [
        (lambda: said(7.4), "hall, 7 people"),
        (lambda: said(7.4, capacity=20), "hall, 7 / 20 people, 35%"),
        (lambda: said(None), "hall, unknown: nothing is counted yet"),
        (
            lambda: said(None, gate=LOST),
            "hall, unknown: gate is reconnecting",
        ),
        (lambda: said(None, gate=facts("gate")), "hall, unknown: gate is not counted yet"),
    ],
    ids=["count", "share", "too early", "lost", "not counted yet"],
)
def test_a_group_is_said_in_words(words, spoken):
    assert words().spoken == spoken


def test_more_people_than_a_group_holds_are_seen_by_sign_and_colour():
    assert [said(21.0, capacity=20).is_over, said(20.4, capacity=20).is_over] == [True, False]


@pytest.mark.parametrize("width", [280, 640, 1400])
def test_the_strip_shows_every_group_whole_or_shortened_and_has_at_most_two_rows(qtbot, width):
    theme.apply(QApplication.instance())
    strip = GroupStrip()
    qtbot.addWidget(strip)
    assert strip.isHidden()
    words = GroupWords("the hall", "23 / 40 people", "57%")
    lost = replace(words, count="–", share="", reason="unknown: the camera at the north door is lost")
    over = replace(words, count="41 / 40 people", is_over=True)
    strip.show_groups([words, lost, over, *[words] * 6])
    strip.resize(width, strip.height())
    strip.show()
    qtbot.waitExposed(strip)
    assert [plate.words for plate in strip.plates[:3]] == [words, lost, over]
    assert strip.height() <= 2.5 * strip.plates[0].sizeHint().height()
    assert clipped(strip) == []
    strip.show_groups([words])
    assert len(strip.plates) == 1
    strip.show_groups([])
    assert strip.isHidden()


def test_a_group_is_counted_above_the_wall_and_on_the_curve_and_is_no_part_of_the_total(make_assembly, qtbot, tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    with ScriptedCamera(rate=10.0) as camera:
        tables = f'name = "gate"\naddress = "{camera.address}"\n'
        group = '[[groups]]\nname = "all"\nmembers = ["gate"]\ncapacity = 10\n'
        assembly = make_assembly(tmp_path / "log.db", tables + group, given={"model": Address.of(str(model))})
        wall, dock = assembly.wall, assembly.wall.curve

        def spoken():
            return "; ".join(plate.words.spoken for plate in wall.groups.plates)

        qtbot.waitUntil(lambda: spoken() == "all, 7 / 10 people, 70%", timeout=WAIT_MS)
        dock.choice.tick([TOTAL, Subject("gate"), ALL])
        qtbot.waitUntil(lambda: ALL in dock.drawn and (dock.drawn[ALL].series.readings > 0).any(), timeout=WAIT_MS)
        qtbot.waitUntil(lambda: dock.choice.value(ALL) == "7 of 10", timeout=WAIT_MS)
        assert dock.choice.value(TOTAL) == "7"
        camera.go_away()
        qtbot.waitUntil(lambda: "unknown: gate is" in spoken(), timeout=WAIT_MS)
        assert clipped(wall.groups) == []
