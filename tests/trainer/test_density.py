"""Density maps keep the number of people, at every size and at the border."""

import numpy as np
import pytest

from trainer.config import load_config
from trainer.errors import TrainerError
from trainer.tiles.density import KERNELS, GroundTruthConfig, adaptive_sigmas, density_map, pyramid

HEIGHT, WIDTH = 384, 512
ADAPTIVE = GroundTruthConfig("adaptive")
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


@pytest.mark.parametrize("places", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("cell", [1, 8, 128])
def test_the_adaptive_map_sums_to_the_number_of_heads(places: object, cell: int) -> None:
    points = points_of(places)
    sigmas = adaptive_sigmas(points, height=HEIGHT, width=WIDTH, config=ADAPTIVE)
    density = density_map(points, height=HEIGHT, width=WIDTH, cell=cell, sigma=sigmas)
    assert density.sum(dtype=np.float64) == pytest.approx(len(points), abs=1e-4)
    assert density.min() >= 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_four_thousand_heads_keep_their_number_at_full_size(kernel: str) -> None:
    points = np.random.default_rng(7).uniform((0, 0), (1024, 768), (4000, 2)).astype(np.float32)
    points[:60] = [(0, 0)] * 20 + [(1023.99, 767.99)] * 20 + [(500, 767.999)] * 20
    sigma: float | np.ndarray = 5.0
    if kernel == "adaptive":
        sigma = adaptive_sigmas(points, height=768, width=1024, config=ADAPTIVE)
    density = density_map(points, height=768, width=1024, cell=1, sigma=sigma)
    assert density.sum(dtype=np.float64) == pytest.approx(4000, abs=1e-4)


def test_sigma_is_three_tenths_of_the_mean_distance_to_three_neighbours() -> None:
    points = points_of([(100, 100), (110, 100), (100, 120), (130, 100), (300, 300)])
    sigmas = adaptive_sigmas(points, height=HEIGHT, width=WIDTH, config=ADAPTIVE)
    assert sigmas[0] == pytest.approx(0.3 * (10 + 20 + 30) / 3)
    assert sigmas[4] == pytest.approx(0.05 * HEIGHT)  # a lonely head, cut off at the cap


@pytest.mark.parametrize("people", range(4))
def test_up_to_three_heads_have_the_fixed_sigma(people: int) -> None:
    points = points_of([(10, 10), (300, 20), (40, 350)][:people])
    config = GroundTruthConfig("adaptive", sigma=7)
    assert adaptive_sigmas(points, height=HEIGHT, width=WIDTH, config=config).tolist() == [7] * people


def test_heads_on_one_spot_keep_a_width() -> None:
    sigmas = adaptive_sigmas(points_of(PLACES["on one spot"]), height=HEIGHT, width=WIDTH, config=ADAPTIVE)
    assert set(sigmas.tolist()) == {0.5}


def test_each_head_is_a_gaussian_of_its_own_width() -> None:
    points = points_of([(128, 192), (384, 192)])
    density = density_map(points, height=HEIGHT, width=WIDTH, cell=1, sigma=np.array([3.0, 9.0])).astype(np.float64)
    for half, expected in ((density[:, :256], 3), (density[:, 256:], 9)):
        x = np.arange(256) + 0.5
        assert half.sum() == pytest.approx(1, abs=1e-4)
        assert np.sqrt((half.sum(0) * (x - 128) ** 2).sum()) == pytest.approx(expected, abs=0.03)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("kernel=round", "kernel is 'round', expected fixed or adaptive"),
        ("sigma=0", r"sigma is 0.0, expected a number above 0"),
        ("k=0", "k is 0, expected at least 1 neighbour"),
        ("beta=-1", r"beta is -1.0, expected a number above 0"),
        ("cap=inf", "cap is inf, expected a number above 0"),
    ],
)
def test_a_kernel_that_cannot_be_is_refused(override: str, message: str) -> None:
    with pytest.raises(TrainerError, match=message):
        load_config(None, [f"ground_truth.{override}"])
