import numpy as np
import pytest

from engine.picture.polygon import checked, coverage, signed_area
from engine.picture.zones import Zone, ZoneCount, zone_counts

LEFT = Zone("left", checked([[0, 0], [0.37, 0], [0.53, 1], [0, 1]]))
RIGHT = Zone("right", checked([[0.37, 0], [1, 0], [1, 1], [0.53, 1]]))
CORNER = Zone("corner", checked([[0, 0], [0.5, 0], [0.5, 0.5], [0, 0.5]]))
EMPTY = np.zeros((24, 32), np.float32)


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (24, 32), (72, 160)])
def test_coverage_is_exact_for_any_size_of_cells(shape):
    polygon = checked([[0.1, 0.2], [0.9, 0.05], [0.7, 0.95], [0.4, 0.5]])
    assert coverage(polygon, shape).mean() == pytest.approx(abs(signed_area(polygon)), abs=1e-9)
    np.testing.assert_allclose(coverage(polygon[::-1], shape), coverage(polygon, shape), atol=1e-9)


def test_a_cell_that_is_partly_covered_counts_in_part():
    np.testing.assert_allclose(coverage(checked([[0, 0], [0.75, 0], [0.75, 1], [0, 1]]), (1, 2)), [[1.0, 0.5]])


@pytest.mark.parametrize("count", [0.0, 1e-9, 0.3, 123.4, 5000.0])
@pytest.mark.parametrize("kind", ["noise", "empty", "tiny", "one cell"])
def test_zones_that_divide_the_picture_add_up_to_the_count(kind, count):
    density = {
        "noise": np.random.default_rng(0).random((24, 32)).astype(np.float32),
        "empty": EMPTY,
        "tiny": np.full((24, 32), 1e-20, np.float32),
        "one cell": np.where(np.arange(24 * 32).reshape(24, 32) == 400, np.float32(3), np.float32(0)),
    }[kind]
    found = zone_counts(count, density, [LEFT, RIGHT])
    assert sum(zone.people for zone in found) == pytest.approx(count, abs=1e-4)
    assert all(0 <= zone.people <= count for zone in found)


def test_a_zone_has_the_people_who_stand_in_it():
    density = EMPTY.copy()
    density[3, 4], density[20, 30] = 1.0, 3.0
    (found,) = zone_counts(8.0, density, [CORNER])
    assert found == ZoneCount("corner", pytest.approx(2.0, abs=1e-4))


def test_an_empty_map_gives_each_zone_its_share_of_the_included_area():
    included = np.zeros((24, 32))
    included[:12] = 1.0
    assert zone_counts(8.0, EMPTY, [CORNER])[0].people == pytest.approx(2.0)
    assert zone_counts(8.0, EMPTY, [CORNER], included=included)[0].people == pytest.approx(4.0)


def test_cells_below_zero_or_not_finite_count_as_empty():
    density = EMPTY.copy()
    density[0, :4] = [np.nan, np.inf, -5.0, 1.0]
    assert zone_counts(2.0, density, [CORNER])[0].people == pytest.approx(2.0, abs=1e-4)


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        pytest.param([[0, 0]], "has 1 points, expected at least 3", id="one point"),
        pytest.param([[0, 0], [1, 1]], "has 2 points, expected at least 3", id="two points"),
        pytest.param([[0, 0], [1, 1], [0, 0]], "has 2 points", id="closed line"),
        pytest.param([[0, 0], [1, 1], [1, 0], [0, 1]], r"crosses itself \(edges 1 and 3\)", id="bow tie"),
        pytest.param([[0, 0], [1, 0], [0.5, 0]], "crosses itself", id="on one line"),
        pytest.param([[0, 0], [1, 0], [1, 1], [0.5, 0]], "crosses itself", id="touches itself"),
        pytest.param([[0, 0], [1e-4, 0], [0, 1e-4]], "covers 5e-09 of the picture", id="no area"),
        pytest.param([[0, 0], [2, 0], [1, 1]], r"point 2 at \(2, 0\), expected coordinates from 0 to 1", id="outside"),
        pytest.param([[0, 0], [float("nan"), 0], [1, 1]], "point 2", id="not a number"),
        pytest.param([[0, 0], [1], [1, 1]], "point 2 that is no pair", id="no pair"),
        pytest.param("abc", "no list of points", id="text"),
    ],
)
def test_a_polygon_that_is_not_sound_is_refused(points, reason):
    with pytest.raises(ValueError, match=reason):
        checked(points)


def test_a_closed_polygon_loses_only_the_point_given_twice():
    assert set(checked([[0, 0], [1, 0], [1, 1], [0, 0]])) == {(0, 0), (1, 0), (1, 1)}
