from collections import deque
from math import inf

import pytest

from engine.counting.schedule import (
    LOAD_WINDOW_S,
    MOST_MARKS,
    Costs,
    DensitySchedule,
    Load,
    LoadMeter,
    Overload,
    Turns,
    Wish,
    batch_room,
    blame,
    fair_rate,
)


@pytest.mark.parametrize(
    ("interval", "due"),
    [(None, [False] * 5), (0.0, [True] * 5), (1.0, [True, False, True, False, True])],
)
def test_a_map_is_due_by_interval(interval, due):
    schedule = DensitySchedule(interval)
    assert [schedule.due(t / 2) for t in range(5)] == due


def test_a_map_is_due_again_when_the_clock_jumped_back():
    schedule = DensitySchedule(10.0)
    assert [schedule.due(t) for t in (100.0, 101.0, 3.0, 4.0)] == [True, False, True, False]


def served_frames(offered, room, rounds):
    """Serves cameras of which `offered[c]` says in which rounds one has a frame; returns how often each was served."""
    turns, counts = Turns(), [0] * len(offered)
    for number in range(rounds):
        batch = [camera for camera in turns.order(range(len(offered))) if offered[camera](number)][:room]
        turns.served(batch)
        for camera in batch:
            counts[camera] += 1
    return counts


@pytest.mark.parametrize("room", [1, 2, 3, 5, 7])
@pytest.mark.parametrize("cameras", [2, 6, 16])
def test_rates_fall_evenly_under_overload(cameras, room):
    counts = served_frames([lambda number: True] * cameras, room, rounds=101)
    assert max(counts) - min(counts) <= 1


def test_a_camera_that_offers_less_than_its_share_loses_none_of_it():
    offered = [lambda number: True] * 3 + [lambda number: number % 8 == 0]
    counts = served_frames(offered, 1, rounds=800)
    assert counts[3] >= 99  # but for the first round, in which all stand in line
    assert max(counts[:3]) - min(counts[:3]) <= 1


@pytest.mark.parametrize("taken_s", [0.055, 0.06, 0.065, 0.07, 0.1])
@pytest.mark.parametrize("offsets_s", [(0.0, 0.05, 0.1, 0.15), (0.0, 0.13, 0.14, 0.28), (0.0, 0.0, 0.01, 0.27)])
def test_cameras_that_are_nearly_served_have_even_rates_whenever_their_frames_come(offsets_s, taken_s):
    frames = [(start_s + number / 7, camera) for camera, start_s in enumerate(offsets_s) for number in range(420)]
    coming = deque(sorted(frame for frame in frames if int(frame[0] * 5) != int((frame[0] - 1 / 7) * 5)))
    turns, waiting, counts, now_s = Turns(), set(), [0] * 4, 0.0
    while coming:
        while coming and coming[0][0] <= now_s:
            waiting.add(coming.popleft()[1])  # in place of one that it left there
        batch = [camera for camera in turns.order(range(4)) if camera in waiting][:2]
        turns.served(batch)
        waiting.difference_update(batch)
        for camera in batch:
            counts[camera] += 1
        now_s = now_s + taken_s * len(batch) if batch else coming[0][0]
    assert max(counts) <= 1.03 * min(counts)


def test_a_camera_of_twice_the_weight_gets_twice_the_rate_and_the_others_the_same():
    turns, counts, weights = Turns(), dict.fromkeys("abcd", 0), {"a": 2.0}
    for _ in range(500):
        first = turns.order("abcd")[0]
        turns.served([first], lambda camera: weights.get(camera, 1.0))
        counts[first] += 1
    assert counts == {"a": 200, "b": 100, "c": 100, "d": 100}


def test_counts_of_any_two_cameras_differ_by_one_at_most_in_any_stretch():
    turns, served = Turns(), []
    for _ in range(300):
        served += turns.order(range(7))[:2]
        turns.served(served[-2:])
    for begin in range(0, 500, 13):
        counts = [served[begin : begin + 64].count(camera) for camera in range(7)]
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    ("wishes", "rate"),
    [
        pytest.param([], inf, id="nobody"),
        pytest.param([Wish(5, 0.1)], inf, id="all have theirs"),
        pytest.param([Wish(20, 0.1)], 10, id="one wants too much"),
        pytest.param([Wish(inf, 0.05), Wish(inf, 0.15)], 5, id="as often, whatever a frame takes"),
        pytest.param([Wish(1, 0.1), Wish(inf, 0.1), Wish(20, 0.1)], 4.5, id="what one leaves is the others'"),
        pytest.param([Wish(inf, 0.1, weight=3.0), Wish(inf, 0.1)], 2.5, id="by weight"),
        pytest.param([Wish(6, 0.1, weight=3.0), Wish(inf, 0.1)], 4, id="of weight, and modest"),
    ],
)
def test_the_model_has_a_fair_rate_for_each(wishes, rate):
    assert fair_rate(wishes) == pytest.approx(rate)


def test_a_map_takes_the_room_that_it_costs():
    costs = Costs()
    assert (costs.per_tile_s, costs.work(4, with_density=True)) == (0.0, 4)
    costs.note({True: 0.03})
    assert costs.per_tile_s == 0.03
    costs.note({False: 0.02})
    assert (costs.per_tile_s, costs.work(4, with_density=True), costs.work(4, with_density=False)) == (0.02, 6, 4)


def metered(frames, dropped_each):
    """Returns a meter after so many readings at 10 a second, its clock, and how many frames were dropped."""
    meter = LoadMeter()
    for number in range(frames):
        meter.counted(number / 10, 0.05 if number % 10 else 0.4, number * dropped_each)
    return meter, (frames - 1) / 10, (frames - 1) * dropped_each


@pytest.mark.parametrize(
    ("dropped_each", "offered", "share"),
    [pytest.param(0, 10, 0.0, id="keeps up"), pytest.param(3, 40, 0.75, id="drops three of four")],
)
def test_load_is_what_was_offered_counted_and_dropped(dropped_each, offered, share):
    meter, now_s, dropped = metered(200, dropped_each)
    load = meter.load(now_s, dropped)
    assert load.offered_fps == pytest.approx(offered, rel=0.05)
    assert load.counted_fps == pytest.approx(10, rel=0.05)
    assert load.dropped_share == pytest.approx(share, rel=0.02)
    assert (load.latency_p50_s, load.latency_p95_s) == (0.05, 0.4)


def test_nothing_counted_is_no_load_and_no_latency():
    assert LoadMeter().load(7.0, 0) == Load(0.0, 0.0, 0.0, None, None)


def test_a_camera_that_went_silent_has_no_load_after_the_window():
    meter, now_s, dropped = metered(50, 1)
    assert meter.load(now_s + LOAD_WINDOW_S + 0.1, dropped) == Load(0.0, 0.0, 0.0, None, None)


def test_a_camera_that_is_starved_is_seen_as_dropping_everything():
    meter, now_s, dropped = metered(10, 0)
    assert meter.load(now_s + LOAD_WINDOW_S, dropped + 50).dropped_share == 1.0


def test_a_share_is_that_of_a_whole_window_only_after_it():
    meter = LoadMeter()
    meter.counted(0.0, 0.1, 0)
    assert not meter.load(LOAD_WINDOW_S - 0.1, 3).is_whole
    meter.counted(4.0, 0.1, 3)
    assert meter.load(LOAD_WINDOW_S, 3).is_whole


def test_a_meter_remembers_only_so_many_frames():
    meter = LoadMeter()
    for number in range(3 * MOST_MARKS):
        meter.counted(number / 5000, 0.001, 0)
    assert meter.load(3 * MOST_MARKS / 5000, 0).counted_fps == pytest.approx(MOST_MARKS, rel=0.01)
    assert len(meter._marks) == MOST_MARKS


def test_rates_of_a_camera_that_is_counted_seldom_are_those_of_the_window_alone():
    meter = LoadMeter()
    for number in range(4):
        meter.counted(4.0 * number, 2.0, 39 * number)
    load = meter.load(12.0, 39 * 3)
    assert load.offered_fps == pytest.approx(10.0, rel=0.02)
    assert load.counted_fps == pytest.approx(0.4)  # two in the last five seconds


@pytest.mark.parametrize(
    ("per_tile_s", "room"),
    [(0.0, 8), (0.01, 8), (0.02, 5), (0.08, 1), (10.0, 1)],
    ids=["unknown", "fast", "slow", "a tile takes longer", "hardly runs"],
)
def test_a_batch_is_no_larger_than_what_is_counted_in_a_short_time(per_tile_s, room):
    assert batch_room(per_tile_s, 8) == room


def changes(shares):
    """Returns when an overload begins or ends; given is the share of dropped frames at each second."""
    overload = Overload()
    return [s for s, share in enumerate(shares) if overload.changes(float(s), [Load(10, 10, share, None, None)])]


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        pytest.param([0.0] * 20, [], id="keeps up"),
        pytest.param([0.5] * 2 + [0.0] * 10, [], id="a short burst"),
        pytest.param([0.5] * 10, [3], id="begins once"),
        pytest.param([0.5] * 10 + [0.0] * 10, [3, 13], id="begins and ends"),
        pytest.param([0.5] * 10 + [0.07] * 10, [3], id="goes on between the bounds"),
        pytest.param([0.5, 0.0] * 10, [], id="flickers"),
    ],
)
def test_an_overload_begins_and_ends_once(shares, expected):
    assert changes(shares) == expected


def test_one_idle_camera_does_not_hide_the_overload_of_others():
    overload = Overload()
    loads = [Load(50, 10, 0.8, 0.1, 0.2), Load(0, 0, 0.0, None, None)]
    assert [overload.changes(s, loads) for s in (0.0, 3.0)] == [False, True]


@pytest.mark.parametrize(
    ("tiles", "end"),
    [
        pytest.param([64, 1], "; 'a' asks for 98% of the work: give it a smaller grid or max_fps", id="one of two"),
        pytest.param([4, 4, 12], "; 'c' asks for 60% of the work: give it a smaller grid or max_fps", id="the last"),
        pytest.param([4, 4], "", id="all alike"),
        pytest.param([64], "", id="one alone"),
        pytest.param([0, 0], "", id="nothing"),
        pytest.param([], "", id="nobody"),
    ],
)
def test_the_camera_that_asks_for_most_of_the_work_is_named(tiles, end):
    loads = [Load(5, 5, 0.0, None, None, wanted_tiles=5.0 * each) for each in tiles]
    assert blame("abc"[: len(tiles)], loads) == end


def test_a_load_tells_the_tiles_that_were_wanted():
    meter = LoadMeter()
    for number in range(60):
        meter.counted(number / 10, 0.05, number, tiles=6)
    assert meter.load(5.9, 59).wanted_tiles == pytest.approx(6 * 2 * 10, rel=0.05)
