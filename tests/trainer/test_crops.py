"""Training tiles show the people they are said to show."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.random import default_rng

from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.evaluation.tiling import cut, sample_tiles
from trainer.geometry import BRANCH_SIZES, BRANCH_STRIDES, TILE_HEIGHT, TILE_WIDTH, grid_for
from trainer.tiles.crops import Sampler, random_tile
from trainer.tiles.density import density_map
from trainer.tiles.plan import CropConfig

STRONG = CropConfig(scale_jitter=1.5, mirror=True, colour_jitter=0.2, grey=0.3)


def dotted(height: int, width: int, people: int) -> Annotated:
    """Draws a white picture with a black square at each head."""
    points = default_rng(people).uniform((4, 4), (width - 4, height - 4), (people, 2)).astype(np.float32)
    picture = np.full((height, width, 3), 255, np.uint8)
    for x, y in points.astype(int):
        picture[y - 3 : y + 4, x - 3 : x + 4] = 0
    return Annotated("dots", picture, points)


@pytest.fixture(scope="module")
def pictures(data: Path) -> list[Annotated]:
    return load_all(open_dataset(data, Choice("train")))


@pytest.mark.parametrize("size", [(768, 1024), (384, 512), (300, 900), (60, 80)], ids=str)
@pytest.mark.parametrize("config", [CropConfig(), STRONG], ids=["plain", "strong"])
def test_points_are_inside_their_tile_and_on_their_heads(size: tuple[int, int], config: CropConfig) -> None:
    source = dotted(*size, people=60)
    seen = 0
    for seed in range(12):
        tile, points, _ = random_tile(source, default_rng(seed), config)
        assert tile.shape == (TILE_HEIGHT, TILE_WIDTH, 3)
        assert tile.dtype == np.uint8
        assert (points >= 0).all()
        assert (points < (TILE_WIDTH, TILE_HEIGHT)).all()
        darkness = [tile[int(y), int(x)].mean() for x, y in points]
        assert max(darkness, default=0) < 100
        seen += len(points)
    assert seen > 0


def test_mirroring_a_tile_mirrors_its_density() -> None:
    source = dotted(TILE_HEIGHT, TILE_WIDTH, people=50)  # as large as a tile: only mirroring is left to chance
    tiles = [random_tile(source, default_rng(seed), CropConfig()) for seed in range(12)]
    mirrored = [(tile, points) for tile, points, _ in tiles if not np.array_equal(tile, source.picture)]
    assert 0 < len(mirrored) < len(tiles)
    straight = density_map(source.points, height=TILE_HEIGHT, width=TILE_WIDTH, cell=8)
    for tile, points in mirrored:
        np.testing.assert_array_equal(tile, source.picture[:, ::-1])
        density = density_map(points, height=TILE_HEIGHT, width=TILE_WIDTH, cell=8)
        np.testing.assert_allclose(density, straight[:, ::-1], atol=1e-4)


def test_a_head_on_the_left_border_stays_inside_when_mirrored() -> None:
    source = Annotated("edge", np.zeros((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8), np.zeros((1, 2), np.float32))
    found = [random_tile(source, default_rng(seed), CropConfig())[1] for seed in range(12)]
    assert all(len(points) == 1 and points[0, 0] < TILE_WIDTH for points in found)
    assert {bool(points[0, 0] > 0) for points in found} == {False, True}


def test_a_batch_depends_on_nothing_but_seed_and_step(pictures: list[Annotated]) -> None:
    def draw(seed: int, step: int) -> torch.Tensor:
        return Sampler(pictures, seed, 2, STRONG).batch(step).tiles

    assert torch.equal(draw(1, 5), draw(1, 5))
    assert not torch.equal(draw(1, 5), draw(1, 6))
    assert not torch.equal(draw(1, 5), draw(2, 5))


def test_every_picture_is_used_once_before_any_is_used_again(pictures: list[Annotated]) -> None:
    sampler = Sampler(pictures, 1, 4, CropConfig())
    names = [name for step in range(9) for name in sampler.batch(step).names]
    assert len(pictures) == 18
    assert set(names[:18]) == set(names[18:]) == {p.name for p in pictures}


def test_maps_and_counts_of_a_batch_agree(pictures: list[Annotated]) -> None:
    batch = Sampler(pictures, 1, 6, STRONG).batch(0)
    assert {k: tuple(m.shape[1:]) for k, m in batch.maps.items()} == dict(
        zip(BRANCH_STRIDES, BRANCH_SIZES, strict=True)
    )
    for density in batch.maps.values():
        torch.testing.assert_close(density.sum((1, 2)), batch.counts, atol=1e-3, rtol=0)


def test_a_picture_with_nobody_gives_empty_maps() -> None:
    nobody = Annotated("empty", np.zeros((200, 300, 3), np.uint8), np.zeros((0, 2), np.float32))
    batch = Sampler([nobody], 1, 2, STRONG).batch(0)
    assert batch.counts.tolist() == [0, 0]
    assert all(density.abs().max() == 0 for density in batch.maps.values())


@pytest.mark.parametrize(
    ("size", "grid"),
    [((384, 512), (1, 1)), ((768, 1024), (2, 2)), ((96, 128), (1, 1)), ((1080, 1920), (3, 4)), ((400, 2000), (1, 4))],
    ids=str,
)
def test_a_picture_is_cut_into_whole_tiles(size: tuple[int, int], grid: tuple[int, int]) -> None:
    assert grid_for(*size) == grid
    tiles = cut(np.zeros((*size, 3), np.uint8))
    assert tiles.shape == (grid[0] * grid[1], TILE_HEIGHT, TILE_WIDTH, 3)


def test_tiles_are_cut_row_by_row() -> None:
    picture = default_rng(1).integers(0, 255, (2 * TILE_HEIGHT, 2 * TILE_WIDTH, 3), np.uint8)
    tiles = cut(picture)
    np.testing.assert_array_equal(tiles[1], picture[:TILE_HEIGHT, TILE_WIDTH:])
    np.testing.assert_array_equal(tiles[2], picture[TILE_HEIGHT:, :TILE_WIDTH])


def test_sampled_tiles_are_spread_over_all_pictures() -> None:
    pictures = [
        Annotated(str(k), np.full((TILE_HEIGHT, TILE_WIDTH, 3), k, np.uint8), np.zeros((0, 2), np.float32))
        for k in range(5)
    ]
    assert [int(tile.mean()) for tile in sample_tiles(pictures, 3)] == [0, 2, 4]
