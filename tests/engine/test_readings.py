import numpy as np
import pytest

from engine.counting.movement import Movement
from engine.counting.reading import Sample, Sampler, ZoneSample, consistency
from engine.counting.smoothing import Smoother
from engine.handoff import LatestSlot, Line
from engine.picture.condition import Condition
from engine.picture.zones import ZoneCount
from engine.settings.config import STEADIED_S, CameraSettings
from logged import reading


def sampled(counts):
    sampler = Sampler()
    samples = [sampler.add(time_s, reading(time_s, count)) for time_s, count in counts]
    return [s for s in [*samples, sampler.finish()] if s is not None]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(0.0, 3.0)], [Sample(0, 3.0, 3.0, 3.0, 1)], id="one reading"),
        pytest.param([(0.0, 1.0), (0.9, 5.0)], [Sample(0, 3.0, 1.0, 5.0, 2)], id="one second"),
        pytest.param([(0.5, 2.0), (1.0, 4.0)], [Sample(0, 2.0, 2.0, 2.0, 1), Sample(1, 4.0, 4.0, 4.0, 1)], id="two"),
        pytest.param([(0.0, 1.0), (7.2, 2.0)], [Sample(0, 1.0, 1.0, 1.0, 1), Sample(7, 2.0, 2.0, 2.0, 1)], id="a gap"),
    ],
)
def test_readings_become_one_sample_a_second(counts, expected):
    assert sampled(counts) == expected


def test_a_sample_has_what_maps_and_looks_of_its_second_gave():
    readings = [
        reading(0.0, 9.0, zones=(ZoneCount("left", 4.0), ZoneCount("right", 2.0)), consistency=0.5),
        reading(0.4, 9.0, condition=Condition.TORN),
        reading(0.8, 9.0, zones=(ZoneCount("left", 6.0),), consistency=1.0),
    ]
    sampler = Sampler()
    assert [sampler.add(0.0, each) for each in readings] == [None] * 3
    zones = (ZoneSample("left", 5.0, 4.0, 6.0, 2), ZoneSample("right", 2.0, 2.0, 2.0, 1))
    assert sampler.finish() == Sample(0, 9.0, 9.0, 9.0, 3, consistency=0.75, condition=Condition.TORN, zones=zones)
    sampler.add(1.0, reading(1.0, 9.0))
    assert sampler.finish() == Sample(1, 9.0, 9.0, 9.0, 1)


@pytest.mark.parametrize(
    ("count", "total", "agreement"),
    [(20.0, 20.0, 1.0), (20.0, 10.0, 0.5), (0.0, 0.2, 0.8), (0.0, 50.0, 0.0)],
)
def test_consistency_is_one_where_map_and_count_agree(count, total, agreement):
    assert consistency(count, np.full((2, 2), total / 4, np.float32)) == pytest.approx(agreement)


def test_smoothing_is_off_by_default():
    smoother = Smoother()
    assert [smoother.add(t, c) for t, c in [(0, 1.0), (1, 9.0), (2, 4.0)]] == [1.0, 9.0, 4.0]


def test_movement_is_that_of_all_but_the_largest_steps():
    movement = Movement()
    assert movement.p95 is None
    for count in [*range(100), 99 + 50]:
        movement.add(float(count))
    assert movement.p95 == pytest.approx(1.0)


def test_cameras_are_steadied_by_half_a_second_unless_told_otherwise():
    settings = {"name": "gate", "address": "webcam:0"}
    assert CameraSettings.model_validate(settings).smoothing_s == STEADIED_S == 0.5
    assert CameraSettings.model_validate(settings | {"smoothing_s": 0}).smoothing_s == 0
    smoother = Smoother(STEADIED_S)  # what its description says of 7 frames a second
    steps = [smoother.add(frame / 7, float(frame >= 50)) for frame in range(100)][50:]
    assert next(frame for frame, people in enumerate(steps) if people >= 0.5) / 7 == pytest.approx(0.43, abs=0.01)
    assert next(frame for frame, people in enumerate(steps) if people >= 0.9) / 7 == pytest.approx(1.29, abs=0.01)


def test_smoothing_takes_out_a_single_outlier():
    smoother = Smoother(3.0)
    smoothed = [smoother.add(t, c) for t, c in enumerate([10.0, 10.0, 90.0, 10.0, 10.0])]
    assert max(smoothed) == pytest.approx(10.0)


def test_smoothing_reaches_a_new_level_and_starts_afresh_when_the_clock_jumps_back():
    smoother = Smoother(1.0)
    for t in range(100):
        last = smoother.add(t / 10, 5.0 if t < 50 else 25.0)
    assert last == pytest.approx(25.0, abs=0.5)
    assert smoother.add(0.0, 3.0) == 3.0


def test_a_slot_keeps_the_newest_and_counts_what_it_dropped():
    slot: LatestSlot[int] = LatestSlot()
    assert slot.get(timeout_s=0) is None
    for item in (1, 2, 3):
        assert slot.put(item)
    assert (slot.get(), slot.dropped) == (3, 2)
    slot.close()
    assert not slot.put(4)


def test_a_line_keeps_all_in_order_and_ends_when_closed():
    line: Line[int] = Line(room=3)
    for item in (1, 2, 3):
        assert line.put(item)
    line.close()
    assert not line.put(4)
    assert list(line) == [1, 2, 3]
