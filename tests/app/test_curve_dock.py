"""The curve dock over real cameras, real memory and a real log."""

import csv

import numpy as np
import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QObject, QPoint, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

from app import theme
from app.panels.alert_marks import threshold_line
from app.panels.curve_choice import TOTAL
from app.panels.curve_dock import CurveDock
from app.panels.curve_plot import CurvePlot
from app.panels.curve_view import CurveView
from app.running.live import Live
from cameras import ScriptedCamera
from constant import write_constant
from engine.counting.reading import Sample
from engine.inference.contract import read_model_file
from engine.log.store import Store
from engine.monitor.recent import Recent
from engine.paths import LIGHT_MODEL
from engine.rules.rule import Rule
from engine.rules.rulebook import Placed
from engine.rules.series import Subject
from engine.settings.config import Config
from engine.settings.config_file import checked
from logged import reading

WAIT_MS = 30_000
NOW = 1_700_049_600.0
GATE, YARD, LEFT = Subject("gate"), Subject("yard"), Subject("gate", "left")
ZONE = {"name": "left", "polygon": [[0, 0], [0.5, 0], [0.5, 1]], "capacity": 30}


class Document(QObject):
    """A configuration that may change."""

    changed = pyqtSignal()

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    def change(self, config: Config) -> None:
        self.config = config
        self.changed.emit()


class Remembered:
    """Cameras that were counted before, and are not now."""

    def __init__(self, **recents: Recent) -> None:
        self.recents = recents

    def recent(self, name):
        return self.recents.get(name)

    def facts(self):
        return {}

    def bounds(self, name, counts):
        return None

    def people(self):
        return {}


def config(folder, database=None, **cameras):
    tables = [{"name": name, "address": "rtsp://h/x", **table} for name, table in cameras.items()]
    values = {"cameras": tables, **({"database": database} if database else {}), "model": "seven.onnx"}
    return checked(Config, values, "a test", folder=folder)


def recent_of(people):
    """A camera that counted these, a second each, until now."""
    recent = Recent(clocks=lambda: (NOW, NOW))
    for second, count in enumerate(people):
        if count is not None:
            recent.put(reading(0.0, count, arrived_s=NOW - len(people) + second))
    return recent


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def make_dock(qtbot, tmp_path, clock):
    theme.apply(QApplication.instance())
    docks = []

    def make(live, settings, size=(1000, 400)):
        dock = CurveDock(live, Document(settings), clock=lambda: clock[0])
        docks.append(dock)
        dock.resize(*size)
        dock.show()
        qtbot.waitExposed(dock)
        dock.pull_numbers()
        return dock

    yield make
    for dock in docks:
        dock.finish()
        dock.close()
        dock.deleteLater()


def known(dock, subject):
    """The counts that are drawn, by their seconds before now."""
    series = dock.drawn[subject].series
    return {
        round(NOW - start): float(mean)
        for start, mean in zip(series.grid.starts_s, series.mean, strict=True)
        if not np.isnan(mean)
    }


def test_watched_cameras_are_drawn_as_they_are_counted(qtbot, tmp_path):
    write_constant(tmp_path / "seven.onnx", people=7.0)
    theme.apply(QApplication.instance())
    with ScriptedCamera(rate=10.0) as camera:
        settings = config(tmp_path, gate={"address": camera.address, "zones": [ZONE]}, yard={"enabled": False})
        live = Live()
        live.start()
        with qtbot.waitSignal(live.applied, timeout=WAIT_MS):
            live.apply(settings)
        dock = CurveDock(live, Document(settings))
        qtbot.addWidget(dock)
        dock.resize(1000, 400)
        dock.show()
        dock.choice.tick([TOTAL, GATE, LEFT])
        qtbot.waitUntil(lambda: LEFT in dock.drawn and (dock.drawn[LEFT].series.readings > 0).any(), timeout=WAIT_MS)
        qtbot.waitUntil(lambda: dock.choice.value(TOTAL) == "7", timeout=WAIT_MS)
        assert np.nanmax(dock.drawn[GATE].series.mean) == np.nanmax(dock.drawn[TOTAL].series.mean) == 7.0
        assert dock.choice.value(LEFT).endswith(" of 30")
        dock.choice.tick([TOTAL, GATE, YARD])
        dock.pull_numbers()
        assert dock.choice.value(TOTAL) == "–"
        assert np.isnan(dock.drawn[TOTAL].series.mean).all()
        dock.finish()
        live.close()


def test_gaps_stay_gaps_and_the_total_has_those_of_all(make_dock, tmp_path):
    live = Remembered(gate=recent_of([5.0] * 40 + [None] * 20 + [6.0] * 40), yard=recent_of([10.0] * 100))
    dock = make_dock(live, config(tmp_path, gate={}, yard={}))
    dock.choice.tick([TOTAL, GATE, YARD])
    dock.pull_numbers()
    assert set(known(dock, GATE)) == {*range(1, 41), *range(61, 101)}
    assert {known(dock, TOTAL)[ago] for ago in (1, 40)} == {16.0}
    assert known(dock, TOTAL)[70] == 15.0
    assert 50 not in known(dock, TOTAL)
    assert (known(dock, YARD)[50], known(dock, YARD)[1]) == (10.0, 10.0)


@pytest.fixture
def logged(tmp_path):
    """A log of an hour that ended half an hour ago."""
    path = tmp_path / "log.db"
    store = Store(path, clocks=lambda: (NOW - 5400, 0.0))
    run = store.run(camera="gate", model=read_model_file(LIGHT_MODEL))
    for second in range(3600):
        run._backlog.put((run.record, Sample(second, 20.0, 10.0, 90.0 if second == 1234 else 30.0, 5)))
    store.finish()
    store.close()
    return path


def test_dragged_back_it_shows_what_the_log_has_and_comes_back_by_a_button(make_dock, tmp_path, logged, qtbot):
    live = Remembered(gate=recent_of([5.0] * 60))
    dock = make_dock(live, config(tmp_path, "log.db", gate={}))
    assert set(known(dock, GATE).values()) == {5.0}
    dock.bar.span_wanted.emit(7200.0)
    qtbot.waitUntil(lambda: 3600 in round_all(dock), timeout=WAIT_MS)
    assert np.nanmax(dock.drawn[GATE].series.most) == 90.0  # no peak is lost
    box = dock.plot.getViewBox().sceneBoundingRect()
    dock.plot.moved.emit(-3600.0)
    qtbot.waitUntil(lambda: not dock.bar.text, timeout=WAIT_MS)
    assert (dock.view.is_live, dock.bar.live.isChecked(), box.width() > 0) == (False, False, True)
    dock.bar.live.trigger()
    dock.pull_numbers()
    assert (dock.view, dock.bar.live.isChecked()) == (CurveView(7200.0), True)
    assert known(dock, GATE)[round(NOW - dock.drawn[GATE].series.grid.starts_s[-1])] == 5.0


def round_all(dock):
    return {round(ago, -2) for ago in known(dock, GATE)}


def test_a_log_that_cannot_be_read_is_said_and_a_missing_one_too(make_dock, tmp_path, qtbot):
    live = Remembered(gate=recent_of([5.0] * 60))
    (tmp_path / "text.db").write_text("This is no database, and long enough to be taken for one. " * 99)
    dock = make_dock(live, config(tmp_path, "text.db", gate={}))
    qtbot.waitUntil(lambda: "is no SQLite database" in dock.bar.text, timeout=WAIT_MS)
    assert set(known(dock, GATE).values()) == {5.0}
    dock._document.change(config(tmp_path, gate={}))
    dock.pull_numbers()
    assert "no log is kept" in dock.bar.text


def test_wheel_and_keys_zoom_move_and_read(make_dock, tmp_path, qtbot):
    live = Remembered(gate=recent_of([float(second % 60) for second in range(3600)]))
    dock = make_dock(live, config(tmp_path, gate={}))
    dock.plot.setFocus()
    qtbot.keyClick(dock.plot, Qt.Key.Key_Left)
    first = dock.plot.cursor_s
    qtbot.keyClick(dock.plot, Qt.Key.Key_Left)
    assert first - dock.plot.cursor_s == 1.0
    shown = known(dock, GATE)[round(NOW - np.floor(dock.plot.cursor_s))]
    assert dock.choice.value(GATE) == f"{shown:.0f}"
    assert f"gate: {shown:.0f}" in dock.plot.accessibleDescription()
    assert dock.bar.text
    qtbot.keyClick(dock.plot, Qt.Key.Key_Escape)
    assert (dock.plot.cursor_s, dock.choice.value(GATE)) == (None, "–")
    qtbot.keyClick(dock.plot, Qt.Key.Key_Minus)
    assert dock.view == CurveView(360.0)
    assert dock.bar.span.placeholderText() == "6 min"
    qtbot.keyClick(dock.plot, Qt.Key.Key_PageUp)
    assert dock.view == CurveView(360.0, NOW - 180)
    qtbot.keyClick(dock.plot, Qt.Key.Key_Home)
    assert dock.view.is_live
    middle = QPointF(dock.plot.viewport().rect().center())
    wheel = QWheelEvent(
        middle, dock.plot.mapToGlobal(middle), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(dock.plot.viewport(), wheel)
    assert dock.view.span_s == pytest.approx(300.0)


def test_it_is_dragged_with_the_mouse(make_dock, tmp_path, qtbot):
    dock = make_dock(Remembered(gate=recent_of([5.0] * 600)), config(tmp_path, gate={}))
    view, middle = dock.plot.viewport(), dock.plot.viewport().rect().center()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    for step in range(1, 11):
        qtbot.mouseMove(view, middle + QPoint(10 * step, 0))
        QApplication.processEvents()
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(100, 0))
    dock.pull_numbers()
    assert not dock.view.is_live
    assert NOW - 200 < dock.view.end_s < NOW


def test_what_is_drawn_is_saved_as_a_table_and_as_a_picture(make_dock, tmp_path, qtbot):
    live = Remembered(gate=recent_of([5.0] * 30 + [None] * 30 + [6.0] * 30))
    settings = config(tmp_path, **{"gate": {}, "=yard": {}})
    dock = make_dock(live, settings)
    dock.save_table(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: "out.csv" in dock.bar.text, timeout=WAIT_MS)
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8-sig") as file:
        head, *rows = csv.reader(file)
    assert head[:4] == ["begin (local time with its distance from UTC)", "length (s)", "gate: mean (people)",
                        "gate: least (people)"]  # fmt: skip
    assert head[6] == "'=yard: mean (people)"
    assert rows[-1][1:6] == ["1", "6.00", "6.00", "6.00", "1"]
    assert rows[-50][2:6] == ["", "", "", "0"]
    assert rows[0][0][-6] in "+-"
    dock.save_picture(tmp_path / "out.png")
    qtbot.waitUntil((tmp_path / "out.png").exists, timeout=WAIT_MS)
    picture = QImage(str(tmp_path / "out.png"))
    assert picture.width() == dock.plot.width()
    assert picture.height() > dock.plot.height()
    dock.save_table(tmp_path / "none" / "out.csv")
    qtbot.waitUntil(lambda: "cannot be written" in dock.bar.text, timeout=WAIT_MS)
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["out.csv", "out.png"]


def test_cameras_and_zones_come_and_go_and_the_choice_stays(make_dock, tmp_path):
    live = Remembered(gate=recent_of([5.0] * 60), yard=recent_of([5.0] * 60))
    dock = make_dock(live, config(tmp_path, gate={"zones": [ZONE]}, yard={"counted": False}))
    assert dock.choice.ticked == [GATE]
    dock.choice.tick([GATE, LEFT])
    dock._document.change(config(tmp_path, yard={}, gate={"zones": [ZONE]}))
    assert dock.choice.ticked == [YARD, GATE, LEFT]  # what is new is seen
    dock.choice.tick([GATE, LEFT])
    dock._document.change(config(tmp_path, yard={}, gate={}))
    dock.pull_numbers()
    assert (dock.choice.ticked, list(dock.drawn)) == ([GATE], [GATE])
    state = dock.state()
    other = make_dock(live, config(tmp_path, yard={}, gate={}))
    other.restore({"span_s": 3600, "chosen": [["yard", ""], "nonsense"]})
    assert (other.view.span_s, other.choice.ticked) == (3600, [YARD])
    other.restore(state)
    other.restore({"span_s": "long", "chosen": 7})
    assert (other.view.span_s, other.choice.ticked) == (300, [GATE])
    other.restore({"chosen": [["a camera that is gone", ""]]})
    assert other.choice.ticked == [GATE]
    other.restore({"chosen": []})
    assert other.choice.ticked == []


def test_a_log_that_is_not_there_yet_is_no_fault(make_dock, tmp_path, qtbot):
    dock = make_dock(Remembered(gate=recent_of([5.0] * 60)), config(tmp_path, "later.db", gate={}))
    qtbot.waitUntil(lambda: dock.pull_numbers() or dock.lines.past is not None, timeout=WAIT_MS)
    assert "later.db" not in dock.bar.text
    assert len(known(dock, GATE)) == 60


@pytest.mark.parametrize("size", [(400, 160), (1400, 700)])
def test_every_control_has_a_name_and_a_place(make_dock, tmp_path, size):
    dock = make_dock(Remembered(), config(tmp_path, **{"x" * 80: {"zones": [ZONE]}}), size)
    for widget in dock.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and not widget.focusProxy():
            assert widget.accessibleName(), widget
    for control in (dock.bar.span, dock.bar.save, dock.plot):
        corner = control.mapTo(dock, QPoint(control.width(), control.height()))
        assert control.isVisible()
        assert corner.x() <= size[0]
        assert corner.y() <= size[1]
    assert dock.width() == size[0]
    assert dock.choice.isVisible() == dock.bar.counts.isChecked() == (size[0] > 1000)
    dock.bar.counts.trigger()
    assert dock.choice.isVisible() == (size[0] < 1000)


def test_nothing_is_drawn_anew_while_nothing_changed(make_dock, tmp_path, clock):
    dock = make_dock(Remembered(gate=recent_of([5.0] * 600)), config(tmp_path, gate={}))
    before = dock.drawn
    clock[0] += 0.9
    dock.pull_numbers()
    assert dock.drawn is before
    clock[0] += 0.2
    dock.pull_numbers()
    assert dock.drawn is not before
    dock.show_view(CurveView(300, NOW - 100))
    dock.pull_numbers()
    before = dock.drawn
    clock[0] += 60
    dock.pull_numbers()
    assert dock.drawn is before


@pytest.mark.parametrize("level", [0.0, 2.0, 7.0, 8.0, 31.0])
def test_the_words_of_a_threshold_are_not_cut_wherever_it_lies(qtbot, level):
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(600, 140)
    line = threshold_line(Placed(Rule("crowd", level), GATE))
    plot.lay_over([line])
    plot.show()
    plot.draw([], (NOW - 60, NOW))
    QApplication.processEvents()
    words = line.label.mapRectToScene(line.label.boundingRect())
    assert plot.getViewBox().sceneBoundingRect().adjusted(-1, -1, 1, 1).contains(words)
