"""Which pictures are shown, and when, while a recording runs at any speed."""

import numpy as np
import pytest

from engine.monitor.pace import SHOWN_PER_S, Pace
from engine.recording.spans import Spans

TIMES = np.arange(0, 60, 0.04)


def ran(speed, *, cost_s=0.001, for_s=2.0, times=TIMES):
    """Returns the pictures that are shown, and when, by a decoder that takes so long for each one it is asked for."""
    pace, now_s, shown = Pace(times, 0, speed, 0.0), 0.0, []
    while now_s < for_s and pace.place + 1 < len(times):
        place = pace.next(now_s)
        now_s += cost_s
        pace.took(cost_s)
        now_s = max(now_s, pace.due_s(now_s))
        shown.append((place, now_s))
    return shown


@pytest.mark.parametrize("speed", [0.25, 1.0, 2.0, 4.0, 16.0])
def test_it_keeps_its_speed_and_shows_pictures_evenly(speed):
    shown = ran(speed)
    places, seconds = np.array(shown).T
    assert TIMES[int(places[-1])] / seconds[-1] == pytest.approx(speed, rel=0.05)
    assert (np.diff(places) > 0).all()
    assert len(shown) / 2 <= SHOWN_PER_S + 1
    assert np.diff(seconds[5:]).max() <= max(1 / SHOWN_PER_S, 0.04 / speed) * 2


def test_what_cannot_be_decoded_in_time_is_left_out():
    shown = ran(4.0, cost_s=0.1)
    assert 15 <= len(shown) <= 21
    assert TIMES[shown[-1][0]] / shown[-1][1] == pytest.approx(4.0, rel=0.1)


def test_a_gap_is_gone_over_soon():
    times = np.array([0.0, 0.04, 3600.0, 3600.04])
    assert [place for place, _ in ran(1.0, times=times, for_s=4.0)] == [1, 2, 3]


def test_spans_are_put_together():
    spans = Spans([(0, 3), (5, 9)])
    spans.add(3)
    assert list(spans) == [(0, 4), (5, 9)]
    spans.add(4)
    assert list(spans) == [(0, 9)]
    spans.add_span(20, 30)
    assert [spans.next_missing(number) for number in (0, 9, 25)] == [9, 9, 30]
    assert [spans.next_there(number) for number in (4, 12, 30)] == [4, 20, None]
    assert list(spans.before(25)) == [(0, 9), (20, 25)]
    assert (spans.start_before(9), spans.start_before(12), spans.total) == (0, 12, 19)
