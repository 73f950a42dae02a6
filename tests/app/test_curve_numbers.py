"""What a curve shows, before it is drawn: stretches of time, marks of the clock, tracks, pieces of lines, words."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

pytest.importorskip("PyQt6.QtWidgets", reason="system libraries of PyQt6 are missing", exc_type=ImportError)

from app.panels.alert_marks import label_asides
from app.panels.curve_bar import span_text
from app.panels.curve_drawing import Across, Line, Scale, bars, dashed, strokes, thickened
from app.panels.curve_look import Look, Looks
from app.panels.curve_track import Track
from app.panels.curve_view import LONGEST_S, MOST_POINTS, SHORTEST_S, CurveView
from app.panels.curve_words import bucket_words, count_words
from app.panels.day_marks import mark_step, mark_text, marks, moment_text, offset_text
from engine.history.series import Grid, Series
from engine.monitor.recent import Recent
from engine.rules.series import Subject

BERLIN = ZoneInfo("Europe/Berlin")
NOON = 1_700_049_600 - 3600  # in Berlin
SPRING, AUTUMN = 1_711_846_800, 1_729_990_800  # the hours in which its clocks are set forward and back
NOW = float(NOON)


def series(*people, step_s=1):
    mean = np.array([np.nan if each is None else each for each in people], np.float32)
    return Series(Grid(NOON, step_s, len(people)), mean, mean - 1, mean + 1, (~np.isnan(mean)).astype(np.int64))


def test_labels_of_near_thresholds_stand_beside_each_other():
    assert label_asides([10, 30, 12]) == [0, 0, 1]
    assert label_asides([10, 10, 10]) == [0, 1, 2]
    assert label_asides([]) == []


def texts(start_s, hours, step_s):
    return [mark_text(mark, step_s, BERLIN) for mark in marks(start_s, start_s + 3600 * hours, step_s, BERLIN)]


def test_a_view_follows_now_until_it_is_dragged_and_again_when_it_is_back():
    view = CurveView(300)
    assert view.bounds(NOW) == (NOW - 300, NOW)
    back = view.moved(-100, NOW)
    assert (back.is_live, back.bounds(NOW + 50)) == (False, (NOW - 400, NOW - 100))
    assert back.moved(40, NOW).bounds(NOW) == (NOW - 360, NOW - 60)
    assert back.moved(float("inf"), NOW) == view
    assert back.live(3600) == CurveView(3600)


def test_zooming_keeps_the_moment_under_the_mouse_or_now():
    back = CurveView(300, NOW - 100)
    wide = back.zoomed(2, NOW - 300, NOW)
    assert wide == CurveView(600)  # as it reaches now
    narrow = back.zoomed(0.5, NOW - 300, NOW)
    assert narrow.bounds(NOW) == (NOW - 350, NOW - 200)
    assert CurveView(300).zoomed(0.5, NOW - 299, NOW) == CurveView(150)
    assert CurveView(300).zoomed(1e-9, NOW, NOW).span_s == SHORTEST_S
    assert CurveView(300).zoomed(1e12, NOW, NOW).span_s == LONGEST_S


@pytest.mark.parametrize("width", [0, 400, 5000])
@pytest.mark.parametrize("span_s", [SHORTEST_S, 300, 86_400, LONGEST_S])
def test_no_more_points_are_drawn_than_there_are_pixels_and_never_more_than_2000(width, span_s):
    assert 1 <= CurveView(span_s).grid(NOW + 0.3, width).number <= min(max(width, 50), MOST_POINTS)


@pytest.mark.parametrize(
    ("start_s", "hours", "step_s", "expected"),
    [
        (NOON, 0.001, 1, ["12:00:00", "12:00:01", "12:00:02", "12:00:03"]),
        (NOON - 60, 3, 3600, ["12:00", "13:00", "14:00"]),
        (NOON + 39_600, 2.5, 3600, ["23:00", "Thu 16 Nov", "01:00"]),
        (SPRING - 3600, 3, 3600, ["01:00", "03:00", "04:00", "05:00"]),
        (AUTUMN - 3600, 3, 3600, ["02:00", "02:00", "03:00", "04:00"]),
        (AUTUMN - 86_400, 72, 86_400, ["Sun 27 Oct", "Mon 28 Oct", "Tue 29 Oct"]),
    ],
    ids=["seconds", "hours", "midnight", "clocks forward", "clocks back", "days over a change"],
)
def test_marks_stand_where_the_local_clock_is_even(start_s, hours, step_s, expected):
    assert texts(start_s, hours, step_s) == expected


def test_an_axis_has_as_many_marks_as_there_is_room_and_moments_are_told_in_full():
    assert [mark_step(span, 7) for span in (5, 300, 86_400, 365 * 86_400)] == [1, 60, 21_600, 53 * 86_400]
    assert moment_text(NOON, NOON + 60, BERLIN) == "12:00:00"
    assert moment_text(NOON, NOON + 86_400, BERLIN) == "Wed 15 Nov 12:00:00"
    assert moment_text(NOON, NOON + 365 * 86_400, BERLIN) == "Wed 15 Nov 2023 12:00:00"
    assert [offset_text(moment, BERLIN) for moment in (NOON, SPRING)] == ["UTC+01:00", "UTC+02:00"]
    assert [span_text(span) for span in (45.0, 300.0, 5400.0, 604_800.0)] == ["45 s", "5 min", "1.5 h", "7 d"]


def filled(seconds):
    recent = Recent(clocks=lambda: (NOW, NOW))
    add(recent, seconds)
    return recent


def add(recent, seconds):
    for second, people in seconds.items():
        recent._days[None].add(NOON + second, people)


def test_a_track_reads_only_what_is_new_and_shows_the_same_as_if_it_had_read_all():
    recent, track = filled({second: float(second % 50) for second in range(600)}), Track(None)
    for now in range(600, 700, 7):
        add(recent, {second: float(second % 50) for second in range(now - 7, now)})
        grid = CurveView(300).grid(NOON + now, 200)
        assert grid.step_s == 2
        np.testing.assert_array_equal(track.series(recent, grid, NOON + now).mean, recent.span(grid).mean)
    earlier = CurveView(300, NOON + 350.0).grid(NOON + 700, 200)
    np.testing.assert_array_equal(track.series(recent, earlier, NOON + 700).mean, recent.span(earlier).mean)


def test_the_log_fills_what_memory_does_not_know_and_nothing_else():
    recent, track, grid = filled({4: 40.0, 5: 50.0}), Track(None), Grid(NOON, 1, 6)
    track.take_past(series(1, 2, 3, 4, 5, 6))
    assert track.series(recent, grid, NOON + 6).mean.tolist() == [1, 2, 3, 4, 40, 50]
    assert track.series(None, grid, NOON + 6).mean.tolist() == [1, 2, 3, 4, 5, 6]
    coarse = track.series(recent, Grid(NOON, 2, 3), NOON + 6)  # for which the log was not asked yet
    np.testing.assert_array_equal(coarse.mean, [np.nan, np.nan, 45])


SCALE = Scale(x=10.0, x0=-10.0 * NOON, y=-1.0, y0=100.0)


def placed(values, scale, fine=1.0):
    return values, Across.of(values.grid, scale, fine)


def test_a_line_has_a_gap_where_nothing_is_known_and_a_lonely_count_is_seen():
    pieces = strokes(*placed(series(1, 3, None, 5, None, 7, 8), SCALE), ())
    assert pieces.tolist() == [[5, 99, 15, 97], [55, 93, 65, 92], [30, 95, 40, 95]]


def test_a_dashed_line_goes_through_every_point_and_leaves_the_same_parts_out_when_it_moves():
    pieces = strokes(*placed(series(*range(20)), SCALE), (6, 4))
    np.testing.assert_allclose(100 - pieces[:, 1], (pieces[:, 0] - 5) / 10, atol=1e-4)
    assert 0.5 <= len(pieces) * 2 / 190 <= 0.7
    moved = strokes(*placed(series(*range(20)), Scale(10.0, SCALE.x0 - 33, -1.0, 100.0)), (6, 4))
    np.testing.assert_allclose(moved[:, 0] + 33, pieces[:, 0])


@pytest.mark.parametrize("length", [0.9, 1.7, 2.0, 5.0])
def test_dashes_are_of_one_length_however_it_fits_to_the_buckets(length):
    drawn = dashed((4, 3), length, 1234, 400).astype(int)
    turns = np.flatnonzero(np.diff(drawn))
    lengths = np.diff(turns)
    assert set(lengths[::2]) | set(lengths[1::2]) == {int(np.ceil(4 / length)), int(np.ceil(3 / length))}
    assert (lengths[2:] == lengths[:-2]).all()


def test_a_band_has_an_upright_line_in_each_column_of_pixels_from_the_least_to_the_most():
    upright = bars(*placed(series(5, None, 7), Scale(2.0, -2.0 * NOON, -1.0, 100.0)))
    assert upright.tolist() == [[0, 96, 0, 94], [1, 96, 1, 94], [4, 94, 4, 92], [5, 94, 5, 92]]
    assert len(bars(*placed(series(5, None, 7), Scale(2.0, -2.0 * NOON, -1.0, 100.0), fine=0.5))) == 8


def test_a_line_is_as_thick_where_it_is_steep_as_where_it_is_flat():
    pieces = np.array([[0.0, 0.0, 4.0, 1.0], [4.0, 1.0, 5.0, 9.0]])
    assert thickened(pieces, 1, 1.0).tolist() == pieces.tolist()
    assert thickened(pieces, 2, 0.5)[2:].tolist() == [[0, 0.5, 4, 1.5], [4.5, 1, 5.5, 9]]


def test_lines_that_are_shown_together_all_look_different_and_keep_their_looks():
    looks, subjects = Looks(), [Subject(f"camera {number}") for number in range(32)]
    chosen = looks.choose(subjects)
    assert len({(look.colour, look.dash) for look in chosen.values()}) == 32
    assert all(one.dash != other.dash for one, other in pairwise(chosen[subject] for subject in subjects[:8]))
    fewer = looks.choose(subjects[5:])
    assert all(fewer[subject] == chosen[subject] for subject in subjects[5:])
    assert looks.choose([*subjects[5:], Subject("new")])[Subject("new")] == chosen[subjects[0]]


def test_values_are_said_with_what_is_known_of_them():
    line = Line(Look(0), series(4.4, None, step_s=5))
    assert [bucket_words(line, NOON + at_s) for at_s in (0, 4.9, 5, -1, 99)] == ["4 (3–5)", "4 (3–5)", "–", "–", "–"]
    assert bucket_words(Line(Look(0), series(4.4)), NOON) == "4"
    assert [count_words(None), count_words(7.6), count_words(None, 20)] == ["–", "8", "– of 20"]
