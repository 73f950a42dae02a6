"""Heads are the maxima of a density map, and colours show it by a scale that does not flicker."""

from itertools import pairwise

import numpy as np
import pytest

from engine.picture.heads import heads
from engine.picture.heatmap import FALL_S, PALETTE, Scale, coloured, softened, usual_most
from engine.picture.tiling import Grid

SHAPE = (96, 128)


def drawn(*people, noise=0.0):
    """A map of people at (x, y), 0 to 1, each a blob that sums up to one."""
    rows, columns = np.indices(SHAPE) + 0.5
    density = np.abs(np.random.default_rng(2).normal(0, noise, SHAPE))
    for x, y in people:
        blob = np.exp(-((columns - x * SHAPE[1]) ** 2 + (rows - y * SHAPE[0]) ** 2) / (2 * 1.8**2))
        density += blob / blob.sum()
    return density.astype(np.float32)


SCATTERED = [(x, y) for x in np.linspace(0.1, 0.9, 7) for y in np.linspace(0.15, 0.85, 5)]


@pytest.mark.parametrize("noise", [0.0, 0.0005], ids=["clean", "noisy"])
@pytest.mark.parametrize(
    "people", [[(0.5, 0.5)], [(0.2, 0.3), (0.26, 0.3)], SCATTERED], ids=["one", "two near", "scattered"]
)
def test_people_who_stand_apart_are_a_point_each_where_they_stand(people, noise):
    density = drawn(*people, noise=noise)
    found = heads(density)
    assert len(found) == len(people)
    assert (found.dtype, found.min() >= 0, found.max() <= 1) == (np.float32, True, True)
    for x, y in people:
        assert np.hypot(found[:, 0] - x, found[:, 1] - y).min() < 0.02


def test_people_in_a_crowd_are_fewer_points_and_never_more_than_twice_the_people():
    rng = np.random.default_rng(3)
    density = drawn(*rng.uniform(0.3, 0.7, (200, 2)))
    found = heads(density)
    assert 20 < len(found) <= 2 * density.sum()
    assert (found > 0.25).all()
    assert (found < 0.75).all()


@pytest.mark.parametrize(
    ("density", "most"),
    [
        pytest.param(np.zeros(SHAPE, np.float32), 0, id="nobody"),
        pytest.param(np.full(SHAPE, 7 / 6144, np.float32), 1, id="spread evenly"),
        pytest.param(np.full(SHAPE, np.nan, np.float32), 0, id="nothing finite"),
        pytest.param(np.full((1, 1), 3.0, np.float32), 1, id="a single cell"),
    ],
)
def test_a_map_without_maxima_has_hardly_a_head(density, most):
    found = heads(density)
    assert found.shape[1] == 2
    assert len(found) <= most


def test_an_automatic_scale_rises_at_once_and_falls_slowly_but_not_to_the_noise_of_an_empty_place():
    scale = Scale()
    assert scale.most(2.0, 100.0, least=0.5) == 2.0
    assert scale.most(8.0, 100.1, least=0.5) == 8.0
    slow = [scale.most(1.0, 100.1 + second, least=0.5) for second in range(1, 200)]
    assert slow[0] == pytest.approx(8.0, rel=1.5 / FALL_S)
    assert all(0 <= before - after < 0.06 * before for before, after in pairwise(slow))
    assert slow[-1] == 1.0
    assert scale.most(0.0, 1e4, least=0.5) == 0.5
    assert scale.most(0.1, 0.0, least=0.05) == 0.5  # a clock that went back changes nothing


def test_the_strongest_colour_is_where_the_map_reaches_the_scale():
    soft = softened(drawn((0.5, 0.5)))
    peak = float(soft.max())
    assert peak < drawn((0.5, 0.5)).max()
    strong, weak = coloured(soft, peak), coloured(soft, 100 * peak)
    assert strong.shape == (*SHAPE, 4)
    assert (strong.reshape(-1, 4) == PALETTE[-1]).all(axis=1).any()
    assert (weak[..., 3] <= PALETTE[3, 3]).all()
    assert usual_most(soft, Grid(2, 2)) == pytest.approx(4 * usual_most(soft, Grid(1, 1)))
