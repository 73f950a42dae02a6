"""What the time-line of a recording is made of, computed without Qt: counts in any order, buckets, gaps, parts."""

import numpy as np
import pytest

from app.panels.counted import Counted
from app.panels.timeline_span import moment_text, span_facts, span_words, write_counts
from app.panels.timeline_stretch import gaps, neighbour, peak_times, stretch, uncounted
from app.panels.timeline_view import SHORTEST_S, TimelineView
from app.running.feed import Point
from engine.counting.doubt import Doubt
from engine.recording.counts import DOUBTS


def counted(*rows: tuple[float, float]) -> Counted:
    made = Counted()
    made.add([Point(time_s, people, 0.0) for time_s, people in rows])
    return made


def of_hours(hours: float = 3.0, rate: float = 25.0) -> Counted:
    times = np.arange(int(hours * 3600 * rate)) / rate
    people = 30 + 20 * np.sin(times / 400) + np.random.default_rng(0).normal(0, 1, len(times))
    made = Counted()
    made.take(times, people)
    return made


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_in_the_order_of_time_whatever_order_they_come_in(seed):
    rng = np.random.default_rng(seed)
    people = {place / 10: float(rng.integers(0, 50)) for place in range(500)}
    order = list(people)
    if seed:
        rng.shuffle(order)
    made = Counted()
    for start in range(0, 500, 37):
        made.add([Point(time_s, people[time_s], 0.0) for time_s in order[start : start + 37]])
    assert made.times.tolist() == sorted(people)
    assert made.people.tolist() == [people[time_s] for time_s in sorted(people)]
    assert made.average == pytest.approx(np.mean(list(people.values())))
    assert made.most == max(people.items(), key=lambda item: (item[1], -item[0]))


def test_a_frame_that_is_counted_again_has_its_newest_count():
    made = counted((0.0, 5), (0.1, 6), (0.2, 7))
    made.add([Point(0.1, 60, 0.0), Point(0.3, 8, 0.0)])
    assert made.people.tolist() == [5, 60, 7, 8]
    assert [made.at(0.1), made.at(0.15), made.before(0.15), made.before(5.0)] == [60, None, 60, None]


def test_each_count_keeps_why_it_is_not_to_be_relied_on():
    dark, none = DOUBTS.index(Doubt.DARK), DOUBTS.index(Doubt.NONE)
    made = Counted()
    made.take(np.array([1.0, 2.0]), np.array([5.0, 6.0]), doubts=np.array([dark, none], np.int8))
    made.add([Point(3.0, 7.0, 0.0, 0, dark)])
    made.add([Point(0.5, 4.0, 0.0), Point(2.0, 9.0, 0.0, 0, dark)])  # not in order, and one again
    made.take(np.array([4.0]), np.array([3.0]))
    found = [made.doubt_at(time_s) for time_s in (0.5, 1.0, 2.0, 3.0, 4.0, 9.0)]
    assert found == [Doubt.NONE, Doubt.DARK, Doubt.DARK, Doubt.DARK, None, None]


def test_nothing_is_known_of_no_counts():
    made = Counted()
    assert (made.average, made.most, made.at(0.0), made.before(3.0), len(made)) == (None, None, None, None, 0)
    assert len(stretch(made, (0, 10), 100).times) == 0
    assert (gaps(made, (0, 10), ()), peak_times(made), span_facts(made, (0, 10))) == ([], [], None)


def test_a_stretch_keeps_every_peak_in_as_few_buckets_as_are_seen():
    made = of_hours()
    made.people[123_456], made.people[200_000] = 199, -9
    drawn = stretch(made, (0, 10_800), 900)
    assert len(drawn.times) <= 903
    assert (drawn.most.max(), drawn.least.min()) == (199, -9)
    assert drawn.times[drawn.most.argmax()] == pytest.approx(123_456 / 25, abs=12)
    assert drawn.joined.all()
    assert np.average(drawn.mean) == pytest.approx(made.average, abs=0.1)


def test_a_stretch_that_is_short_has_each_frame_by_itself():
    drawn = stretch(of_hours(), (100.0, 101.0), 900)
    np.testing.assert_allclose(drawn.times, 100 + np.arange(-1, 27) / 25)
    np.testing.assert_array_equal(drawn.least, drawn.most)


def test_buckets_stay_where_they_are_while_the_view_moves():
    made = of_hours(0.5)
    before, after = stretch(made, (100.0, 700.0), 200), stretch(made, (103.0, 703.0), 200)
    assert set(before.times[5:-5]) <= set(after.times)


def test_what_is_not_counted_and_what_is_missing_are_no_line():
    made = counted((0.0, 1), (0.1, 2), (0.2, 3), (5.0, 4), (5.1, 5), (9.0, 6))
    made.add([Point(9.1, 7, 0.0, missing=3)])
    drawn = stretch(made, (0, 10), 100)
    assert drawn.joined.tolist() == [True, True, False, True, False, False]
    assert gaps(made, (0, 10), ((0.0, 0.2), (5.0, 9.2))) == [(5.1, 9.0), (9.0, 9.1)]
    assert uncounted(((0.0, 0.2), (5.0, 9.2)), 12.0) == [(0.2, 5.0), (9.2, 12.0)]
    assert uncounted((), 3.0) == [(0.0, 3.0)]
    assert uncounted(((0.0, 3.0),), 3.0) == []


def test_what_is_missing_is_found_among_many_counts_and_again_when_there_are_more():
    line = of_hours(1.0)
    times = line.times
    kept = (times < 1000) | (times >= 1010) & (times < 3000) | (times >= 3002)
    some = Counted()
    some.take(times[kept], line.people[kept])
    all_of_it = (0.0, 3600.0)
    assert np.allclose(gaps(some, all_of_it, [all_of_it]), [(999.96, 1010.0), (2999.96, 3002.0)])
    assert np.allclose(gaps(some, (2000.0, 3001.0), [all_of_it]), [(2999.96, 3002.0)])
    some.take(times[~kept], line.people[~kept])
    assert gaps(some, all_of_it, [all_of_it]) == []
    assert np.array_equal(some.times, times)


def test_a_short_view_behind_a_long_gap_has_few_buckets():
    some = Counted()
    some.take(np.append(0.0, 80_000 + np.arange(4000) / 1000), np.ones(4001))
    found = stretch(some, (80_001.0, 80_002.0), 100)
    assert 100 <= len(found.times) <= 104
    assert found.least.min() == 1.0


def test_counts_that_are_taken_stay_as_they_were():
    times, people = np.arange(10) / 25, np.ones(10)
    some = Counted()
    some.take(times, people)
    some.add([Point(0.4, 2.0, 0.0), Point(0.08, 3.0, 0.0)])
    assert len(some) == 11
    assert (people == 1.0).all()
    assert times.tolist() == [number / 25 for number in range(10)]


def test_the_peaks_are_at_their_highest_frames():
    times = np.arange(600) / 10
    people = 10 + 20 * np.exp(-((times - 12.0) ** 2) / 4) + 10 * np.exp(-((times - 41.0) ** 2) / 4)
    people[:] += 0.5 * np.sin(7 * times)
    made = Counted()
    made.take(times, people)
    assert peak_times(made) == pytest.approx([12.0, 41.0], abs=0.6)
    assert [made.at(time_s) for time_s in peak_times(made)] == [people[100:140].max(), people[390:430].max()]


@pytest.mark.parametrize(
    ("at_s", "forward", "expected"),
    [(0.0, True, 2.0), (2.0, True, 7.0), (7.0, True, None), (7.0, False, 2.0), (2.0, False, None), (9.0, False, 7.0)],
)
def test_the_next_is_behind_and_the_one_before_is_before(at_s, forward, expected):
    assert neighbour([2.0, 7.0], at_s, forward=forward) == expected


def test_a_view_zooms_around_a_time_and_stays_within_the_recording():
    view = TimelineView(100.0)
    assert (view.bounds, view.is_whole) == ((0.0, 100.0), True)
    near = view.zoomed(0.1, 40.0)
    assert near.bounds == pytest.approx((36.0, 46.0))
    assert near.moved(-90).bounds == (0.0, pytest.approx(10.0))
    assert near.moved(90).bounds == (pytest.approx(90.0), pytest.approx(100.0))
    assert near.zoomed(1e-9, 40.0).bounds[1] - near.zoomed(1e-9, 40.0).bounds[0] == SHORTEST_S
    assert near.zoomed(11, 40.0) == view
    assert near.fitted() == view


def test_a_view_follows_what_is_played():
    view = TimelineView(100.0).showing(20.0, 30.0)
    assert view.following(25.0) == view
    assert view.following(30.5).bounds == pytest.approx((29.5, 39.5))
    assert view.following(99.5).bounds == pytest.approx((90.0, 100.0))
    assert TimelineView(100.0).following(70.0) == TimelineView(100.0)
    assert view.lasting(200.0).bounds == view.bounds


def test_a_part_has_its_figures():
    made = counted(*((second / 10, 10.0 if second < 50 else 30.0) for second in range(100)))
    facts = span_facts(made, (4.0, 8.0), 20.0)
    assert (facts.least, facts.most, facts.number) == (10, 30, 41)
    assert facts.mean == pytest.approx(25.0)
    assert facts.above_s == pytest.approx(3.0)
    words = "0:04.0 – 0:08.0: mean 25.0, least 10, most 30, above 20 for 0:03.0"
    assert span_words((4.0, 8.0), facts, 20.0) == words
    assert span_words((40.0, 80.0), span_facts(made, (40.0, 80.0))) == "0:40.0 – 1:20.0: nothing counted yet"
    assert span_facts(made, (4.0, 8.0)).above_s is None


def test_what_is_not_known_lasts_no_time():
    made = counted((0.0, 10), (0.1, 10), (8.0, 20), (8.1, 20))
    facts = span_facts(made, (0.0, 8.1), 5.0)
    assert facts.above_s == pytest.approx(0.2)
    assert facts.mean == pytest.approx(15.0)


@pytest.mark.parametrize(("time_s", "text"), [(0, "0:00.0"), (62.34, "1:02.3"), (59.97, "1:00.0"), (3661, "1:01:01.0")])
def test_moments_are_read_to_a_tenth_of_a_second(time_s, text):
    assert moment_text(time_s) == text


def test_a_part_is_written_as_a_table(tmp_path):
    made = counted((0.0, 1.234), (0.04, 2))
    write_counts(tmp_path / "part.csv", *made.between(0.0, 1.0))
    text = (tmp_path / "part.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines() == ["time (s),count (people)", "0.000,1.23", "0.040,2.00"]


def test_three_hours_are_kept_small():
    made = of_hours()
    assert len(made) == 270_000
    assert made.times.nbytes + made.people.nbytes + made.broken.nbytes == 17 * 270_000
