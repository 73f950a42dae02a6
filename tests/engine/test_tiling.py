import av
import numpy as np
import pytest

from engine.picture.room import Room
from engine.picture.shot import Decoded
from engine.picture.tiling import TILE_HEIGHT, TILE_WIDTH, Grid, combine, divide, grid_for


@pytest.mark.parametrize(
    ("height", "width", "rows", "columns"),
    [
        pytest.param(384, 512, 1, 1, id="one tile"),
        pytest.param(768, 1024, 2, 2, id="shanghaitech part B"),
        pytest.param(576, 768, 2, 2, id="pets"),
        pytest.param(720, 1280, 2, 2, id="720p"),
        pytest.param(1080, 1920, 3, 4, id="1080p"),
        pytest.param(1280, 720, 2, 1, id="upright"),
        pytest.param(40, 60, 1, 1, id="tiny"),
        pytest.param(100, 4000, 1, 8, id="panorama"),
    ],
)
def test_grid_keeps_a_frame_nearest_to_its_own_size(height, width, rows, columns):
    assert grid_for(height, width) == Grid(rows, columns)


def test_tiles_of_a_frame_of_whole_tiles_are_its_parts():
    picture = np.random.default_rng(0).integers(0, 256, (2 * TILE_HEIGHT, 3 * TILE_WIDTH, 3), dtype=np.uint8)
    tiles = divide(picture, Grid(2, 3))
    assert tiles.shape == (6, TILE_HEIGHT, TILE_WIDTH, 3)
    np.testing.assert_array_equal(tiles[4], picture[TILE_HEIGHT:, TILE_WIDTH : 2 * TILE_WIDTH])


def test_combined_maps_lie_where_their_tiles_lay():
    maps = np.arange(6, dtype=np.float32)[:, None, None] * np.ones((1, 4, 5), np.float32)
    whole = combine(maps, Grid(2, 3))
    assert whole.shape == (8, 15)
    assert whole[0, 14] == 2
    assert whole[7, 0] == 3
    assert whole.sum() == maps.sum()


def test_a_grid_without_tiles_is_refused():
    with pytest.raises(ValueError, match="grid is 0x2"):
        Grid(0, 2)


@pytest.mark.parametrize("grid", [Grid(1, 1), Grid(2, 2), Grid(3, 4)], ids=str)
def test_tiles_cut_from_the_planes_are_those_of_the_whole_picture(clip, grid):
    with av.open(str(clip(frames=1, size=(480, 854)))) as container:
        shot = Decoded(next(container.decode(video=0)))
    tiles = np.empty((grid.tiles, TILE_HEIGHT, TILE_WIDTH, 3), np.uint8)
    shot.tiles(grid, tiles)
    np.testing.assert_array_equal(tiles, divide(shot.rgb(grid.rows * TILE_HEIGHT, grid.columns * TILE_WIDTH), grid))


def test_room_for_tiles_is_used_again_but_never_by_two_at_once():
    room = Room(most_tiles=3)
    first, second = room.take(2), room.take(2)
    assert not np.shares_memory(first, second)
    room.give_back(first)
    room.give_back(second)  # there is no room to keep it
    assert room.take(2) is first
    assert room.take(2) is not second
