"""What pictures are taken of: groups and who is told of alerts, in lists and in dialogs."""

import os

from app.dialogs.group import GroupDialog
from app.dialogs.sink import SinkDialog
from stage import SMALL, ZONES, Stage

RULE = '[[cameras.rules]]\nname = "crowd"\nabove = 3\nseverity = "critical"\n'
GROUPS = """
[[groups]]
name = "All doors"
members = ["North path/junction", "Lamp post"]
capacity = 60
[[groups.rules]]
name = "nearly full"
measure = "share"
above = 0.9
[[groups]]
name = "Outside"
members = ["Lamp post", "Car park"]
"""
SINKS = """
[[sinks]]
name = "door staff"
kind = "program"
program = ["true"]
[[sinks]]
name = "control room"
kind = "webhook"
url = "http://127.0.0.1:9/alerts"
password_env = "CONTROL_ROOM_KEY"
[[sinks]]
name = "duty manager"
kind = "email"
host = "mail.example.com"
sender = "deepcount@example.com"
to = ["duty@example.com", "office@example.com"]
quiet = ["daily 22:00-06:00"]
enabled = false
[[sinks]]
name = "house bus"
kind = "mqtt"
host = "bus.local"
user = "deepcount"
password_env = "HOUSE_BUS_PASSWORD"
"""


def groups(stage: Stage) -> None:
    """The list of groups, the strip over the wall, the editor."""
    stage.open(stage.film(0, ZONES), stage.film(1), stage.film(2, "enabled = false\n" + GROUPS))
    stage.until(lambda: any(each.people is not None for each in stage.assembly.live.groups()))
    stage.rest(2.0)
    stage.shoot("groups-wall")
    page = stage.show("setup")
    page.show_list("groups")
    stage.shoot("groups")
    page.groups_tab.edit("All doors")
    dialog = stage.dialog(GroupDialog)
    stage.shoot("groups-edit", dialog)
    dialog.members.tick(())
    dialog.accept()
    stage.shoot("groups-fault", dialog)
    dialog.resize(*SMALL)
    stage.shoot("groups-edit-small", dialog)
    dialog.reject()
    stage.resize(*SMALL)
    stage.shoot("groups-small")
    stage.show("live")
    stage.shoot("groups-wall-small")


def sinks(stage: Stage) -> None:
    """Who is told: none, some, some that fail; the dialog of each kind."""
    os.environ["CONTROL_ROOM_KEY"] = "not for anybody"
    stage.open(stage.film(0, RULE), stage.film(1))
    stage.counted()
    page = stage.show("setup")
    page.show_list("sinks")
    stage.shoot("sinks-none")
    stage.reconfigure(stage.film(0, RULE.replace("crowd", "queue")), stage.film(1, SINKS))
    stage.until(lambda: _fails(stage))
    page.sinks_tab.sinks.choose("control room")
    stage.rest(1.0)
    stage.shoot("sinks")
    page.sinks_tab.sinks.choose("door staff")
    page.actions_by_name["test"].trigger()
    stage.rest(2.0)
    stage.shoot("sinks-tested")
    _dialogs(stage)
    page.sinks_tab.sinks.choose("control room")
    stage.resize(*SMALL)
    stage.shoot("sinks-small")


def _fails(stage: Stage) -> bool:
    facts = stage.assembly.live.sinks().get("control room")
    return facts is not None and bool(facts.problem)


def _dialogs(stage: Stage) -> None:
    page = stage.assembly.setup
    page.sinks_tab.add()
    dialog = stage.dialog(SinkDialog)
    for kind in ("webhook", "mqtt", "email", "program"):
        dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
        stage.shoot(f"sink-{kind}", dialog)
    dialog.accept()
    stage.shoot("sink-fault", dialog)
    dialog.reject()
    page.sinks_tab.edit("control room")
    dialog = stage.dialog(SinkDialog)
    dialog.whose.setCurrentIndex(1)
    dialog.test.click()
    stage.until(dialog.test.isEnabled)
    stage.shoot("sink-tested", dialog)
    dialog.resize(*SMALL)
    stage.shoot("sink-small", dialog)
    dialog.reject()
