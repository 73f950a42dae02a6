"""Single panels."""

import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from PyQt6.QtCore import QRect, QRectF, QSize

from app.notices import Level, Notices
from app.panels.banner import MOST_PROBLEMS, Banner
from app.panels.facts_panel import CountDisplay
from app.panels.sample_log import MOST_ROWS, SampleTable
from app.panels.video_view import fitted
from engine.counting.reading import Sample


@pytest.mark.parametrize(
    ("size", "place"),
    [((400, 300), (0, 0, 400, 300)), ((800, 300), (0, 75, 400, 150)), ((100, 300), (150, 0, 100, 300))],
    ids=["fits", "bars above and below", "bars at the sides"],
)
def test_a_picture_keeps_its_proportions(size, place):
    assert fitted(QSize(*size), QRect(0, 0, 400, 300)) == QRectF(*place)


def test_the_newest_sample_is_on_top_and_the_oldest_go(qtmodeltester):
    table = SampleTable()
    table.add([Sample(second, 1.0, 0.0, 2.0, 10) for second in range(MOST_ROWS)])
    table.add([Sample(MOST_ROWS, 1.0, 0.0, 2.0, 10), Sample(MOST_ROWS + 1, 5.0, 0.0, 9.0, 10)])
    assert table.rowCount() == MOST_ROWS
    assert table.data(table.index(0, 0)) == "1:00:01"
    assert table.data(table.index(0, 3)) == "9.0"
    assert table.data(table.index(MOST_ROWS - 1, 0)) == "0:02"
    qtmodeltester.check(table)


def test_a_banner_collects_problems_until_it_is_dismissed(qtbot):
    notices = Notices()
    banner = Banner(notices)
    qtbot.addWidget(banner)
    for number in (*range(MOST_PROBLEMS + 1), 3):
        notices.post(Level.PROBLEM, "cameras", f"camera {number} is lost")
    assert banner.text == "camera 1 is lost\ncamera 2 is lost\ncamera 3 is lost (×2)"
    notices.dismiss()
    assert banner.text == ""
    assert banner.isHidden()


@pytest.mark.parametrize("count", [None, 0.2, 34.4, 12345.0])
def test_any_count_can_be_drawn(qtbot, count):
    display = CountDisplay()
    qtbot.addWidget(display)
    display.show_count(count)
    assert display.text() == ("–" if count is None else f"{count:.0f}")
    assert not display.grab().isNull()
