import numpy as np
import pytest

from engine.picture.masks import BLANK, Mask, blank_outside, blank_private, blank_private_tiles, inside, keep_inside
from engine.picture.polygon import checked
from engine.picture.tiling import Grid, divide

BOX = Mask((checked([[0.1, 0.25], [0.3, 0.25], [0.3, 0.5], [0.1, 0.5]]),))
LEFT = Mask((checked([[0, 0], [0.25, 0], [0.25, 1], [0, 1]]),))
TRIANGLE = Mask((checked([[0.1, 0.1], [0.3, 0.15], [0.2, 0.3]]),))


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_private_pixels_are_blanked_in_place_and_no_others():
    picture = noise(80, 100, 3)
    before = picture.copy()
    blank_private(picture, BOX, BLANK)
    assert (picture[20:40, 10:30] == BLANK).all()
    before[20:40, 10:30] = BLANK
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize("size", [(720, 1280), (97, 131), (384, 512)])
def test_every_pixel_that_a_private_polygon_touches_is_blanked(size):
    picture = noise(*size, 3)
    blank_private(picture, TRIANGLE, BLANK)
    assert (picture[inside(TRIANGLE, size) > 0] == BLANK).all()


def test_private_masks_may_overlap_and_may_be_none():
    picture = noise(80, 100, 3)
    before = picture.copy()
    blank_private(picture, Mask(), BLANK)
    np.testing.assert_array_equal(picture, before)
    blank_private(picture, Mask(BOX.polygons + TRIANGLE.polygons), BLANK)
    assert (picture[20:40, 10:30] == BLANK).all()


def test_tiles_are_blanked_outside_and_nowhere_else():
    tiles = noise(2, 384, 512, 3)
    before = tiles.copy()
    blank_outside(tiles, Grid(1, 2), LEFT)
    np.testing.assert_array_equal(tiles[0, :, :256], before[0, :, :256])
    assert (tiles[0, :, 256:] == BLANK).all()
    assert (tiles[1] == BLANK).all()


def test_private_pixels_of_tiles_are_those_of_the_picture_that_they_make():
    picture, grid, mask = noise(768, 1024, 3), Grid(2, 2), Mask(BOX.polygons + TRIANGLE.polygons)
    tiles = divide(picture, grid)
    blank_private_tiles(tiles, grid, mask)
    blank_private(picture, mask, BLANK)
    np.testing.assert_array_equal(tiles, divide(picture, grid))


def test_a_density_map_is_empty_outside_and_cells_at_the_border_count_in_part():
    density = np.ones((4, 6), np.float32)
    found = keep_inside(density, LEFT)
    np.testing.assert_allclose(found, np.tile([1, 0.5, 0, 0, 0, 0], (4, 1)))
    assert found.dtype == np.float32


def test_no_mask_includes_everything():
    tiles, density = noise(1, 384, 512, 3), np.ones((4, 6), np.float32)
    before = tiles.copy()
    assert not Mask()
    blank_outside(tiles, Grid(1, 1), Mask())
    blank_private_tiles(tiles, Grid(1, 1), Mask())
    np.testing.assert_array_equal(tiles, before)
    assert keep_inside(density, Mask()) is density


def test_a_frame_in_which_nothing_is_included_counts_near_zero(model):
    tiny = Mask((checked([[0, 0], [0.01, 0], [0.01, 0.01], [0, 0.01]]),))
    tiles = noise(1, 384, 512, 3)
    blank_outside(tiles, Grid(1, 1), tiny)
    assert model.count(tiles)[0] < 1.0
