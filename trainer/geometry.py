"""The sizes that all share: of a tile, of the maps of its branches, and of the grid of tiles that a picture gives."""

TILE_HEIGHT, TILE_WIDTH = 384, 512  # pixels, section 3.3
BRANCH_SIZES = ((48, 64), (24, 32), (12, 16), (6, 8), (3, 4))  # cells of branches 1 to 5
CELL_PX = TILE_HEIGHT // BRANCH_SIZES[0][0]
"""Edge of a cell of branch 1."""


def grid_for(height: int, width: int) -> tuple[int, int]:
    """Returns (rows, columns) of tiles for a picture, keeping people near their own size."""
    columns = max(1, round(width / TILE_WIDTH))
    rows = max(1, round(TILE_WIDTH * columns * height / width / TILE_HEIGHT))
    return rows, columns
