"""Choosing what was recorded of a camera, from files that bear their times in their names."""

from datetime import datetime, timedelta

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QDialogButtonBox
from sqlalchemy import insert

from alert_scene import CROWD, QUEUE, record
from app.dialogs.footage import Choice, FootageDialog, midnight
from app.pages.recording_state import PLAYABLE, State
from app.panels.banner import Banner
from app.panels.timeline_marks import Raised, lanes_of
from app.running.recorded import OwnRecordings
from clipping import clipped
from engine.alerts.table import Entries, save
from engine.errors import SourceError
from engine.history.footage import camera_at, recorded_at
from engine.log.database import open_database
from engine.log.tables import StoredZone, StoredZoneSample
from engine.paths import LIGHT_MODEL, default_recordings
from engine.recording.recount import Recount
from engine.recording.segments import camera_folder, finished_path, partial_path
from engine.settings.address import Address
from engine.settings.config import Config
from kept import write_log, write_segment
from names import nameless

DAY = datetime(2026, 3, 14)
WAIT_MS = 30_000


@pytest.fixture
def root(tmp_path):
    """Of a camera 8:00 to 12:30 and 13:00 to 16:00, and an hour of the next day; of another one ten minutes."""
    spans = {"north": [(8, 270), (13, 180), (24, 60)], "south": [(9, 10)]}
    for camera, found in spans.items():
        for hour, minutes in found:
            for minute in range(minutes):
                begin_s = (DAY + timedelta(hours=hour, minutes=minute)).timestamp()
                partial = partial_path(camera_folder(tmp_path, camera), begin_s, ".mp4")
                partial.parent.mkdir(parents=True, exist_ok=True)
                finished_path(partial, 60.0).write_bytes(b"")
    return tmp_path


def recording_in(folder):
    return Config.model_validate({"recordings": {"folder": Address.of(str(folder))}})


@pytest.fixture
def opened(qtbot, root):
    def show(camera="", folder=root):
        dialog = FootageDialog(OwnRecordings(recording_in(folder)), camera)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: "Looking" not in dialog.said.text())
        return dialog

    return show


def times(dialog):
    return [datetime.fromtimestamp(second) for second in dialog.choice[1:]]


def may_open(dialog):
    return dialog._buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()


def test_the_newest_hour_is_chosen_at_first_and_what_there_is_is_said(opened):
    dialog = opened("north")
    assert dialog.choice.camera == "north"
    assert times(dialog) == [DAY + timedelta(hours=24), DAY + timedelta(hours=25)]
    assert dialog.said.text() == "Recorded: 00:00:00–01:00:00"
    assert may_open(dialog)
    dialog.day.setDate(dialog.day.date().addDays(-1))
    assert dialog.said.text() == "Nothing was recorded then."
    assert not may_open(dialog)


def test_a_part_of_the_day_is_drawn_or_clicked(opened, qtbot):
    dialog = opened("north")
    dialog.day.setDate(dialog.day.date().addDays(-1))
    bar = dialog.bar
    width = bar.width()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(width * 14 / 24), 8))
    assert times(dialog) == [DAY + timedelta(hours=13), DAY + timedelta(hours=16)]
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(width * 12 / 24), 8))
    QTest.mouseMove(bar, QPoint(round(width * 15 / 24), 8))
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(width * 15 / 24), 8))
    first, last = times(dialog)
    assert abs(first - (DAY + timedelta(hours=12))) < timedelta(minutes=4)
    assert abs(last - (DAY + timedelta(hours=15))) < timedelta(minutes=4)
    assert dialog.said.text().startswith("Recorded: 1")
    assert dialog.said.text().count("–") == 2


def test_an_end_before_the_begin_is_one_of_the_next_day(opened):
    dialog = opened("north")
    dialog.day.setDate(dialog.day.date().addDays(-1))
    dialog.begin.setTime(dialog.begin.time().fromString("15:30", "HH:mm"))
    dialog.end.setTime(dialog.end.time().fromString("00:30", "HH:mm"))
    assert times(dialog) == [DAY + timedelta(hours=15.5), DAY + timedelta(hours=24.5)]
    assert dialog.said.text() == "Recorded: 15:30:00–16:00:00, 00:00:00–00:30:00"


def test_another_camera_has_its_own_days(opened, qtbot):
    dialog = opened("north")
    dialog.camera.setCurrentText("south")
    qtbot.waitUntil(lambda: dialog.day.date().toPyDate() == DAY.date())
    assert dialog.day.minimumDate() == dialog.day.maximumDate()
    QTest.mouseClick(dialog.bar, Qt.MouseButton.LeftButton, pos=QPoint(round(dialog.bar.width() * 9.1 / 24), 8))
    assert dialog.choice == ("south", midnight(DAY.date()) + 9 * 3600, midnight(DAY.date()) + 9 * 3600 + 600)


def test_where_nothing_was_recorded_that_is_said(opened, tmp_path):
    dialog = opened(folder=tmp_path / "none")
    assert dialog.said.text().startswith("Nothing was recorded yet")
    assert not may_open(dialog)


@pytest.fixture
def eight():
    """When it was eight on that day: then two segments of three seconds follow, with a gap between them."""
    begin_s = (DAY + timedelta(hours=8)).timestamp()
    for number in range(2):
        write_segment(camera_folder(default_recordings(), "north"), begin_s + 20 * number, 30, bframes=0)
    return begin_s


def test_footage_is_opened_with_its_counts_out_of_the_log_and_a_part_is_saved(
    make_assembly, database, eight, tmp_path, qtbot
):
    write_log(database, "north", eight, dict.fromkeys(range(3), 12.0))
    assembly = make_assembly()
    assembly.footage.choose()
    dialog = assembly.footage.dialog
    words = "Recorded: 08:00:00–08:00:03, 08:00:20–08:00:23"
    qtbot.waitUntil(lambda: dialog.said.text() == words, timeout=WAIT_MS)
    page = assembly.recording
    with qtbot.waitSignal(page.bridge.opened, timeout=WAIT_MS):
        dialog.accept()
    assert assembly.window.page is page
    page.pull_numbers()
    assert page.panels.plot.counted.at(1.0) == 12.0
    assert page.bridge.counted_spans()[0][0] == 0.0
    assert page.status.part("file") == "north, 2026-03-14 08:00 to 08:01"
    qtbot.waitUntil(lambda: page.doing in PLAYABLE, timeout=WAIT_MS)
    page.look(lambda: page.around.seek(21.0))
    qtbot.waitUntil(lambda: page.status.part("position").endswith("14 Mar 08:00:21"), timeout=WAIT_MS)
    assert page.doing is State.PAUSED
    page.panels.plot.choose(20.0, 22.0)
    page.desk.exporting.save_clip(tmp_path / "part.mp4")
    told = page.window().findChild(Banner)
    qtbot.waitUntil(lambda: "part.mp4; it begins at 0:20" in told.text, timeout=WAIT_MS)
    assert (tmp_path / "part.mp4").stat().st_size > 0


CAMERA = 'name = "north"\naddress = "rtsp://127.0.0.1:9/x"\nenabled = false'


def shown_at(page, clock, qtbot):
    """Waits until the picture of a time of that day is looked at."""
    qtbot.waitUntil(lambda: page.status.part("position").endswith(clock), timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.doing is State.PAUSED, timeout=WAIT_MS)


@pytest.fixture
def looked_back(make_assembly, database, eight):
    """A window over that footage, its counts, and two alerts: one of them within it."""
    write_log(database, "north", eight, {0: 12.0, 1: 14.0, 21: 40.0})
    engine = open_database(database)
    alerts = [record(1, "north", CROWD, eight, -21, 5), record(2, "north", CROWD, eight, 7200, 60)]
    save(engine, Entries(alerts))
    engine.dispose()
    assembly = make_assembly(database, CAMERA)
    assembly.window.resize(1400, 900)
    return assembly


def test_a_moment_of_the_history_is_shown_in_the_footage_by_a_key(looked_back, qtbot):
    window, page, recording = looked_back.window, looked_back.history, looked_back.recording
    page.restore({"chosen": [["north", ""]]})
    window.show_page("history")
    qtbot.waitUntil(lambda: page.body.results.alerts.model().rowCount() == 2, timeout=WAIT_MS)
    assert page.body.place == ("north", None)
    alerts = page.body.results.alerts
    alerts.clicked.emit(alerts.model().index(0, 0))
    QTest.keyClick(alerts, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: window.page is recording, timeout=WAIT_MS)
    shown_at(recording, "14 Mar 08:00:21", qtbot)
    assert recording.bridge.recording.name == "north, 2026-03-14 07:45 to 08:15"
    window.show_page("history")
    page.body.curve.plot.point_at(page.body.span.bounds.from_s + 60.0)
    page.doings["footage"].trigger()
    told = window.findChild(Banner)
    qtbot.waitUntil(
        lambda: "nothing was recorded of camera 'north' at 2026-03-14 00:01:00" in told.text, timeout=WAIT_MS
    )
    page.body.curve.plot.point_at(None)
    page.doings["footage"].trigger()
    qtbot.waitUntil(lambda: looked_back.footage.dialog.camera.currentText() == "north", timeout=WAIT_MS)
    looked_back.footage.dialog.reject()


def test_an_alert_is_shown_in_the_footage_where_its_time_was_recorded(looked_back, qtbot):
    window, page, recording = looked_back.window, looked_back.alerts_page, looked_back.recording
    window.show_page("alerts")
    qtbot.waitUntil(lambda: len(looked_back.alerts.all) == 2, timeout=WAIT_MS)
    within, before = looked_back.alerts.all
    page.table.choose(before.uid)
    qtbot.waitUntil(lambda: not looked_back.footage.is_looking, timeout=WAIT_MS)
    assert not page.details.footage.isEnabled()
    page.table.choose(within.uid)
    qtbot.waitUntil(page.details.footage.isEnabled, timeout=WAIT_MS)
    QTest.mouseClick(page.details.footage, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.page is recording, timeout=WAIT_MS)
    shown_at(recording, "14 Mar 08:00:21", qtbot)


def test_footage_of_a_group_is_that_of_the_first_member_that_was_recorded(root):
    eight_s = (DAY + timedelta(hours=9, minutes=5)).timestamp()
    assert camera_at(("west", "south", "north"), root, eight_s) == "south"
    assert recorded_at(("west",), root, eight_s) is None
    with pytest.raises(SourceError, match="nothing was recorded of camera 'west', 'south' at 2026-03-14 07:05:00"):
        camera_at(("west", "south"), root, eight_s - 7200)
    partial = partial_path(camera_folder(root, "west"), eight_s - 10.0, ".mp4")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(b"")
    with pytest.raises(SourceError, match="is still being written; open it in a minute"):
        camera_at(("west",), root, eight_s)


GUARDED = f"""{CAMERA}
[[cameras.zones]]
name = "till"
polygon = [[0, 0], [1, 0], [1, 1]]
[[cameras.rules]]
name = "crowd"
above = 25
[[cameras.rules]]
name = "queue"
zone = "till"
above = 5
"""


@pytest.fixture
def guarded(make_assembly, database, eight, qtbot):
    """The page of recordings with that footage: two alerts, one of them of a zone, and the rules in force."""
    write_log(database, "north", eight, {0: 12.0, 1: 14.0, 21: 40.0})
    engine = open_database(database)
    alerts = [record(1, "north", CROWD, eight, -21, 5), record(2, "north", QUEUE, eight, -1, 1, zone="till")]
    save(engine, Entries([*alerts, record(3, "south", CROWD, eight, -1, 1)]))
    with engine.begin() as connection:
        connection.execute(insert(StoredZone), [{"id": 1, "camera_id": 1, "name": "till"}])
        row = {"run_id": 1, "zone_id": 1, "readings": 1}
        rows = [row | {"second": second} | dict.fromkeys(("mean", "least", "most"), 7.0 + second) for second in (0, 1)]
        connection.execute(insert(StoredZoneSample), rows)
    engine.dispose()
    assembly = make_assembly(database, GUARDED)
    assembly.window.resize(1400, 900)
    assembly.footage.open(Choice("north", eight, eight + 60))
    page = assembly.recording
    qtbot.waitUntil(lambda: len(page.panels.plot.marks.raised) == 2, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.doing in PLAYABLE, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page.panels.plot.points > 0, timeout=WAIT_MS)
    page.look(lambda: page.around.seek(0.0))
    shown_at(page, "14 Mar 08:00:00", qtbot)
    return page


def test_alerts_and_thresholds_of_footage_are_on_its_time_line_and_keys_lead_to_them(guarded, qtbot):
    page, line = guarded, guarded.panels.plot
    said = [(raised.begin_s, raised.end_s, raised.severity, raised.words) for raised in line.marks.raised]
    end_s = pytest.approx(page.bridge.duration_s)
    assert said == [(1.0, 2.0, "warning", "till: queue"), (21.0, end_s, "critical", "crowd")]
    assert [(each.people, each.words) for each in line.marks.thresholds] == [(25.0, "▲ crowd 25")]
    for expected in ("14 Mar 08:00:01", "14 Mar 08:00:21"):
        QTest.keyClick(page, Qt.Key.Key_A)
        shown_at(page, expected, qtbot)
    QTest.keyClick(page, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    shown_at(page, "14 Mar 08:00:01", qtbot)
    line.choose(0.0, 2.0)
    assert "above 25 for 0:00.0" in line.bar.words.words
    trial = page.desk.trial
    trial.switch(True)
    assert line.marks.raised != ()
    trial.switch(False)
    assert line.marks.raised != ()


def test_alerts_that_hold_at_once_lie_beneath_each_other():
    spans = [(0, 9), (1, 3), (2, 9), (2, 4), (3, 5), (9, 10)]
    assert lanes_of([Raised(*span, "info", "") for span in spans]) == (0, 1, 2, 2, 1, 0)


def test_zones_of_footage_are_chosen_as_further_curves(guarded, qtbot):
    page, line = guarded, guarded.panels.plot
    QTest.keyClick(page, Qt.Key.Key_Z)
    menu = page.desk.marks.menu
    qtbot.waitUntil(menu.isVisible, timeout=WAIT_MS)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [zone.name for zone in line.marks.zones] == ["till"], timeout=WAIT_MS)
    assert line.marks.zones[0].counted.people.tolist() == [7.0, 8.0]
    assert [each.words for each in line.marks.thresholds] == ["▲ crowd 25", "till: ▲ queue 5"]
    page.acts["alert_on"].trigger()
    shown_at(page, "14 Mar 08:00:01", qtbot)
    assert line.plot.head_words.format == "0:01.0 · 14 · till 8"
    assert clipped(page.window()) == []
    assert nameless(page.window()) == []
    page.desk.marks.show_zones([])
    assert line.marks.zones == ()


def test_footage_of_several_segments_is_counted_again_as_one(guarded, qtbot):
    again, line = guarded.desk.again, guarded.panels.plot
    again.count(Recount(guarded.bridge.recording.footage, LIGHT_MODEL, grid=(1, 1)))
    qtbot.waitUntil(lambda: again.strip.cancel.text() == "Remove", timeout=WAIT_MS)
    assert len(line.other) == 60
    assert "on average" in again.strip.words
