"""Density maps keep the number of people, at every size and at the border."""

import numpy as np
import pytest

from trainer.density import density_map, pyramid

HEIGHT, WIDTH = 384, 512
CORNER = (np.nextafter(np.float32(WIDTH), np.float32(0)), np.nextafter(np.float32(HEIGHT), np.float32(0)))
PLACES = {
    "in the middle": [(256, 192)],
    "in the first corner": [(0, 0)],
    "in the last corner": [CORNER],
    "on all borders": [(0, 100), (511.9, 100), (200, 0), (200, 383.9)],
    "on one spot": [(17.5, 30.25)] * 40,
    "nowhere": [],
    "everywhere": np.random.default_rng(3).uniform((0, 0), (WIDTH, HEIGHT), (700, 2)),
}


def points_of(places: object) -> np.ndarray:
    return np.asarray(places, np.float32).reshape(-1, 2)


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("cell", [1, 8, 128])
def test_the_map_sums_to_the_number_of_heads(places: object, cell: int) -> None:
    points = points_of(places)
    density = density_map(points, height=HEIGHT, width=WIDTH, cell=cell)
    assert density.shape == (HEIGHT // cell, WIDTH // cell)
    assert density.sum(dtype=np.float64) == pytest.approx(len(points), abs=1e-4)
    assert density.min() >= 0


def test_a_coarse_map_equals_sum_pooling_the_full_size_map() -> None:
    points = points_of(PLACES["everywhere"])
    full = density_map(points, height=HEIGHT, width=WIDTH, cell=1)
    pooled = full.reshape(HEIGHT // 8, 8, WIDTH // 8, 8).sum((1, 3))
    np.testing.assert_allclose(density_map(points, height=HEIGHT, width=WIDTH, cell=8), pooled, atol=1e-5)


def test_the_pyramid_sums_to_the_same_number_on_every_level() -> None:
    finest = density_map(points_of(PLACES["everywhere"]), height=HEIGHT, width=WIDTH, cell=8)
    maps = pyramid(finest, 5)
    assert [m.shape for m in maps] == [(48, 64), (24, 32), (12, 16), (6, 8), (3, 4)]
    assert [m.sum(dtype=np.float64) for m in maps] == pytest.approx([700] * 5, abs=1e-3)
    for level, m in enumerate(maps):
        np.testing.assert_allclose(
            m, density_map(points_of(PLACES["everywhere"]), height=HEIGHT, width=WIDTH, cell=8 << level), atol=1e-4
        )


def test_a_head_is_a_gaussian_of_five_pixels() -> None:
    density = density_map(points_of([(256, 192)]), height=HEIGHT, width=WIDTH, cell=1).astype(np.float64)
    x = np.arange(WIDTH) + 0.5
    mean = (density.sum(0) * x).sum()
    assert mean == pytest.approx(256, abs=1e-3)
    assert np.sqrt((density.sum(0) * (x - mean) ** 2).sum()) == pytest.approx(5, abs=0.02)


def test_a_picture_that_is_no_multiple_of_the_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="picture is 100x512, expected multiples of the cell of 8 pixels"):
        density_map(points_of([]), height=100, width=512, cell=8)
