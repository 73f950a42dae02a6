"""The last day of a camera in memory."""

from dataclasses import replace

import numpy as np
import pytest

from engine.history.series import DAY_S, Grid
from engine.monitor.recent import Recent
from engine.picture.zones import ZoneCount
from logged import reading

NOON = 1_700_049_600
BOOT = NOON - 1000.0
"""Wall time when the monotonic clock was 0."""


class Clocks:
    """Wall time and monotonic time, set by hand."""

    def __init__(self):
        self.ahead_s, self.now_s = BOOT, 1000.0

    def __call__(self):
        return self.now_s + self.ahead_s, self.now_s


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def recent(clocks):
    recent = Recent(clocks=clocks)
    recent.expect(["left"], interval_s=0.1, map_interval_s=4.0)
    return recent


def count(recent, clocks, at_s, people, **zones):
    """Has a frame counted that arrived so long after noon."""
    clocks.now_s = NOON + at_s - clocks.ahead_s
    counts = tuple(ZoneCount(name, part) for name, part in zones.items())
    recent.put(replace(reading(0.0, people, arrived_s=clocks.now_s), zones=counts))


def means(recent, first, number, zone=None, step_s=1):
    values = recent.span(Grid(NOON + first, step_s, number), zone).mean
    return [None if np.isnan(value) else round(float(value), 3) for value in values]


def test_each_second_has_the_mean_least_and_most_of_its_readings(recent, clocks):
    for at_s, people in ((0.1, 2.0), (0.5, 4.0), (0.9, 9.0), (2.0, 7.0)):
        count(recent, clocks, at_s, people)
    span = recent.span(Grid(NOON - 1, 1, 4))
    assert means(recent, -1, 4) == [None, 5, None, 7]
    assert (span.least[1], span.most[1], span.readings.tolist()) == (2, 9, [0, 3, 0, 1])
    assert means(recent, 0, 2, step_s=2) == [5, 7]
    assert (recent.oldest_s(), recent.readings) == (NOON, 4)


def test_zones_have_their_own_seconds_and_only_those_that_are_there(recent, clocks):
    count(recent, clocks, 0, 8.0, left=3.0, gone=1.0)
    count(recent, clocks, 1, 9.0)
    assert means(recent, 0, 2, "left") == [3, None]
    assert means(recent, 0, 2, "gone") == [None, None]
    assert (recent.hole_s(), recent.hole_s("left"), recent.oldest_s("gone")) == (3.0, 8.0, None)
    recent.expect(["right"], interval_s=0.1, map_interval_s=1.0)
    recent.expect(["left"], interval_s=0.1, map_interval_s=1.0)
    assert means(recent, 0, 2, "left") == [None, None]
    assert means(recent, 0, 2) == [8, 9]


def test_no_more_than_a_day_is_kept_and_a_gap_in_the_ring_is_a_gap(recent, clocks):
    for at_s in (0, 1, 10):
        count(recent, clocks, at_s, 5.0)
    count(recent, clocks, DAY_S + 2, 6.0)
    assert means(recent, 0, 11) == [None] * 10 + [5]
    assert means(recent, DAY_S, 3) == [None, None, 6]
    assert recent.oldest_s() == NOON + 3
    assert recent.span(Grid(0, DAY_S, 365 * 60)).readings.sum() == 2
    count(recent, clocks, 9 * DAY_S, 7.0)
    assert means(recent, 8 * DAY_S, DAY_S + 1)[-1:] == [7]
    assert recent.span(Grid(0, DAY_S, 365 * 60)).readings.sum() == 1


def test_what_was_counted_under_a_wrong_time_is_forgotten(recent, clocks):
    for at_s in (0, 50, 100):
        count(recent, clocks, at_s, 5.0)
    clocks.ahead_s -= 60
    count(recent, clocks, 41, 8.0)
    assert [value for value in means(recent, 0, 110) if value] == [5, 8]
    assert means(recent, 41, 1) == [8]
    clocks.ahead_s += 3600
    count(recent, clocks, 3700, 9.0)
    assert means(recent, 3699, 2) == [None, 9]


def test_a_clock_that_is_steered_back_stands_still(recent, clocks):
    count(recent, clocks, 10, 5.0)
    clocks.ahead_s -= 1.5
    count(recent, clocks, 9, 7.0)
    assert means(recent, 8, 3) == [None, None, 6]
