"""What is computed without Qt: times, pace, what waits for the window."""

import numpy as np
import pytest

from app.panels.clock_text import axis_end, clock_text, time_step
from app.panels.tally import Pace, speed_text
from app.running.feed import Feed, Point
from engine.counting.reading import Reading
from engine.monitor.playing import Following
from engine.picture.frame import Frame
from engine.recording.spans import Spans

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


def test_a_feed_tells_how_many_frames_were_lost_before_each():
    feed = Feed()
    following = Following(feed, Spans([(2, 5)]))
    for index in (0, 1, 5, 6):
        following.put(Reading(Frame.of(index, index / 10, BLACK), 2.0))
    assert [point.missing for point in feed.points()] == [0, 0, 3, 0]
