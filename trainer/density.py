"""Ground-truth density maps: each head a Gaussian that sums to one, and a pyramid made of it by sum pooling.

A Gaussian integrated over a grid of cells is separable, so a whole map is one product of two small matrices; no map of
the picture's full size is ever made, and the result equals sum pooling it (paper, sections 3.2 and 3.4).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

SIGMA_PX = 5.0  # paper, section 3.4


def density_map(
    points: NDArray[np.float32], *, height: int, width: int, cell: int, sigma: float = SIGMA_PX
) -> NDArray[np.float32]:
    """Returns people per cell, float32 (height / cell, width / cell); the sum is the number of points.

    Args:
        points: (n, 2) head points x, y in pixels, inside the picture.
        height: of the picture, in pixels, a multiple of `cell`.
        width: likewise.
        cell: edge of a cell in pixels; 1 gives the full-size map.
        sigma: standard deviation of the Gaussian in pixels.
    """
    if height % cell or width % cell:
        raise ValueError(f"picture is {height}x{width}, expected multiples of the cell of {cell} pixels")
    columns = _mass(points[:, 0], width, cell, sigma)
    rows = _mass(points[:, 1], height, cell, sigma)
    return (rows.T @ columns).astype(np.float32)


def pyramid(finest: NDArray[np.float32], levels: int) -> list[NDArray[np.float32]]:
    """Sum pools a map (h, w) by 2x2 until there are `levels` maps, the finest first (section 3.2)."""
    maps = [finest]
    for _ in range(levels - 1):
        h, w = maps[-1].shape
        maps.append(maps[-1].reshape(h // 2, 2, w // 2, 2).sum((1, 3)))
    return maps


def _mass(positions: NDArray[np.float32], length: int, cell: int, sigma: float) -> NDArray[np.float64]:
    """Returns each head's share in each row (or column) of cells, (n, length / cell), every line summing to one."""
    edges = np.arange(0, length + cell, cell, dtype=np.float64)
    below = ndtr((edges[None, :] - positions[:, None].astype(np.float64)) / sigma)
    mass = np.diff(below, axis=1)
    return np.asarray(mass / np.maximum(mass.sum(1, keepdims=True), 1e-12))
