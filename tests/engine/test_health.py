import pytest

from engine.capture.health import Health, State
from engine.picture.condition import Condition
from engine.picture.layout import Layout
from engine.picture.tiling import Grid
from engine.sources.arrival import Link

LAYOUT = Layout((240, 320), Grid(1, 1), "a remark")


def played(events, *, stall_s=2.0):
    """Feeds events, each (time, name, arguments...), to the health of a camera that was made at 0 s."""
    health = Health(0.0, stall_s=stall_s)
    for time, name, *arguments in events:
        match name:
            case "frame":
                health.frame(time, LAYOUT, *arguments)
            case "error":
                health.decode_error()
            case "ended":
                health.ended(time)
            case _:
                getattr(health, name)(time, *arguments)
    return health


def frames(start, end, step=0.04):
    return [(start + n * step, "frame") for n in range(round((end - start) / step))]


@pytest.mark.parametrize(
    ("events", "now", "state", "since"),
    [
        pytest.param([], 1, State.CONNECTING, 0, id="nothing-yet"),
        pytest.param([(1, "frame")], 2, State.LIVE, 1, id="first-frame"),
        pytest.param([(1, "frame")], 3, State.STALLED, 3, id="no-second-frame"),
        pytest.param([(1, "frame"), (9, "frame")], 9, State.LIVE, 9, id="after-a-stall"),
        pytest.param([(1, "lost", "gone")], 5, State.RECONNECTING, 1, id="never-came"),
        pytest.param([(1, "lost", "gone"), (3, "lost", "gone")], 5, State.RECONNECTING, 1, id="lost-all-the-time"),
        pytest.param([(1, "frame"), (2, "lost", "gone")], 60, State.RECONNECTING, 2, id="lost-is-not-stalled"),
        pytest.param([(1, "lost", "gone"), (4, "frame")], 5, State.LIVE, 4, id="came-back"),
        pytest.param([(1, "failed", "password")], 5, State.FAILED, 1, id="refused"),
        pytest.param([(1, "failed", "password"), (2, "lost", "gone")], 5, State.RECONNECTING, 2, id="then-lost"),
        pytest.param([(1, "failed", "password"), (62, "frame")], 63, State.LIVE, 62, id="put-right"),
        pytest.param([(1, "frame"), (2, "ended")], 60, State.ENDED, 2, id="over"),
    ],
)
def test_states_follow_the_frames(events, now, state, since):
    report = played(events).report(now)
    assert (report.state, report.since_s) == (state, since)


@pytest.mark.parametrize(
    ("events", "now", "stalls", "reconnects"),
    [
        pytest.param(frames(1, 5), 5, 0, 0, id="healthy"),
        pytest.param([(1, "frame")], 3.5, 1, 0, id="stalled-now"),
        pytest.param([(1, "frame"), (5, "frame")], 6, 1, 0, id="stalled-and-went-on"),
        pytest.param([(1, "frame"), (6, "lost", "silent"), (7, "frame")], 7, 1, 1, id="stalled-then-lost"),
        pytest.param([(1, "lost", "gone"), (2, "frame")], 3, 0, 0, id="came-late-the-first-time"),
        pytest.param([(1, "frame"), (2, "lost", "a"), (3, "lost", "b"), (4, "frame")], 5, 0, 1, id="two-tries"),
        pytest.param([(1, "frame"), (2, "failed", "a"), (62, "frame")], 63, 0, 1, id="refused-in-between"),
    ],
)
def test_stalls_and_reconnects_are_each_counted_once(events, now, stalls, reconnects):
    health = played(events)
    reports = [health.report(now) for _ in range(2)]  # asking changes nothing
    assert [(r.stalls, r.reconnects) for r in reports] == [(stalls, reconnects)] * 2


@pytest.mark.parametrize(
    ("events", "now", "problem"),
    [
        pytest.param([(1, "lost", "no power")], 2, "no power", id="lost"),
        pytest.param([(1, "lost", "no power"), (2, "lost", "no network")], 3, "no network", id="the-latest"),
        pytest.param([(1, "failed", "password"), (2, "frame")], 3, "", id="over"),
        pytest.param([(1, "frame")], 4, "no frame has come for more than 2 s", id="stalled"),
    ],
)
def test_the_problem_is_told_while_it_lasts(events, now, problem):
    assert played(events).report(now).problem == problem


@pytest.mark.parametrize(
    ("events", "now", "rate"),
    [
        pytest.param([], 1, 0, id="nothing"),
        pytest.param([(1, "frame")], 1.5, 0, id="one"),
        pytest.param(frames(1, 3), 3, 25, id="young"),
        pytest.param(frames(1, 20), 20, 25, id="old"),
        pytest.param([*frames(1, 20), *frames(20, 30, 0.2)], 30, 5, id="slower-now"),
        pytest.param([*frames(1, 20), (20, "lost", "gone")], 30, 0, id="gone"),
        pytest.param([*frames(0, 9), (9, "lost", "x"), *frames(10, 12)], 12, 25, id="came-back"),
        pytest.param([(1, "frame")] * 20, 1.0, 19, id="burst"),
    ],
)
def test_the_rate_is_that_of_the_last_seconds(events, now, rate):
    assert played(events).report(now).rate == pytest.approx(rate, rel=0.05)


def test_a_report_has_the_figures():
    health = played([(1, "frame"), (1.5, "error"), (2, "frame", Condition.GREY), (2.5, "frame")])
    health.connected(Link("hevc", "cuda"))
    report = health.report(3.0, drops=7)
    assert (report.frames, report.decode_errors, report.drops, report.age_s) == (3, 1, 7, 0.5)
    assert (report.size, report.condition, report.link) == (LAYOUT.size, Condition.GREY, Link("hevc", "cuda"))


def test_before_the_first_frame_there_is_no_age_and_no_size():
    report = Health(5.0).report(9.0)
    assert (report.age_s, report.size, report.link, report.frames) == (None, None, None, 0)


def test_a_frame_that_could_not_be_counted_is_told_for_some_seconds_while_the_camera_is_live():
    health = played([*frames(1, 9), (2, "spoiled", "a frame could not be counted")])
    assert (health.report(6.9).problem, health.report(7.1).problem) == ("a frame could not be counted", "")
    assert (health.report(9).state, health.report(9).decode_errors) == (State.LIVE, 1)


def test_what_went_wrong_with_the_connection_comes_before_a_frame_that_could_not_be_counted():
    health = played([(1, "frame"), (1.1, "spoiled", "a frame could not be counted"), (1.2, "lost", "gone")])
    assert health.report(1.3).problem == "gone"


def test_how_pictures_are_seen_is_told():
    assert played([]).report(0).remark == ""
    assert played([(1, "frame")]).report(1).remark == "a remark"


def test_a_camera_whose_key_frames_alone_are_decoded_may_be_silent_for_as_long_as_they_take():
    health = played([(0, "frame")])
    health.waits_for(2.0)
    assert health.report(2.5).state is State.LIVE
    assert health.report(3.1).state is State.STALLED
    health.waits_for(0.0)
    assert health.report(2.5).state is State.STALLED
