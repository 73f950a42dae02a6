import pytest

from engine.sources.flaws import Hole, Jump
from engine.sources.timeline import Timeline

HOUR = 3600.0
TENTHS = [n / 10 for n in range(20)]
LATER = [10 * HOUR + tenth for tenth in TENTHS]


def placed(stamps, step_s=0.1, damaged=()):
    """Puts stamps on a timeline; returns times, and the flaws that are not None."""
    timeline = Timeline(step_s)
    following = [*stamps[1:], None]
    places = [
        timeline.place(own, after, damaged=number in damaged)
        for number, (own, after) in enumerate(zip(stamps, following, strict=True))
    ]
    return [place.time_s for place in places], [place.flaw for place in places if place.flaw], places


@pytest.mark.parametrize(
    ("stamps", "times"),
    [
        pytest.param([5.0, 5.1, 5.2], [0.0, 0.1, 0.2], id="an offset is taken away"),
        pytest.param([0.0, 1 / 240, 2 / 240], [0.0, 1 / 240, 2 / 240], id="240 fps"),
        pytest.param([0.0, HOUR, 2 * HOUR, 3 * HOUR], [0.0, HOUR, 2 * HOUR, 3 * HOUR], id="one frame an hour"),
        pytest.param([0.0, 24 * HOUR, 48 * HOUR], [0.0, 24 * HOUR, 48 * HOUR], id="one frame a day"),
        pytest.param([0.0, HOUR], [0.0, HOUR], id="two frames with an hour between them"),
        pytest.param([0.0, 0.1, 45.0, 45.1], [0.0, 0.1, 45.0, 45.1], id="a short gap in which nothing was recorded"),
        pytest.param([0.0, 60.0, 4000.0, 4020.0], [0.0, 60.0, 4000.0, 4020.0], id="pictures at odd times"),
        pytest.param([None, None, None], [0.0, 0.1, 0.2], id="no stamp at all"),
        pytest.param([None, 7.0, 7.1], [0.0, 0.1, 0.2], id="the first is missing"),
        pytest.param([0.0, None, 0.2, None, 0.4], [0.0, 0.1, 0.2, 0.3, 0.4], id="some are missing"),
        pytest.param([0.0, 0.0, 0.1, 0.2, 0.3], [0.0, 0.05, 0.1, 0.2, 0.3], id="one comes twice"),
        pytest.param([0.0, 0.2, 0.1, 0.3], [0.0, 0.2, 0.201, 0.3], id="two in the wrong order"),
        pytest.param(
            [0.0, 0.3, 0.4, 0.1, 0.2, 0.5, 0.6], [0.0, 0.3, 0.4, 0.401, 0.402, 0.5, 0.6], id="stamps of decoding"
        ),
        pytest.param([3.0, 3.0, 3.0, 3.0], [0.0, 0.05, 0.15, 0.25], id="all the same"),
    ],
)
def test_stamps_become_times_without_a_flaw(stamps, times):
    found, flaws, _ = placed(stamps)
    assert found == pytest.approx(times)
    assert not flaws


@pytest.mark.parametrize(
    ("step_s", "stamps", "jumps"),
    [
        pytest.param(0.1, [*TENTHS, *TENTHS], [Jump(2.0, 1.9, 0.0)], id="two recordings joined"),
        pytest.param(0.1, [*TENTHS, *LATER], [Jump(2.0, 1.9, 10 * HOUR)], id="ten hours ahead"),
        pytest.param(0.1, [0.0, *(s + HOUR for s in TENTHS)], [Jump(0.1, 0.0, HOUR)], id="a first stamp of its own"),
        pytest.param(0.1, [*TENTHS, HOUR, 2.1, 2.2], [Jump(2.0, 1.9, HOUR), Jump(2.1, HOUR, 2.1)], id="one wild stamp"),
        pytest.param(
            HOUR, [0.0, HOUR, 200 * HOUR, 201 * HOUR], [Jump(2 * HOUR, HOUR, 200 * HOUR)], id="days ahead, once an hour"
        ),
    ],
)
def test_a_jump_is_closed_and_noted_once_with_both_times(step_s, stamps, jumps):
    times, flaws, _ = placed(stamps, step_s)
    assert times == pytest.approx([number * step_s for number in range(len(stamps))])
    assert [(flaw.from_s, flaw.to_s) for flaw in flaws] == [(jump.from_s, jump.to_s) for jump in jumps]
    assert [flaw.at_s for flaw in flaws] == pytest.approx([jump.at_s for jump in jumps])


def test_where_something_was_lost_a_gap_is_a_hole_and_its_frames_are_numbered():
    stamps = [0.0, 0.1, 0.2, 0.6, 0.7]
    times, flaws, places = placed(stamps, damaged={3, 4})
    assert times == pytest.approx(stamps)
    assert [place.missing for place in places] == [0, 0, 0, 3, 0]
    (hole,) = flaws
    assert isinstance(hole, Hole)
    assert (hole.from_s, hole.to_s) == pytest.approx((0.3, 0.6))


def test_frames_that_never_come_at_the_end_leave_a_hole():
    timeline = Timeline(0.1)
    timeline.place(0.0, None)
    hole = timeline.hole_at_end(3)
    assert (hole.from_s, hole.to_s) == pytest.approx((0.1, 0.4))
    assert timeline.hole_at_end(0) is None
