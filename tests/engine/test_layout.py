from fractions import Fraction

import pytest

from engine.picture.layout import MOST_PIXELS, laid_out
from engine.picture.tiling import Grid

WIDE, FULL = Fraction(16, 9), Fraction(4, 3)


@pytest.mark.parametrize(
    ("size", "pixel", "shown"),
    [
        pytest.param((720, 1280), None, (720, 1280), id="nobody tells"),
        pytest.param((97, 131), Fraction(1), (97, 131), id="square, odd"),
        pytest.param((720, 1280), Fraction(1279, 1280), (720, 1280), id="nearly square"),
        pytest.param((576, 384), Fraction(2), (576, 768), id="half as wide"),
        pytest.param((288, 704), Fraction(6, 11), (528, 704), id="half as high"),
        pytest.param((576, 720), Fraction(64, 45), (576, 1024), id="16:9 of a DVD"),
        pytest.param((576, 720), Fraction(16, 15), (576, 768), id="4:3 of a DVD"),
        pytest.param((8000, 7000), Fraction(3), (2666, 7000), id="shrunk where it would be too large"),
    ],
)
def test_pixels_become_square(size, pixel, shown):
    found = laid_out(size, pixel)
    assert found.size == shown
    assert found.size[0] * found.size[1] <= MOST_PIXELS


@pytest.mark.parametrize("pixel", [Fraction(1, 1000), Fraction(1000), Fraction(1, 5), Fraction(2**31 - 1, 3)])
def test_a_shape_that_no_pixel_has_is_taken_for_a_fault_and_said(pixel):
    found = laid_out((720, 1280), pixel)
    assert found.size == (720, 1280)
    assert f"its pixels should be {pixel.numerator}:{pixel.denominator}" in found.remark


@pytest.mark.parametrize(
    ("size", "shown", "ratio"),
    [
        ((1080, 960), (1080, 1920), WIDE),
        ((1080, 944), (1080, 1920), WIDE),
        ((720, 640), (720, 1280), WIDE),
        ((288, 704), (528, 704), FULL),
        ((576, 352), (576, 768), FULL),
        ((240, 704), (528, 704), FULL),
        ((480, 352), (480, 640), FULL),
    ],
)
@pytest.mark.parametrize("pixel", [None, Fraction(1)], ids=["untold", "told to be square"])
def test_sizes_that_recorders_squeeze_are_stretched_and_it_is_said(size, shown, ratio, pixel):
    found = laid_out(size, pixel)
    assert found.size == shown
    assert shown[1] / shown[0] == pytest.approx(ratio, rel=0.01)
    assert f"its pictures of {size[1]}x{size[0]} are shown as {shown[1]}x{shown[0]}" in found.remark


def test_what_the_stream_tells_wins_over_the_table_and_what_is_configured_over_both():
    told = laid_out((576, 352), Fraction(2))
    assert (told.size, told.remark) == ((576, 704), "")
    wide = laid_out((576, 352), Fraction(2), aspect=WIDE)
    assert (wide.size, wide.remark) == ((576, 1024), "")
    square = laid_out((1080, 960), None, aspect=Fraction(960, 1080))
    assert (square.size, square.remark) == ((1080, 960), "")


def test_tiles_are_cut_of_the_picture_as_shown():
    assert laid_out((576, 384), Fraction(2)).grid == laid_out((576, 768), None).grid == Grid(2, 2)
    assert laid_out((576, 384), Fraction(2), grid=Grid(1, 3)).grid == Grid(1, 3)


@pytest.mark.parametrize(
    ("size", "tiles"), [((60_000, 1), 80_000), ((2000, 24), 111), ((4320, 7680), 165), ((8000, 8000), 336)]
)
def test_a_picture_that_would_fill_too_many_tiles_gets_fewer_and_it_is_said(size, tiles):
    found = laid_out(size, None)
    assert 32 <= found.grid.tiles <= 64
    assert f"would fill {tiles} tiles, and are counted in 64 at most" in found.remark
    assert laid_out(size, None, grid=Grid(2, 2)).remark == ""
