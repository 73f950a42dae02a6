"""What pictures are taken of, by name: each scene opens the window as it needs it, and shoots."""

import json
from collections.abc import Callable
from datetime import timedelta
from time import time

from PyQt6.QtCore import QPoint
from PyQt6.QtWidgets import QApplication

from app.notices import Level
from app.panels.curve_view import CurveView
from dialog_scenes import calibration, camera_dialog, editor, help_texts, settings
from drawn_history import write_history
from drawn_log import write_day
from engine.paths import default_database
from footage_scenes import footage
from setup_scenes import groups, sinks
from stage import MASK, SMALL, ZONES, Stage
from trust_scenes import models, trust

RULES = """
[[cameras.rules]]
name = "crowd"
above = 3
for_s = 1
severity = "critical"
"""
MIDDLE = 900, 600


def first_start(stage: Stage) -> None:
    """The demonstration and three cards."""
    stage.open(is_first=True)
    stage.until(lambda: stage.assembly.live.names == ("Demonstration",))
    stage.counted()
    stage.shoot("first-start")
    stage.resize(*SMALL)
    stage.shoot("first-start-small")


def empty(stage: Stage) -> None:
    """No camera, no recording, no message."""
    stage.open(logged=False)
    for page in stage.assembly.window.pages:
        stage.show(page)
        stage.shoot(f"empty-{page}")
    stage.assembly.diagnostics.tabs.setCurrentIndex(2)
    stage.shoot("empty-diagnostics-computer")
    stage.show("live")
    stage.resize(*SMALL)
    for page in stage.assembly.window.pages:
        stage.show(page)
        stage.shoot(f"empty-{page}-small")


def wall(stage: Stage) -> None:
    """With one to sixteen cameras, with zones, overlays, menus."""
    stage.open()
    own = {0: ZONES, 2: MASK}
    for number in (1, 4, 9, 16):
        stage.reconfigure(*(stage.film(each, own.get(each, ""), fps=4 / number) for each in range(number)))
        stage.shoot(f"wall-{number:02}")
        if number == 4:
            _overlays(stage)
    stage.resize(*MIDDLE)
    stage.shoot("wall-16-middle")
    stage.resize(*SMALL)
    stage.shoot("wall-16-small")


def _overlays(stage: Stage) -> None:
    page = stage.assembly.wall
    for overlay in ("heat", "heads"):
        page.restore({"overlay": overlay})
        stage.rest(2.5)
        stage.shoot(f"wall-04-{overlay}")
    page.restore({"overlay": "none"})
    menu = page.menu_of(stage.assembly.live.names[0])
    menu.popup(page.mapToGlobal(QPoint(60, 60)))
    stage.shoot("wall-menu", menu)
    menu.close()
    for name in ("next_layout", "next_overlay", "next_scale"):
        choices = page.doings[name].menu()
        choices.popup(page.mapToGlobal(QPoint(60, 60)))
        stage.shoot(f"wall-menu-{name.removeprefix('next_')}", choices)
        choices.close()
    page.restore({"layout": "large"})
    stage.shoot("wall-04-large")
    page.restore({"layout": "automatic"})
    page.wall.switch_enlarged()
    stage.rest(1.0)
    stage.shoot("wall-04-enlarged")
    page.wall.switch_enlarged()
    page.restore({"locked": True})
    stage.shoot("wall-04-locked")
    page.restore({"locked": False})
    stage.resize(*SMALL)
    stage.shoot("wall-04-small")
    stage.resize(*(1400, 900))
    page.screen_of_its_own.fill()
    stage.rest(1.0)
    stage.shoot("wall-04-alone", page.wall.window())
    page.screen_of_its_own.leave()


def lost(stage: Stage) -> None:
    """A camera that is lost, one that was never there, one that is not counted, one that is late."""
    network = f'name = "Gate"\naddress = {json.dumps(stage.camera.address)}\nmax_fps = 1.0\n' + ZONES
    stage.open(network, stage.film(1), stage.film(2, "counted = false"))
    stage.until(lambda: stage.assembly.live.facts()["Gate"].newest.people is not None)
    stage.rest(4.0)
    never = 'name = "Roof"\naddress = "rtsp://127.0.0.1:9/live"\n'
    document = stage.assembly.document
    document.path.write_text(stage.text(network, stage.film(1), stage.film(2, "counted = false"), never))
    document.look()
    stage.rest(2.0)
    stage.camera.go_away()
    stage.rest(8.0)
    stage.shoot("lost")
    stage.show("setup")
    stage.shoot("lost-setup")
    stage.show("diagnostics")
    stage.rest(1.0)
    stage.shoot("lost-diagnostics")
    stage.show("live")
    stage.resize(*SMALL)
    stage.shoot("lost-small")


def setup(stage: Stage) -> None:
    """The list of cameras, and what lies over it."""
    stage.open(stage.film(0, ZONES), stage.film(1), stage.film(2, "enabled = false"))
    stage.rest(3.0)
    stage.show("setup")
    stage.shoot("setup")
    stage.assembly.setup.cameras.choose("Car park")
    stage.assembly.setup.remove()
    stage.rest(0.5)
    stage.shoot("setup-removed")
    stage.resize(*SMALL)
    stage.shoot("setup-small")


def diagnostics(stage: Stage) -> None:
    """Health, messages, this computer."""
    stage.open(*(stage.film(each) for each in range(3)))
    stage.counted()
    page = stage.assembly.diagnostics
    stage.show("diagnostics")
    stage.rest(1.5)
    stage.shoot("diagnostics")
    page.look()
    stage.until(lambda: bool(page.examination.findings))
    stage.shoot("diagnostics-computer")
    page.tabs.setCurrentIndex(1)
    stage.shoot("diagnostics-messages")
    stage.resize(*SMALL)
    for tab in range(3):
        page.tabs.setCurrentIndex(tab)
        stage.shoot(f"diagnostics-small-{tab + 1}")


def recording(stage: Stage) -> None:
    """Playing, paused, at the end; what cannot be opened."""
    stage.open()
    page = stage.assembly.recording
    stage.assembly.open_demo()
    stage.shoot("recording-opening")
    stage.until(lambda: page.doing.name == "PLAYING")
    stage.rest(12.0)
    stage.shoot("recording-playing")
    page.play_or_pause()
    stage.rest(0.5)
    stage.shoot("recording-paused")
    stage.resize(*SMALL)
    stage.shoot("recording-small")
    stage.resize(*MIDDLE)
    stage.shoot("recording-middle")
    stage.resize(1400, 900)
    page.play_or_pause()
    stage.until(lambda: page.doing.name == "ENDED")
    stage.shoot("recording-ended")
    _time_line(stage)
    stage.resize(1400, 900)
    words = "missing.mp4 does not exist, expected a video file"
    stage.assembly.notices.post(Level.PROBLEM, "recording", words, remedy="choose another one")
    stage.assembly.notices.post(Level.WARNING, "cameras", "the camera “Gate” is lost", remedy="it is tried again")
    stage.shoot("banner")
    stage.resize(*SMALL)
    stage.shoot("banner-small")


def _time_line(stage: Stage) -> None:
    """What is chosen, tried and counted again on the time-line."""
    page = stage.assembly.recording
    line = page.panels.plot
    page.acts["peak_back"].trigger()
    stage.rest(1.5)
    line.choose(6.0, 14.0)
    line.zoom(0.5)
    stage.shoot("recording-part")
    line.fit()
    page.acts["what_if"].trigger()
    stage.rest(0.8)
    stage.shoot("recording-what-if")
    page.acts["again"].trigger()
    stage.shoot("recording-again", page.desk.again.dialog)
    page.desk.again.dialog.grid_line.setText("1×2")
    page.desk.again.dialog.accept()
    stage.rest(3.0)
    stage.shoot("recording-counting-again")
    stage.until(lambda: page.desk.again.strip.cancel.text() == "Remove")
    stage.shoot("recording-counted-again")
    stage.resize(*SMALL)
    stage.shoot("recording-what-if-small")
    page.acts["what_if"].trigger()
    page.desk.again.remove()
    line.choose(None, None)


def curve(stage: Stage) -> None:
    """With a band, gaps and a capacity; the last day from the log."""
    write_day()
    camera = stage.film(0, ZONES.replace("capacity = 20", "capacity = 30"), fps=2.0)
    stage.open(camera.replace("loop = true", "loop = true\ncapacity = 60"), stage.film(1, fps=2.0))
    stage.counted()
    dock = stage.assembly.wall.curve
    dock.bar.counts_wanted.emit(True)
    for name, span_s in (("minutes", 600.0), ("hours", 6 * 3600.0), ("day", 86_400.0)):
        dock.show_view(CurveView(span_s))
        stage.rest(4.0)
        stage.shoot(f"curve-{name}", dock)
    dock.show_view(CurveView(3600.0, time() - 4 * 3600))
    stage.rest(3.0)
    dock.plot.point_at(time() - 4.5 * 3600)
    stage.shoot("curve-past", dock)
    stage.shoot("curve-past-window")
    stage.resize(*SMALL)
    stage.shoot("curve-small")


def alerts(stage: Stage) -> None:
    """One that is raised: on the wall, on its page, acknowledged; the rules."""
    stage.open(stage.film(0, ZONES + RULES), stage.film(1))
    made = stage.assembly
    stage.until(lambda: len(made.alerts.firing) > 0 and len(made.alerts.all) > 0)
    stage.counted()
    stage.shoot("alerts-wall")
    page = stage.show("alerts")
    page.table.selectRow(0)
    stage.shoot("alerts")
    made.alerts_page.button.click()
    stage.rest(0.5)
    stage.shoot("alerts-acknowledge", made.alerts_page.dealing.dialog)
    made.alerts_page.dealing.dialog.reject()
    made.alerts_page.menu.popup(made.alerts_page.suspend_button.mapToGlobal(QPoint(0, 0)))
    stage.rest(0.5)
    stage.shoot("alerts-suspend-menu", made.alerts_page.menu)
    made.alerts_page.menu.close()
    owner, rule = page.table.chosen[0].owner, page.table.chosen[0].rule_name
    made.alerts_page.menu._ask((owner, rule))
    stage.rest(0.5)
    stage.shoot("alerts-suspend", made.alerts_page.menu.dialog)
    made.alerts_page.menu.dialog.reject()
    made.alerts.suspend(owner, rule, round(time()) + 3600, note="the fair", who="Anna")
    stage.shoot("alerts-suspended")
    stage.show("live")
    stage.rest(1.0)
    stage.shoot("alerts-suspended-wall")
    stage.show("alerts")
    stage.resize(*SMALL)
    stage.shoot("alerts-small")
    made.edit_rules("North path")
    stage.shoot("alerts-rules", QApplication.activeModalWidget())
    QApplication.activeModalWidget().close()


def history(stage: Stage) -> None:
    """Five weeks that are drawn: a day, compared with another, a peak, a week, found things, small."""
    database = default_database()
    database.parent.mkdir(parents=True, exist_ok=True)
    write_history(database, time())
    stage.open(stage.film(0, "enabled = false\ncapacity = 120\n" + ZONES))
    stage.show("history")
    body = stage.assembly.history.body
    stage.rest(2.0)
    body.look_around(body.today - timedelta(days=5))
    stage.rest(2.0)
    stage.shoot("history")
    body.bar.compare_with(7)
    body.results.setCurrentIndex(1)
    stage.rest(2.0)
    body.curve.plot.point_at(body.span.bounds.from_s + 18.5 * 3600)
    stage.shoot("history-compared")
    body.results.setCurrentIndex(0)
    body.results.peaks.clicked.emit(body.results.peaks.model().index(0, 0))
    stage.rest(1.0)
    stage.shoot("history-peak")
    body.look_by("week")
    body.results.setCurrentIndex(2)
    body.search.field.setText("north")
    stage.rest(2.0)
    stage.shoot("history-week-search")
    body.search.field.clear()
    stage.resize(*SMALL)
    for part in range(4):
        body.parts.show_part(part)
        stage.shoot(f"history-small-{part + 1}")


SCENES: dict[str, Callable[[Stage], None]] = {
    "first-start": first_start,
    "empty": empty,
    "wall": wall,
    "lost": lost,
    "setup": setup,
    "groups": groups,
    "sinks": sinks,
    "camera": camera_dialog,
    "settings": settings,
    "editor": editor,
    "calibration": calibration,
    "trust": trust,
    "models": models,
    "diagnostics": diagnostics,
    "recording": recording,
    "help": help_texts,
    "curve": curve,
    "alerts": alerts,
    "history": history,
    "footage": footage,
}
