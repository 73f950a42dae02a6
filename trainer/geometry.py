"""Sizes: of the engine's tiles, of the cells of DeepCount's branches, and of the grid of tiles that a picture gives."""

TILE_HEIGHT, TILE_WIDTH = 384, 512  # pixels, section 3.3
"""Of the tiles that the engine cuts, and so of every exported model. A family may be trained on others: see
`ModelConfig.tile`."""
TILE = (TILE_HEIGHT, TILE_WIDTH)
BRANCH_STRIDES = (8, 16, 32, 64, 128)
"""Edges of the cells of DeepCount's branches 1 to 5, in pixels."""
BRANCH_SIZES = tuple((TILE_HEIGHT // stride, TILE_WIDTH // stride) for stride in BRANCH_STRIDES)
"""Cells of their maps: 48x64 to 3x4."""
CELL_PX = BRANCH_STRIDES[0]


def grid_for(height: int, width: int, tile: tuple[int, int] = TILE) -> tuple[int, int]:
    """Returns (rows, columns) of tiles for a picture, keeping people near their own size."""
    high, wide = tile
    columns = max(1, round(width / wide))
    rows = max(1, round(wide * columns * height / width / high))
    return rows, columns
