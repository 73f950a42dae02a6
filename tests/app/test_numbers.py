"""What is computed without Qt: times, sums, pace, the thinned curve, what waits for the window."""

import tracemalloc

import numpy as np
import pytest

from app.panels.clock_text import axis_end, clock_text, time_step
from app.panels.curve import ROOM, Curve
from app.panels.tally import Pace, Tally, speed_text
from app.qt_environment import forget_opencv_plugins
from app.running.feed import Feed, Point
from engine.counting.reading import Reading
from engine.monitor.playing import Following
from engine.picture.frame import Frame

BLACK = np.zeros((2, 2, 3), np.uint8)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (9.99, "0:09"), (61, "1:01"), (3599.9, "59:59"), (3661, "1:01:01"), (-1, "0:00")],
)
def test_times_are_read_as_on_a_clock(seconds, text):
    assert clock_text(seconds) == text


@pytest.mark.parametrize(("span_s", "step_s"), [(5, 1), (31.6, 5), (60, 10), (600, 120), (3600, 600), (1e9, 86400)])
def test_marks_of_a_time_axis_are_steps_of_a_clock(span_s, step_s):
    assert time_step(span_s) == step_s


@pytest.mark.parametrize(
    ("reached_s", "duration_s", "end_s"),
    [(0, None, 60), (0, 31.5, 31.5), (61, None, 120), (61, 90, 90), (95, 90, 95), (1e6, None, 1e6)],
    ids=["nothing known", "short", "grows", "never beyond the end", "longer than promised", "days"],
)
def test_a_time_axis_grows_in_steps(reached_s, duration_s, end_s):
    assert axis_end(reached_s, duration_s) == end_s


def test_a_tally_knows_average_and_maximum():
    tally = Tally()
    assert (tally.average, tally.most) == (None, None)
    tally.add([Point(0, 2, 0), Point(1, 8, 1)])
    tally.add([Point(2, 2, 2)])
    assert tally.average == 4
    assert tally.most == Point(1, 8, 1)


def test_a_pace_tells_rate_and_speed_of_the_last_seconds():
    pace = Pace()
    pace.add([Point(index / 10, 1, index / 5) for index in range(50)])
    assert pace.frames_per_s == pytest.approx(5)
    assert pace.speed == pytest.approx(0.5)
    pace.restart()
    assert (pace.frames_per_s, pace.speed) == (None, None)


@pytest.mark.parametrize(
    ("speed", "text"), [(None, "–"), (1.0, "real time"), (0.96, "real time"), (0.61, "0.6×: slower than real time")]
)
def test_speed_is_said_in_words(speed, text):
    assert speed_text(speed) == text


def test_a_curve_keeps_every_peak_in_as_few_rows_as_are_seen():
    curve, counts = Curve(), np.random.default_rng(0).normal(20, 2, 10_000)
    counts[4321], counts[8765] = 99, 1
    for start in range(0, len(counts), 100):
        curve.add([Point(start + i, people, 0) for i, people in enumerate(counts[start : start + 100])])
    times, drawn = curve.drawn()
    assert (curve.points, curve.most) == (10_000, 99)
    assert len(drawn) <= 2 * ROOM
    assert {4321, 8765} <= set(times)
    assert (drawn.min(), drawn.max()) == (1, 99)
    assert (np.diff(times) >= 0).all()
    assert times[-1] >= 9984


def test_a_curve_of_hours_takes_no_more_memory_than_one_of_minutes():
    curve = Curve()
    tracemalloc.start()
    for start_s in range(0, 86_400, 100):  # as many seconds as a day has, two frames in each
        curve.add([Point(start_s + i / 2, float(i % 7), 0) for i in range(200)])
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1e6
    assert ROOM / 2 < len(curve) <= ROOM


def test_a_curve_says_what_of_it_has_to_be_drawn_anew():
    curve = Curve()
    assert curve.add([Point(0.0, 1, 0), Point(1.0, 1, 0)]) == 0
    assert curve.add([Point(2.0, 1, 0)]) == 1
    assert curve.add([Point(2.001, 9, 0)]) == 2
    assert curve.drawn(2)[1].tolist() == [1, 9]
    assert curve.add([Point(3.0 + second, 1, 0) for second in range(ROOM)]) == 0


def test_a_curve_has_a_gap_where_frames_were_lost_however_long_it_is():
    curve = Curve()
    curve.add([Point(0, 5, 0), Point(1, 6, 0), Point(9, 7, 0, missing=7)])
    assert curve.points == 3
    assert curve.most == 7
    np.testing.assert_array_equal(curve.drawn()[1], [5, 6, np.nan, 7])
    curve.add(
        [Point(float(second), 99 if second == 5002 else 3, 0, 4 * (second == 5000)) for second in range(10, 9000)]
    )
    times, drawn = curve.drawn()
    assert list(times[np.isnan(drawn)]) == [9, 5000]
    assert (np.nanmin(drawn), np.nanmax(drawn), curve.most) == (3, 99, 99)


def test_a_feed_tells_how_many_frames_were_lost_before_each():
    feed = Feed()
    following = Following(feed)
    for index in (0, 1, 5, 6):
        following.put(Reading(Frame.of(index, index / 10, BLACK), 2.0))
    assert [point.missing for point in feed.points()] == [0, 0, 3, 0]


def test_a_short_curve_is_drawn_as_it_is():
    curve, counts = Curve(), np.random.default_rng(0).normal(20, 2, 500)
    curve.add([Point(index / 25, people, 0) for index, people in enumerate(counts)])
    times, drawn = curve.drawn()
    np.testing.assert_allclose(times, np.arange(500) / 25)
    np.testing.assert_array_equal(drawn, counts)


def test_a_feed_keeps_every_point_until_it_is_taken_out():
    feed = Feed()
    following = Following(feed)
    for index in range(3):
        assert following.put(Reading(Frame.of(index, index / 10, BLACK), float(index)))
    assert [point.people for point in feed.points()] == [0, 1, 2]
    assert feed.points() == []


def test_plugins_of_opencv_are_not_for_qt():
    environment = {"QT_QPA_PLATFORM_PLUGIN_PATH": "/venv/cv2/qt/plugins", "QT_QPA_FONTDIR": "/fonts"}
    forget_opencv_plugins(environment)
    assert environment == {"QT_QPA_FONTDIR": "/fonts"}
