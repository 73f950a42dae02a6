"""What a model is shown of nothing shows nobody: neither heads nor the bodies below them."""

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from trainer.datasets import Annotated, Choice, load_all, open_dataset
from trainer.evaluation.behaviour import DRAWN, PER_KIND, PER_PICTURE, EmptyTile, empty_tiles
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.tiles.blank import blank_tile_of
from trainer.tiles.plan import CropConfig, random_plan

PARTS = [Path(__file__).parents[3] / "shared/data/shanghaitech" / part / "train_data" for part in ("part_A", "part_B")]


def with_heads(*heads: tuple[float, float]) -> Annotated:
    """Draws a picture of 2 x 2 tiles whose pixels tell where they are: red and green count fours of pixels."""
    y, x = np.indices((2 * TILE_HEIGHT, 2 * TILE_WIDTH)) // 4
    pixels = np.stack([y, x, np.zeros_like(x)], axis=-1).astype(np.uint8)
    return Annotated("square", pixels, np.array(heads, np.float32).reshape(-1, 2))


def of_pictures(tiles: list[EmptyTile]) -> list[EmptyTile]:
    return [tile for tile in tiles if " at " in tile.name]


def corners(tile: EmptyTile) -> tuple[int, int, int, int]:
    """Returns what part of such a picture a tile shows: top, left, bottom, right."""
    (top, left), (bottom, right) = tile.pixels[0, 0, :2].tolist(), tile.pixels[-1, -1, :2].tolist()
    return 4 * top, 4 * left, 4 * bottom + 4, 4 * right + 4


def test_every_kind_of_nothing_is_there_once() -> None:
    tiles = empty_tiles([])
    names = [tile.name for tile in tiles]
    assert len(set(names)) == len(names) == 14 + len(DRAWN) * PER_KIND
    assert {name.split()[0] for name in names} == {"grey", *DRAWN}
    assert all((tile.pixels.shape, tile.pixels.dtype) == ((TILE_HEIGHT, TILE_WIDTH, 3), np.uint8) for tile in tiles)
    assert len({tile.pixels.tobytes() for tile in tiles}) == len(tiles)


def test_drawn_tiles_are_none_that_a_training_draws() -> None:
    rng, config = default_rng(1), CropConfig(blank=1.0)
    trained = {random_plan(400, 600, rng, config).blank for _ in range(1000)}
    assert max(trained) < 2**31
    drawn = {tile.name: tile.pixels for tile in empty_tiles([])}
    np.testing.assert_array_equal(drawn["bricks 2"], blank_tile_of("bricks", 2**31 + 1))


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ((), 4),
        (((512, 700),), 4),
        (((100, 500), (400, 500), (700, 500), (1000, 500)), 2),
        (((512, 100),), 4),
        (tuple((x, 60) for x in range(0, 1024, 100)), 4),
        (tuple((x, 200) for x in range(0, 1024, 100)), 0),
    ],
    ids=["nobody", "one below", "a row in the middle", "one above", "a row at the top", "a row all stand below"],
)
def test_parts_of_pictures_show_neither_heads_nor_what_hangs_below_them(
    heads: tuple[tuple[float, float], ...], expected: int
) -> None:
    source = with_heads(*heads)
    parts = [corners(tile) for tile in of_pictures(empty_tiles([source]))]
    assert len(parts) == expected <= PER_PICTURE
    for top, left, bottom, right in parts:
        for x, y in heads:
            assert not (left - 60 < x < right + 60 and top - 380 < y < bottom + 36)
    for one, other in combinations(parts, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@pytest.mark.shared_data
@pytest.mark.skipif(not all(part.is_dir() for part in PARTS), reason="ShanghaiTech is not there")
def test_the_held_out_pictures_have_many_and_none_of_those_that_show_bodies() -> None:
    found = {
        part.parent.name: of_pictures(empty_tiles(load_all(open_dataset(part, Choice("held-out"))))) for part in PARTS
    }
    assert sum(map(len, found.values())) >= 40
    names = {tile.name for tile in found["part_B"]}
    assert not names & {"IMG_180 at 0,576", "IMG_240 at 640,192", "IMG_40 at 768,288"}
    assert {"IMG_110 at 0,0", "IMG_100 at 768,0"} < names  # signs with writing
