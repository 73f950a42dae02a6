"""A recording counted in another way beside the first, in the window."""

import numpy as np
import pytest

from app.panels.counted import Counted
from app.panels.difference import difference, difference_words

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from app.dialogs.count_again import CountAgain
from app.pages.recording import State
from app.panels.banner import Banner
from engine.paths import LIGHT_MODEL
from engine.recording.footage import FileFootage
from engine.recording.recount import Recount
from names import nameless

WAIT_MS = 30_000


def counted(times, people) -> Counted:
    made = Counted()
    made.take(np.array(times, np.float64), np.array(people, np.float64))
    return made


def test_a_difference_is_that_of_the_frames_which_both_have():
    first, second = counted([0, 1, 2, 3], [10, 10, 10, 10]), counted([1, 2.0003, 3, 4], [12, 11, 4, 99])
    found = difference(first, second)
    assert (found.number, found.mean, found.most, found.at_s) == (3, -1.0, -6.0, 3.0)
    assert difference_words("2×3", found) == "2×3: 1.0 fewer people on average, 6 fewer at most (at 0:03.0)"
    assert difference(first, counted([9], [1])) is None
    assert difference(Counted(), second) is None
    assert difference_words("x", None) == "x: no frame is counted in both ways yet"
    same = difference_words("x", difference(first, first))
    assert same == "x: as many people on average, as many at most (at 0:00.0)"


@pytest.fixture
def counted_page(recording, clip, qtbot):
    with qtbot.waitSignal(recording.bridge.ended, timeout=WAIT_MS):
        recording.open(clip)
    qtbot.waitUntil(lambda: recording.doing is State.ENDED, timeout=WAIT_MS)
    return recording


def test_a_second_curve_is_counted_and_its_difference_is_said(counted_page, clip, qtbot):
    again, line = counted_page.desk.again, counted_page.panels.plot
    counted_page.acts["again"].trigger()
    assert nameless(again.dialog) == []
    again.dialog.models.setCurrentIndex(again.dialog.models.findData("light"))
    again.dialog.grid_line.setText("2x2")
    again.dialog.accept()
    assert again.strip.isVisible()
    qtbot.waitUntil(lambda: again.strip.cancel.text() == "Remove", timeout=WAIT_MS)
    assert len(line.other) == line.points == 15
    assert again.strip.words.startswith("light, 2×2: ")
    assert "on average" in again.strip.words
    assert line.plot.drawing.shown.other is not None or line._is_old
    again.strip.cancel.click()
    assert (len(line.other), again.strip.isVisible()) == (0, False)


def test_one_that_cannot_be_counted_is_told(counted_page, clip, qtbot):
    counted_page.desk.again.count(Recount(FileFootage(clip), clip))
    qtbot.waitUntil(lambda: "short.mp4" in counted_page.window().findChild(Banner).text, timeout=WAIT_MS)
    assert not counted_page.desk.again.strip.isVisible()


def test_another_recording_and_closing_end_it(counted_page, clip, long_clip, qtbot):
    counted_page.desk.again.count(Recount(FileFootage(long_clip), LIGHT_MODEL))
    counted_page.open(clip)
    qtbot.waitUntil(lambda: counted_page.doing is not State.OPENING, timeout=WAIT_MS)
    assert not counted_page.desk.again.strip.isVisible()
    counted_page.desk.again.count(Recount(FileFootage(long_clip), LIGHT_MODEL))
    counted_page.window().close()  # and no thread is left


@pytest.mark.parametrize(
    ("grid", "aspect", "words"),
    [("2", "", "expected such as 2×3"), ("9x9", "", "81 tiles"), ("", "16", "expected such as 16:9")],
)
def test_what_cannot_be_counted_so_is_said_in_the_dialog(qtbot, grid, aspect, words):
    dialog = CountAgain("light")
    qtbot.addWidget(dialog)
    dialog.grid_line.setText(grid)
    dialog.aspect_line.setText(aspect)
    dialog.accept()
    assert words in dialog._fault.text()
    assert dialog.result() == 0


def test_a_way_is_asked_for(qtbot):
    dialog = CountAgain("light")
    qtbot.addWidget(dialog)
    assert (str(dialog.model), dialog.grid, dialog.aspect) == ("light", None, None)
    dialog.grid_line.setText("2×3")
    dialog.aspect_line.setText("16:9")
    dialog.accept()
    assert (dialog.grid, dialog.aspect * 9, dialog.result()) == ((2, 3), 16, 1)
