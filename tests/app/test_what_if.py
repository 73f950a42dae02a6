"""A rule tried on the counts of a recording, in the window."""

import numpy as np
import pytest

from app.running.counts_trial import seconds_of, try_rule
from engine.rules.rule import Rule

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import Qt

from app.pages.recording import State
from app.panels.timeline import Timeline
from app.panels.timeline_trial import COLUMNS, TimelineTrial
from app.running.feed import Point
from app.theme import em
from names import nameless
from test_time_line import at, drag

WAIT_MS = 20_000
TIMES = np.arange(600) / 10
CROWD = np.where((TIMES >= 20) & (TIMES < 30), 30.0, 10.0) + np.where(TIMES >= 50, 10.0, 0.0)


def test_the_counts_of_a_second_are_its_mean_and_what_is_unknown_is_left_out():
    seconds = seconds_of(np.array([0.0, 0.5, 1.0, 5.25]), np.array([1.0, 2.0, 4.0, 8.0]))
    assert [(each.second, *each.counts.values()) for each in seconds] == [(0, 1.5), (1, 4.0), (5, 8.0)]
    assert seconds_of(np.empty(0), np.empty(0)) == ()


def test_a_count_that_comes_seldom_stands_until_the_next():
    seconds = seconds_of(np.array([0.0, 4.0]), np.array([1.0, 2.0]), hold_s=4.0)
    assert [next(iter(each.counts.values())) for each in seconds] == [1, 1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("rule", "spans"),
    [
        (Rule("a", 25.0), [(20, 30)]),
        (Rule("b", 25.0, for_s=3.0), [(22, 32)]),
        (Rule("c", 15.0, for_s=3.0), [(22, 32), (52, 60)]),
        (Rule("d", 15.0, is_above=False, for_s=5.0), [(4, 24), (34, 54)]),
        (Rule("e", 99.0), []),
    ],
    ids=["at once", "for a while", "open at the end", "below", "never"],
)
def test_a_rule_would_have_raised_these_alerts(rule, spans):
    tried = try_rule(rule, seconds_of(TIMES, CROWD))
    assert [(round(begin), round(end)) for begin, end in tried.spans] == spans
    assert tried.known_s == 60


@pytest.fixture
def trial(qtbot):
    line = Timeline()
    qtbot.addWidget(line)
    made = TimelineTrial(line)
    line.put_above(made)
    line.resize(900, 300)
    line.show()
    qtbot.waitExposed(line)
    line.begin(60.0)
    line.add([Point(*row, 0.0) for row in zip(TIMES.tolist(), CROWD.tolist(), strict=True)])
    line.draw()
    yield made
    made.finish()


def shown(qtbot, trial, spans):
    def is_so() -> bool:
        trial.pull()
        return [(round(begin), round(end)) for begin, end in trial._line.alerts.spans] == spans

    qtbot.waitUntil(is_so, timeout=WAIT_MS)


def test_the_alerts_move_while_the_threshold_is_dragged(trial, qtbot):
    line = trial._line
    trial.switch(True)
    assert (trial.level.value(), line.level) == (24, 24)
    shown(qtbot, trial, [(22, 32)])
    assert trial.words.words == "It would have raised 1 alert; 1 min 00 s of the recording are known."
    drag(qtbot, line, at(line, 5.0, 24.0), at(line, 5.0, 15.0))
    assert (trial.level.value(), line.level) == (15, 15)
    shown(qtbot, trial, [(22, 32), (52, 60)])
    assert "2 alerts" in trial.words.words
    trial.for_s.setValue(0.0)
    shown(qtbot, trial, [(20, 30), (50, 60)])
    trial.side.setCurrentIndex(1)
    shown(qtbot, trial, [(0, 20), (30, 50)])
    assert line.plot.clear.value() == pytest.approx(16.5)
    trial.clear.setValue(30.0)
    assert line.plot.clear.value() == 30.0
    shown(qtbot, trial, [(0, 20), (30, 60)])
    trial.switch(False)
    assert (line.alerts.spans, line.level, trial.isVisible()) == ((), None, False)


def test_counts_that_come_later_are_tried_too(trial, qtbot):
    trial.switch(True)
    shown(qtbot, trial, [(22, 32)])
    trial._line.add([Point(60 + place / 10, 50.0, 0.0) for place in range(80)])
    shown(qtbot, trial, [(22, 32), (62, 68)])


def test_its_fields_stand_beneath_each_other_where_it_is_narrow(trial, qtbot):
    trial.switch(True)
    heights = []
    for columns in COLUMNS:
        width = trial._needed(columns) + em(trial, 2)
        trial._line.resize(width, 500)
        qtbot.waitUntil(lambda most=width: trial.width() < most, timeout=WAIT_MS)
        heights.append(trial.sizeHint().height())
    assert heights[0] < heights[1] < heights[2]
    assert nameless(trial._line) == []


def test_a_key_tries_a_rule_and_closes_it_again(recording, clip, qtbot):
    assert not recording.acts["what_if"].isEnabled()
    recording.open(clip)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    qtbot.keyClick(recording, Qt.Key.Key_T)
    assert recording.desk.trial.isVisible()
    assert recording.desk.trial.level.hasFocus()
    recording.desk.trial._close.click()
    assert not recording.desk.trial.isVisible()
    assert not recording.acts["what_if"].isChecked()
