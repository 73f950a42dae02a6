"""The diagnostics page over real cameras, messages and the report; the tray icon."""

import json
import logging
import zipfile

import pytest

from cameras import ScriptedCamera
from clipping import clipped
from constant import write_constant
from engine.capture.health import HealthReport, State
from engine.counting.schedule import Load
from engine.monitor.facts import CameraFacts
from engine.monitor.tally import Newest, Total
from engine.picture.condition import Condition
from engine.redacted_log import KeptLog
from engine.settings.config import Config
from engine.settings.problems import checked
from names import nameless

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from app.notices import Notices
from app.pages.diagnostics import DiagnosticsPage
from app.panels.health_table import HealthTable, health_row
from app.panels.message_log import MessageLog
from app.panels.tray import Tray, tray_words
from app.running.live import Live

WAIT_MS = 20_000
logger = logging.getLogger("engine.test_diagnostics")


@pytest.fixture
def log():
    log = KeptLog()
    logger.addHandler(log)
    yield log
    logger.removeHandler(log)


@pytest.fixture
def live():
    live = Live()
    live.start()
    yield live
    live.close()


def words(view) -> list[list[str]]:
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def facts(name: str, state: State = State.LIVE, **health) -> CameraFacts:
    known = {"problem": "", "frames": 9, "rate": 25.0, "age_s": 0.1, "drops": 0, "stalls": 0, "reconnects": 0}
    known |= {"decode_errors": 0, "condition": Condition.CLEAR, "size": None, "link": None, **health}
    return CameraFacts(
        name, HealthReport(state=state, since_s=0.0, **known), Load(0, 0, 0, None, None), Newest(), Total()
    )


def test_what_is_not_known_of_a_camera_is_a_dash_and_comes_last(qtbot):
    table = HealthTable()
    qtbot.addWidget(table)
    table.put([facts("b", size=(720, 1280)), facts("c", State.CONNECTING, frames=0, rate=0.0), facts("a", stalls=3)])
    row = health_row(facts("c", State.CONNECTING, frames=0, rate=0.0))
    assert [cell.words for cell in row[:9]] == ["c", "○ connecting", "", *["–"] * 6]
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        table.sortByColumn(8, order)
        assert words(table)[0][8] == "1280 × 720"
    table.sortByColumn(12, Qt.SortOrder.DescendingOrder)
    assert words(table)[0][0] == "a"
    table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in words(table)] == ["a", "b", "c"]
    table.selectRow(1)
    table.put([facts("b", problem="no answer"), facts("c"), facts("a")])
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().startswith("b\t● live\tno answer\t25.0")


def test_messages_are_shown_by_level_searched_and_copied(qtbot, log):
    panel = MessageLog(log)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.nothing.isVisible()
    logger.warning("gate: no answer from rtsp://ann:secret@host/x")
    logger.error("store died")
    panel.pull()
    assert [row[1] for row in words(panel.table)] == ["⚠ warning", "✕ error"]
    panel.levels.setCurrentIndex(0)
    assert [row[3] for row in words(panel.table)] == ["store died"]
    panel.levels.setCurrentIndex(1)
    qtbot.keyClicks(panel.search, "HOST")
    logger.warning("the host is back")
    logger.warning("something else")
    panel.pull()
    assert [row[3] for row in words(panel.table)] == ["gate: no answer from rtsp://***@host/x", "the host is back"]
    panel.copy.click()
    assert QApplication.clipboard().text().count("\n") == 1


def test_cameras_messages_and_this_computer_are_shown_and_told_in_a_report(qtbot, live, log, tmp_path):
    model = write_constant(tmp_path / "seven.onnx", people=7.0)
    notices = Notices()
    with ScriptedCamera(rate=10.0) as camera:
        table = {
            "name": "gate",
            "address": camera.address.replace("rtsp://", "rtsp://ann:hidden-word@"),
            "max_fps": 5.0,
        }
        config = checked(Config, {"model": str(model), "cameras": [table]}, "a test")
        page = DiagnosticsPage(live, notices, log, config=lambda: config)
        qtbot.addWidget(page)
        page.show()
        page.enter()
        assert "Add one under Set-up" in page.nothing[page.health].text()
        live.apply(config)

        def is_counted():
            page.enter()
            return bool(words(page.health)) and words(page.health)[0][1] == "● live" and words(page.health)[0][6] != "–"

        qtbot.waitUntil(is_counted, timeout=WAIT_MS)
        row = words(page.health)[0]
        assert (row[0], row[8], row[9]) == ("gate", "320 × 240", "h264")
        assert "threads" in page.figures.text()
        logger.warning("gate says hidden-word")
        with qtbot.waitSignal(page.examination.saved, timeout=WAIT_MS):
            page.save(tmp_path / "report.zip")
        qtbot.waitUntil(lambda: not page.examination.busy, timeout=WAIT_MS)
        found = {row[1]: row for row in words(page.findings)}
        assert found["model"][0] == "✓ well"
        assert "seven" in found["model"][2]
    assert "report.zip was written" in notices.all[-1].words
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        assert json.loads(archive.read("cameras.json"))[0]["state"] == "live"
        assert "gate says ***" in archive.read("messages.txt").decode()
        assert all(b"hidden-word" not in archive.read(name) for name in archive.namelist())


def test_a_report_that_cannot_be_written_is_told(qtbot, live, log, tmp_path):
    notices = Notices()
    page = DiagnosticsPage(live, notices, log, config=Config)
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.examination.failed, timeout=WAIT_MS):
        page.save(tmp_path / "nowhere" / "report.zip")
    qtbot.waitUntil(lambda: bool(notices.all), timeout=WAIT_MS)
    assert "choose another folder" in notices.all[-1].words
    page.close_workers()


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "no camera is watched"),
        ([State.LIVE, State.LIVE], "2 live"),
        ([State.LIVE, State.RECONNECTING, State.FAILED, State.CONNECTING], "1 live, 2 lost, 1 not connected"),
    ],
)
def test_the_tray_says_how_many_cameras_are_live_and_lost(states, said):
    assert tray_words(states) == f"DeepCount – {said}"


@pytest.mark.parametrize("has_tray", [True, False])
def test_the_tray_icon_is_there_while_the_window_is_minimised_and_only_where_there_is_a_tray(
    qtbot, monkeypatch, has_tray
):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: has_tray))
    window, quits = QWidget(), []
    qtbot.addWidget(window)
    tray = Tray(window, QIcon(), states=lambda: [State.LIVE], on_quit=lambda: quits.append(window.close()))
    window.show()
    assert not tray.icon.isVisible()
    window.showMinimized()
    assert tray.icon.isVisible() is has_tray
    assert tray.icon.toolTip() == ("DeepCount – 1 live" if has_tray else "")
    tray.open()
    assert not window.isMinimized()
    assert not tray.icon.isVisible()
    tray.keeps_running = True
    window.close()
    assert tray.icon.isVisible() is has_tray
    assert window.isHidden()
    tray.menu.actions()[1].trigger()
    assert quits == [True]


def test_closing_leaves_the_program_in_the_tray_where_that_was_chosen_and_quit_ends_it(make_assembly, monkeypatch):
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: False))
    assembly = make_assembly()
    switch = assembly.window.commands["tray"]
    switch.trigger()
    assert not switch.isChecked()
    assert "has no tray" in assembly.notices.unseen[-1].words
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))
    switch.trigger()
    ended = []
    assembly.window.closing.connect(lambda: ended.append(True))
    assembly.window.close()
    assert (assembly.window.isHidden(), ended) == (True, [])
    assembly.window.commands["quit"].trigger()
    assert ended == [True]
    assert make_assembly().window.commands["tray"].isChecked()


@pytest.mark.parametrize("size", [(520, 320), (900, 600)])
def test_nothing_of_the_page_is_cut_or_nameless_with_the_longest_words(qtbot, log, size, live):
    page = DiagnosticsPage(live, Notices(), log, config=Config)
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    for number in range(30):
        logger.warning("camera %d does not answer; %s", number, "check the cable, the power and the address; " * 5)
    page.enter()
    for tab in range(page.tabs.count()):
        page.tabs.setCurrentIndex(tab)
        assert clipped(page) == []
        assert nameless(page) == []
    page.look()
    qtbot.waitUntil(lambda: not page.examination.busy, timeout=WAIT_MS)
    assert clipped(page) == []
    assert nameless(page) == []
