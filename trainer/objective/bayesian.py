"""Bayesian loss: a density map is compared with head points themselves, not with a map that was drawn of them.

Source: Ma et al., "Bayesian Loss for Crowd Count Estimation with Point Supervision", ICCV 2019, sections 3.2 and 3.3.
"""

import torch
from torch import Tensor

from trainer.geometry import TILE


def bayesian(
    density: Tensor, points: Tensor, *, sigma: float, background: float, tile: tuple[int, int] = TILE
) -> Tensor:
    """Returns how far each head is from one person, and the background from none, summed (section 3.3).

    A cell with people belongs to each head with the probability that it would have under Gaussians around the heads,
    and to the background with that of a Gaussian around a dummy point, which lies on the way from the nearest head to
    the cell, `background` away from the head. Without heads every cell is background. There cells are summed by their
    absolute value: the paper's maps are never negative; ours may be, and must not make up for false people that way.

    Args:
        density: people per cell of one tile, (h, w), of any precision; the computation is in float32.
        points: heads (n, 2), x and y in pixels of the tile, on the same device.
        sigma: standard deviation of all Gaussians, in pixels of the tile.
        background: distance of the dummy point, in pixels of the tile.
        tile: its height and width in pixels.
    """
    cells = density.float().flatten()
    if len(points) == 0:
        return cells.abs().sum()
    distances = cell_distances(points.float(), (density.shape[0], density.shape[1]), tile)
    heads, empty = _posteriors(distances, sigma, background)
    found = (heads * cells).sum(1)
    return (1 - found).abs().sum() + (empty * cells).abs().sum()


def cell_distances(points: Tensor, shape: tuple[int, int], tile: tuple[int, int]) -> Tensor:
    """Returns the squared distance of each head from the centre of each cell, (n, h * w), in pixels.

    Args:
        points: heads (n, 2), x and y in pixels of the tile.
        shape: of the map, rows and columns of cells.
        tile: its height and width in pixels.
    """
    x, y = (_centres(extent, cells, points) for extent, cells in ((tile[1], shape[1]), (tile[0], shape[0])))
    across, down = (x - points[:, :1]).square(), (y - points[:, 1:]).square()
    return (down[:, :, None] + across[:, None, :]).flatten(1)


def is_far_from(points: Tensor, shape: tuple[int, ...], tile: tuple[int, int], reach: float) -> Tensor:
    """Returns which cells of a map (h, w) have no head within `reach` pixels of their centre; all where nobody is."""
    if len(points) == 0:
        return torch.ones(shape, dtype=torch.bool, device=points.device)
    return (cell_distances(points.float(), (shape[0], shape[1]), tile).amin(0) > reach**2).reshape(shape)


def _posteriors(distances: Tensor, sigma: float, background: float) -> tuple[Tensor, Tensor]:
    """Returns the probabilities that each cell's people are of each head (n, h * w), and of the background (h * w,)."""
    dummy = (background - distances.amin(0, keepdim=True).sqrt()).square()
    shares = torch.cat((distances, dummy)).div_(-2 * sigma**2).softmax(0)
    return shares[:-1], shares[-1]


def _centres(extent: int, cells: int, like: Tensor) -> Tensor:
    """Returns the centres of the cells along one side of a tile, in pixels."""
    return (torch.arange(cells, device=like.device, dtype=like.dtype) + 0.5) * (extent / cells)
