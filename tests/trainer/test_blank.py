"""Drawn tiles show nobody, are the same for the same number, and are as different as what blinds a camera."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.random import default_rng

from trainer.config import load_config
from trainer.datasets import Annotated
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.augment import planned_tile
from trainer.tiles.blank import blank_tile
from trainer.tiles.crops import Sampler
from trainer.tiles.plan import CropConfig, Plan, Window, random_plan

SEEDS = range(1, 61)


@pytest.fixture(scope="module")
def crowd() -> Annotated:
    points = default_rng(1).uniform((0, 0), (TILE_WIDTH, TILE_HEIGHT), (80, 2)).astype(np.float32)
    return Annotated("crowd", np.full((TILE_HEIGHT, TILE_WIDTH, 3), 77, np.uint8), points)


def test_a_blank_tile_is_a_function_of_its_number() -> None:
    for seed in SEEDS[:8]:
        tile = blank_tile(seed)
        assert (tile.shape, tile.dtype) == ((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
        np.testing.assert_array_equal(tile, blank_tile(seed))
    assert len({blank_tile(seed).tobytes() for seed in SEEDS}) > 0.9 * len(SEEDS)  # some are plainly black or white


def test_some_are_of_one_colour_and_some_are_full_of_pattern() -> None:
    contrasts = np.array([blank_tile(seed).std(axis=(0, 1)).max() for seed in SEEDS])
    assert (contrasts == 0).any()
    assert (contrasts > 30).any()


def test_some_are_black_and_some_are_white() -> None:
    means = np.array([blank_tile(seed).mean() for seed in range(1, 201)])
    assert means.min() < 5
    assert means.max() > 250


def test_a_blank_tile_has_no_heads_whatever_the_picture_shows(crowd: Annotated) -> None:
    plan = Plan(Window(0, 0, TILE_HEIGHT, TILE_WIDTH), blank=7)
    tile = planned_tile(crowd, plan)
    assert (tile.points.shape, tile.heads.shape) == ((0, 2), (0,))
    np.testing.assert_array_equal(tile.pixels, blank_tile(7))
    compressed = planned_tile(crowd, replace(plan, quality=30))
    assert len(compressed.points) == 0
    assert not np.array_equal(compressed.pixels, tile.pixels)


def test_as_many_tiles_are_blank_as_were_asked_for() -> None:
    rng = default_rng(1)
    plans = [random_plan(500, 700, rng, CropConfig(blank=0.25)) for _ in range(400)]
    assert 0.18 < np.mean([plan.blank > 0 for plan in plans]) < 0.32
    assert len({plan.blank for plan in plans if plan.blank}) == sum(plan.blank > 0 for plan in plans)


def test_a_batch_says_that_nobody_is_on_blank_tiles(crowd: Annotated) -> None:
    config = replace(load_config("light").crops, blank=1.0)
    batch = Sampler([crowd], 1, 4, config).batch(0)
    assert batch.counts.tolist() == [0, 0, 0, 0]
    assert all(float(density.abs().sum()) == 0 for density in batch.maps.values())


def test_asking_for_none_leaves_all_other_numbers_alone() -> None:
    config = load_config("robust").crops
    with_blank = [random_plan(500, 700, default_rng(seed), replace(config, blank=0.5)) for seed in range(20)]
    without = [random_plan(500, 700, default_rng(seed), config) for seed in range(20)]
    assert [replace(plan, blank=0) for plan in with_blank] == without
    assert any(plan.blank for plan in with_blank)
