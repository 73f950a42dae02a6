"""The ground of a camera: found again from what a drawn camera shows, with areas, densities and refusals."""

from math import hypot, radians

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.calibration.crowding import BANDS, HEAD, band_of, densest, per_m2, zone_density
from engine.calibration.fitting import CLICK, CalibrationError, Distance, Person, fitted
from engine.calibration.ground import Ground

ASPECT = 16 / 9
VIEWS = [(3.0, 20, 80), (3.0, 35, 110), (6.0, 20, 60), (6.0, 35, 80), (6.0, 55, 110), (12.0, 35, 60), (12.0, 55, 80)]
"""Height in metres, tilt and horizontal field of view in degrees."""
FEET = np.array([[0.2, 0.95], [0.5, 0.9], [0.8, 0.85], [0.3, 0.6], [0.7, 0.55], [0.5, 0.7]])
YARD = ((0.25, 0.6), (0.7, 0.58), (0.85, 0.92), (0.15, 0.95))


def camera(height=6.0, tilt=35, field=80, roll=0.0):
    return Ground.of(field_of_view=radians(field), tilt=radians(tilt), height=height, aspect=ASPECT, roll=radians(roll))


def seen(ground, count=6, noise=0.0, seed=0, tall=1.7):
    """People as somebody marks them in a picture of 1080 rows; those whose heads leave the picture are left out."""
    drawn = np.random.default_rng(seed)
    feet = FEET[ground.is_ground(FEET)]
    heads = ground.head_of(feet, tall)
    shift = noise / 1080 / np.array([ASPECT, 1.0])
    feet, heads = (at + drawn.normal(size=at.shape) * shift for at in (feet, heads))
    return [Person(tuple(f), tuple(h), tall) for f, h in zip(feet, heads, strict=True)][:count]


def square(ground, corners=YARD):
    places = ground.on_ground(corners)
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    return [Distance(corners[a], corners[b], float(hypot(*(places[a] - places[b])))) for a, b in pairs]


@pytest.mark.parametrize("view", VIEWS)
def test_what_lies_on_the_ground_is_found_in_the_picture_and_back(view):
    ground = camera(*view, roll=3)
    below = FEET[ground.is_ground(FEET)]
    assert ground.in_picture(ground.on_ground(below)) == pytest.approx(below, abs=1e-9)
    assert ground.feet_of(ground.head_of(below, 1.7), 1.7) == pytest.approx(below, abs=1e-9)
    assert ground.field_of_view == pytest.approx(view[2])


def test_a_camera_that_looks_straight_down_sees_squares_as_they_are():
    ground = Ground.of(field_of_view=radians(90), tilt=radians(90), height=5.0, aspect=1.0)
    assert ground.area(((0, 0), (1, 0), (1, 1), (0, 1))) == pytest.approx(100.0)
    assert ground.cell_areas((4, 5)) == pytest.approx(np.full((4, 5), 5.0))


def test_above_the_horizon_there_is_no_ground():
    ground = camera(tilt=10, field=60)
    assert not ground.is_ground((0.5, 0.1))
    assert np.isnan(ground.on_ground((0.5, 0.1))).all()
    assert ground.area(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))) is None
    cells = ground.cell_areas((10, 10))
    assert np.isnan(cells[0]).all()
    assert (cells[-1] > 0).all()


@pytest.mark.parametrize("view", VIEWS)
def test_the_ground_is_found_from_distances_without_error_to_one_percent(view):
    truth = camera(*view)
    fit = fitted((), square(truth), ASPECT)
    assert fit.ground.area(YARD) == pytest.approx(truth.area(YARD), rel=0.01)
    assert fit.residual < 0.02 * truth.height


@pytest.mark.parametrize("view", VIEWS)
def test_the_ground_is_found_from_people_and_agrees_with_distances(view):
    truth = camera(*view)
    fit = fitted(seen(truth), (), ASPECT)
    assert fit.ground.area(YARD) == pytest.approx(truth.area(YARD), rel=0.05)


@pytest.mark.parametrize("view", VIEWS)
def test_clicks_that_are_two_pixels_off_leave_the_area_within_five_percent(view):
    truth = camera(*view)
    off = []
    for seed in range(2):
        people, distances = seen(truth, noise=2.0, seed=seed), square(truth)[:4]
        off.append(fitted(people, distances, ASPECT).ground.area(YARD) / truth.area(YARD) - 1)
    assert np.sqrt(np.mean(np.square(off))) < 0.05


@settings(max_examples=10, deadline=None)
@given(st.floats(2.5, 15), st.floats(15, 65), st.floats(55, 110), st.floats(-3, 3))
def test_any_camera_is_found_from_people_and_distances(height, tilt, field, roll):
    truth = camera(height, tilt, field, roll)
    yard = [corner for corner in YARD if truth.is_ground(corner)]
    if len(yard) < 4 or len(seen(truth)) < 4:
        return
    fit = fitted(seen(truth), square(truth), ASPECT)
    assert fit.ground.area(YARD) == pytest.approx(truth.area(YARD), rel=0.02)
    assert fit.doubt < 0.05


def test_what_is_doubtful_says_so():
    truth = camera()
    few, many = fitted(seen(truth)[:4], (), ASPECT), fitted(seen(truth), square(truth), ASPECT)
    assert 0 < many.doubt < few.doubt


@pytest.mark.parametrize(
    ("people", "distances", "words"),
    [
        ([Person((0.5, 0.9), (0.5, 0.7), 20.0)] * 2, [], "20 m tall"),
        ([Person((0.5, 0.7), (0.5, 0.7))] * 2, [], "a foot and a head"),
        ([Person((0.5, 0.9), (0.5, 0.7))], [], "expected 2 people"),
        ([], [Distance((0.1, 0.9), (0.1, 0.9), 3.0)] * 4, "same point"),
        ([], [Distance((0.1, 0.9), (0.2, 0.9), -1.0)] * 4, "more than 0"),
        ([Person((0.5, 0.9), (0.5, 0.75)), Person((0.52, 0.9), (0.52, 0.75))], [], "near and far|uncertain"),
    ],
)
def test_marks_that_tell_nothing_are_refused(people, distances, words):
    with pytest.raises(CalibrationError, match=words):
        fitted(people, distances, ASPECT)


def test_three_points_in_a_line_are_refused():
    corners = ((0.2, 0.6), (0.5, 0.6), (0.8, 0.6), (0.5, 0.9))
    with pytest.raises(CalibrationError, match="in a line"):
        fitted((), square(camera(), corners), ASPECT)


@pytest.mark.parametrize("view", [view for view in VIEWS if view[0] > 3])
def test_a_crowd_of_known_density_is_found_to_be_so(view):
    """Two people on every square metre, with the marks of a person who clicks."""
    truth, spacing = camera(*view), 0.1
    corners = truth.on_ground(YARD)
    low, high = corners.min(axis=0) - 2, corners.max(axis=0) + 2
    x, y = (np.arange(a, b, spacing) for a, b in zip(low, high, strict=True))
    crowd = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    heads = truth.in_picture(crowd, HEAD)
    share = np.full(len(crowd), 2.0 * spacing**2)
    density, _, _ = np.histogram2d(heads[:, 1], heads[:, 0], bins=(96, 128), range=((0, 1), (0, 1)), weights=share)
    density = density.astype(np.float32)
    fit = fitted(seen(truth, noise=2.0), square(truth)[:4], ASPECT).ground
    inner = ((0.4, 0.7), (0.65, 0.7), (0.7, 0.85), (0.35, 0.85))
    assert zone_density(density, fit, inner) == pytest.approx(2.0, rel=0.1)
    assert densest(density, fit).per_m2 == pytest.approx(2.0, rel=0.3)
    middle = slice(66, 80), slice(52, 76)
    areas = fit.cell_areas(density.shape, HEAD)
    assert np.average(per_m2(density, fit)[middle], weights=areas[middle]) == pytest.approx(2.0, rel=0.1)


def test_bands_are_named_by_their_limits():
    assert [band_of(band.above).name for band in BANDS] == list("ABCDEF")
    assert band_of(0.5).name == "A"
    assert band_of(3.56).name == "D"
    assert band_of(9.0).name == "F"


def test_the_densest_place_is_where_the_people_are():
    ground = camera()
    spot = np.array([1.0, 7.0])
    crowd = spot + np.random.default_rng(1).uniform(-1.5, 1.5, (45, 2))
    heads = ground.in_picture(crowd, HEAD)
    density, _, _ = np.histogram2d(heads[:, 1], heads[:, 0], bins=(192, 256), range=((0, 1), (0, 1)))
    found = densest(density.astype(np.float32), ground)
    assert found.per_m2 == pytest.approx(5.0, rel=0.1)
    assert found.centre == pytest.approx(spot, abs=0.8)
    assert densest(density.astype(np.float32), camera(tilt=-60)) is None


def test_a_click_is_finer_than_the_marks_it_is_compared_with():
    assert CLICK < 0.005
