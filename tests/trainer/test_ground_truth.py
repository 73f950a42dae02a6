"""Tiles carry the density that was configured, and the adaptive one is that of the whole picture."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.random import default_rng
from numpy.typing import NDArray

from trainer.config import load_config
from trainer.datasets import Annotated
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.augment import planned_tile
from trainer.tiles.crops import Sampler
from trainer.tiles.density import GroundTruthConfig, adaptive_sigmas, density_map
from trainer.tiles.plan import CropConfig, Plan, Window, random_plan

ADAPTIVE = GroundTruthConfig("adaptive")
EVERYTHING = CropConfig(scale_jitter=2, colour_jitter=0.3, grey=0.3, perspective=0.7, blur=0.5, jpeg=0.5)


def crowd(height: int, width: int, people: int) -> Annotated:
    points = default_rng(people).uniform((0, 0), (width, height), (people, 2)).astype(np.float32)
    return Annotated("crowd", np.full((height, width, 3), 255, np.uint8), points)


@pytest.mark.parametrize("kernel", ["fixed", "adaptive"])
@pytest.mark.parametrize("config", [CropConfig(), EVERYTHING, CropConfig(patches="nine")], ids=["plain", "all", "nine"])
def test_maps_sum_to_the_people_in_the_tile(kernel: str, config: CropConfig) -> None:
    pictures = [crowd(500, 900, people) for people in (0, 1, 3, 4, 500)]
    sampler = Sampler(pictures, 1, 10, config, ground_truth=GroundTruthConfig(kernel))
    for step in range(2):
        batch = sampler.batch(step)
        for density in batch.maps.values():
            torch.testing.assert_close(density.double().sum((1, 2)), batch.counts.double(), atol=1e-4, rtol=0)


@pytest.mark.parametrize("config", [CropConfig(), EVERYTHING], ids=["plain", "all"])
def test_a_tile_remembers_whose_heads_it_shows(config: CropConfig) -> None:
    source = crowd(500, 900, 60)
    for seed in range(4):
        plan = random_plan(500, 900, default_rng(seed), config)
        tile = planned_tile(source, plan)
        assert len(tile.heads) == len(tile.points) == len(set(tile.heads.tolist()))
        alone = [planned_tile(replace(source, points=source.points[[head]]), plan).points for head in tile.heads]
        np.testing.assert_allclose(np.concatenate(alone), tile.points, atol=1e-3)


def test_a_head_has_the_same_width_whatever_the_tile_shows_of_its_neighbours() -> None:
    heads = [[300.0, 200.0], [340, 200], [300, 250], [260, 200], [300, 160]]
    source = Annotated("five", np.zeros((800, 1200, 3), np.uint8), np.array(heads, np.float32))
    windows = [Window(0, 0, 384, 512), Window(180, 280, 384, 512)]  # the second cuts two neighbours off
    widths = []
    for window in windows:
        tile = planned_tile(source, Plan(window))
        whole = adaptive_sigmas(source.points, height=800, width=1200, config=ADAPTIVE)
        widths.append(whole[tile.heads][list(tile.heads).index(0)] * Plan(window).zoom)
    assert len(planned_tile(source, Plan(windows[1])).heads) < len(heads)
    assert widths[0] == widths[1] == pytest.approx(0.3 * (40 + 40 + 40) / 3)


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_adaptive_sigmas_grow_with_the_tile(scale: float) -> None:
    """A tile of the whole picture has the map that the resized picture would have."""
    source = crowd(round(TILE_HEIGHT / scale), round(TILE_WIDTH / scale), 60)
    batch = Sampler([source], 1, 1, CropConfig(mirror=False), ground_truth=ADAPTIVE).batch(0)
    height, width = source.picture.shape[:2]
    if scale >= 1:  # then the only tile there is shows the whole picture
        sigmas = adaptive_sigmas(source.points, height=height, width=width, config=ADAPTIVE) * scale
        whole = density_map(source.points * scale, height=TILE_HEIGHT, width=TILE_WIDTH, cell=8, sigma=sigmas)
        np.testing.assert_allclose(batch.maps[8][0].numpy(), whole, atol=1e-4)
    else:
        assert batch.counts.item() < 60


@pytest.mark.parametrize(("corners", "zoom"), [(None, 2.0), ([[64, 48], [448, 48], [448, 336], [64, 336]], 8 / 3)])
def test_zoom_is_how_much_larger_people_are(corners: list[list[int]] | None, zoom: float) -> None:
    pulled = None if corners is None else np.array(corners, np.float64)
    assert Plan(Window(10, 10, 192, 256), corners=pulled).zoom == pytest.approx(zoom)


def test_the_fixed_sigma_is_in_pixels_of_the_tile() -> None:
    source = Annotated("one", np.zeros((192, 256, 3), np.uint8), np.array([[128, 96]], np.float32))
    for sigma in (5.0, 9.0):
        truth = GroundTruthConfig(sigma=sigma)
        found = Sampler([source], 1, 1, CropConfig(mirror=False), ground_truth=truth).batch(0).maps[8][0].numpy()
        expected = density_map(
            np.array([[256, 192]], np.float32), height=TILE_HEIGHT, width=TILE_WIDTH, cell=8, sigma=sigma
        )
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_kernel_is_part_of_the_configuration() -> None:
    config = load_config(None, ["ground_truth.kernel=adaptive", "ground_truth.beta=0.2", "ground_truth.k=5"])
    assert config.ground_truth == GroundTruthConfig("adaptive", k=5, beta=0.2)
    assert load_config("paper").ground_truth == GroundTruthConfig("fixed", sigma=5.0)


def test_the_neighbours_of_heads_are_looked_for_once_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(points: NDArray[np.float32], **named: Any) -> NDArray[np.float64]:
        asked.append(len(points))
        return adaptive_sigmas(points, **named)

    monkeypatch.setattr("trainer.tiles.crops.adaptive_sigmas", counted)
    sampler = Sampler([crowd(500, 900, people) for people in (40, 50)], 1, 4, CropConfig(), ground_truth=ADAPTIVE)
    for step in range(3):
        sampler.batch(step)
    assert sorted(asked) == [40, 50]
