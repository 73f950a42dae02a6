"""How pictures of one size are laid out: as large as people see them, and in how many tiles.

Recorders save room by pictures that are squeezed, and players stretch them again: by the aspect of a pixel, where the
stream tells it, or by what everybody knows of some sizes, where it does not. Zones and masks refer to the picture as
shown. It is stretched, not shrunk, so that nothing is lost, unless that would make it larger than a picture may be.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from engine.picture.tiling import MOST_TILES, Grid, grid_for, own_tiles

WIDE, FULL = Fraction(16, 9), Fraction(4, 3)
SQUEEZED = {
    (1080, 960): WIDE, (1080, 944): WIDE, (720, 640): WIDE,
    (288, 704): FULL, (576, 352): FULL, (240, 704): FULL, (480, 352): FULL,
}  # fmt: skip
"""Heights and widths that are never those of square pixels, and the shape that is meant."""
MOST_PIXELS = 64_000_000  # of one picture
MOST_STRETCH = 4  # times; what asks for more is a fault, for cameras need 3.7 at most
LEAST_STRETCH = Fraction(101, 100)  # what asks for less comes of rounding, and is not worth a pixel
SEEN, BY_HEADS = "chosen by what is seen", "chosen by the height of heads"


@dataclass(frozen=True, slots=True)
class SeenGrid:
    """A grid that was chosen by what is seen or known, for pictures of one size."""

    size: tuple[int, int]
    """Height and width in pixels, as shown."""
    grid: Grid
    why: str = SEEN
    """For people."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What becomes of a picture."""

    size: tuple[int, int]
    """Height and width in pixels, as shown."""
    grid: Grid
    remark: str = ""
    """What people should know of it, in a sentence that begins with 'its'; mostly empty."""
    why: str = ""
    """How the grid was chosen, where not by the size or by settings."""

    @property
    def tiles(self) -> str:
        """The grid in words."""
        grid, why = self.grid, f", {self.why}" if self.why else ""
        return f"{grid.rows}×{grid.columns} {'tile' if grid.tiles == 1 else 'tiles'}{why}"


@lru_cache(maxsize=256)
def laid_out(
    size: tuple[int, int],
    pixel: Fraction | None,
    *,
    aspect: Fraction | None = None,
    grid: Grid | None = None,
    seen: SeenGrid | None = None,
) -> Layout:
    """Lays out a picture.

    Args:
        size: height and width in pixels, upright, as decoded.
        pixel: width of a pixel over its height, None where the stream does not tell.
        aspect: width of the picture over its height as it was configured, which wins.
        grid: that was configured; None takes the one that keeps the picture as shown nearest to its own size.
        seen: that was chosen for pictures of its size by what is seen, where none was configured.
    """
    height, width = size
    meant = aspect or (SQUEEZED.get(size) if pixel in (None, 1) else None)
    ratio = meant * height / width if meant else pixel or Fraction(1)
    remarks = []
    stretch = max(ratio, 1 / ratio)
    if stretch > MOST_STRETCH:
        remarks.append(f"its pixels should be {ratio.numerator}:{ratio.denominator}, which is taken for a fault")
    if not LEAST_STRETCH < stretch <= MOST_STRETCH:
        ratio = Fraction(1)
    shown = _stretched(size, ratio)
    if meant and not aspect:
        remarks.append(
            f"its pictures of {width}x{height} are shown as {shown[1]}x{shown[0]}, as most recorders mean them; "
            "set its aspect if that is wrong"
        )
    if grid is None and seen is not None and seen.size == shown:
        remarks.append(f"its pictures of {shown[1]}x{shown[0]} are counted in {seen.grid} tiles, {seen.why}")
        return Layout(shown, seen.grid, "; ".join(remarks), seen.why)
    if grid is None and (own := own_tiles(*shown)) > MOST_TILES:
        remarks.append(
            f"its pictures of {shown[1]}x{shown[0]} would fill {own} tiles, and are counted in {MOST_TILES} at most, "
            "so that people far away may be missed"
        )
    return Layout(shown, grid or grid_for(*shown), "; ".join(remarks))


def fitted(size: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """Returns the largest height and width, both even, of a picture of this size that fits; it is never enlarged."""
    share = min(Fraction(1), Fraction(within[0], size[0]), Fraction(within[1], size[1]))
    if share == 1:
        return size
    height, width = (max(2, int(share * side) // 2 * 2) for side in size)
    return height, width


def _stretched(size: tuple[int, int], ratio: Fraction) -> tuple[int, int]:
    """Makes pixels of the given shape square; the side that changes becomes even, as video asks for."""
    height, width = size
    if ratio == 1:
        return size
    wider, higher = (height, _even(width * ratio)), (_even(height / ratio), width)
    stretched, shrunk = (wider, higher) if ratio > 1 else (higher, wider)
    return stretched if stretched[0] * stretched[1] <= MOST_PIXELS else shrunk


def _even(length: Fraction) -> int:
    return max(2, 2 * round(length / 2))
