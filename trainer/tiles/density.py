"""Ground-truth density maps: each head a Gaussian that sums to one, and a pyramid made of it by sum pooling.

A Gaussian integrated over a grid of cells is separable, so a whole map is one product of two small matrices; no map of
the picture's full size is ever made, and the result equals sum pooling it (paper, sections 3.2 and 3.4). That holds
with a width of its own for each head too.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr

SIGMA_PX = 5.0  # paper, section 3.4
KERNELS = ("fixed", "adaptive")
NARROWEST_PX = 0.5
"""Heads that were clicked twice are zero pixels apart."""
FINEST_MASS = 1e-12


@dataclass(frozen=True, slots=True)
class GroundTruthConfig:
    """How wide the Gaussian of a head is. The defaults are the paper's (section 3.4)."""

    kernel: str = "fixed"
    """fixed: `sigma` pixels of the tile for every head. adaptive: in proportion to the distance to the nearest other
    heads in the whole picture (MCNN, Zhang et al., 2016), scaled as the tile is."""
    sigma: float = SIGMA_PX
    """Pixels of the tile; in the adaptive kernel for heads of a picture with at most `k` people."""
    k: int = 3
    """Nearest other heads over which the distance is averaged (MCNN: 3, as its authors' code has it)."""
    beta: float = 0.3
    """Sigma by mean distance (MCNN, section 2.2)."""
    cap: float = 0.05
    """Largest adaptive sigma, as a part of the picture's shorter side: a lonely head is not as large as its distance to
    the next one says."""

    def __post_init__(self) -> None:
        if self.kernel not in KERNELS:
            raise ValueError(f"kernel is {self.kernel!r}, expected {' or '.join(KERNELS)}")
        if self.k < 1:
            raise ValueError(f"k is {self.k}, expected at least 1 neighbour")
        for name in ("sigma", "beta", "cap"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number above 0")


def adaptive_sigmas(
    points: NDArray[np.float32], *, height: int, width: int, config: GroundTruthConfig
) -> NDArray[np.float64]:
    """Returns the geometry-adaptive sigma of each head (n,) in pixels of the picture (MCNN, section 2.2).

    Args:
        points: (n, 2), all head points of the whole picture; part of them would change sigmas at the cut.
        height: of the picture, in pixels.
        width: likewise.
        config: k, beta, cap, and the sigma for pictures with too few people.
    """
    if len(points) <= config.k:
        return np.full(len(points), config.sigma)
    distances, _ = cKDTree(points).query(points, config.k + 1)  # the nearest is the head itself
    sigmas = config.beta * distances[:, 1:].mean(axis=1)
    return np.asarray(np.clip(sigmas, NARROWEST_PX, max(NARROWEST_PX, config.cap * min(height, width))))


def density_map(
    points: NDArray[np.float32],
    *,
    height: int,
    width: int,
    cell: int,
    sigma: float | NDArray[np.float64] = SIGMA_PX,
) -> NDArray[np.float32]:
    """Returns people per cell, float32 (height / cell, width / cell); the sum is the number of points.

    Args:
        points: (n, 2) head points x, y in pixels, inside the picture.
        height: of the picture, in pixels, a multiple of `cell`.
        width: likewise.
        cell: edge of a cell in pixels; 1 gives the full-size map.
        sigma: standard deviation of the Gaussian in pixels, of all heads or of each (n,).
    """
    if height % cell or width % cell:
        raise ValueError(f"picture is {height}x{width}, expected multiples of the cell of {cell} pixels")
    wide = np.broadcast_to(np.asarray(sigma, np.float64), len(points))
    columns = _mass(points[:, 0], width, cell, wide)
    rows = _mass(points[:, 1], height, cell, wide)
    return (rows.T @ columns).astype(np.float32)


def pyramid(finest: NDArray[np.float32], levels: int) -> list[NDArray[np.float32]]:
    """Sum pools a map (h, w) by 2x2 until there are `levels` maps, the finest first (section 3.2)."""
    maps = [finest]
    for _ in range(levels - 1):
        h, w = maps[-1].shape
        maps.append(maps[-1].reshape(h // 2, 2, w // 2, 2).sum((1, 3)))
    return maps


def _mass(positions: NDArray[np.float32], length: int, cell: int, sigma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns each head's share in each row (or column) of cells, (n, length / cell), every line summing to one."""
    edges = np.arange(0, length + cell, cell, dtype=np.float64)
    below = ndtr((edges[None, :] - positions[:, None].astype(np.float64)) / sigma[:, None])
    mass = np.diff(below, axis=1)
    return np.asarray(mass / np.maximum(mass.sum(1, keepdims=True), FINEST_MASS))
