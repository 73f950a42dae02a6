"""Optimal transport: how far the people of a map have to be carried until there is one at each head.

Source: Wang et al., "Distribution Matching for Crowd Counting" (DM-Count), NeurIPS 2020, section 3. The plan is that of
Sinkhorn with an entropy term (Cuturi, 2013); here its iterations are in logarithms, which no distance makes overflow.
"""

import math

import torch
from torch import Tensor

from trainer.objective.bayesian import cell_distances
from trainer.objective.blocks import heads_per_cell

ENTROPY_PX2 = 10.0
ITERATIONS = 100
TRANSPORT, VARIATION = 0.1, 0.01
"""lambda 1 and 2 of the paper, section 4."""
TINY = 1e-12


def transport(
    density: Tensor,
    points: Tensor,
    *,
    tile: tuple[int, int],
    carried: float = TRANSPORT,
    variation: float = VARIATION,
    entropy: float = ENTROPY_PX2,
    iterations: int = ITERATIONS,
) -> Tensor:
    """Returns DM-Count's distance of a map from the heads of its tile: count, transport and total variation, summed.

    The first is the absolute difference of the counts; the second the mean squared distance that a person is carried,
    in pixels; the third half the sum of absolute differences from one person at the cell of each head, both maps taken
    as shares of one, times the heads. Where nobody is, and where nothing was found, there is nothing to carry and the
    count alone pulls. What the map has below zero is left out, and added as it is to the first. A thousand heads take
    seconds on one core.

    Args:
        density: people per cell of one tile, (h, w), of any precision; the computation is in float32.
        points: heads (n, 2), x and y in pixels of the tile, on the same device.
        tile: its height and width in pixels.
        carried: weight of the transport.
        variation: weight of the total variation.
        entropy: of the plan, in squared pixels; the larger, the more it blurs and the fewer iterations it needs.
        iterations: of Sinkhorn.
    """
    cells = density.float()
    if len(points) == 0:
        return cells.abs().sum()
    people = cells.clamp(min=0)
    total = people.sum()
    count = (total - len(points)).abs() + (people - cells).sum()
    if total.item() <= TINY:
        return count
    shares = people / total
    shape = density.shape[0], density.shape[1]
    moved = _carried(shares.flatten(), cell_distances(points.float(), shape, tile), entropy, iterations)
    truth = heads_per_cell(points, shape, tile).float() / len(points)
    return count + carried * moved + variation * len(points) * (shares - truth).abs().sum() / 2


def _carried(shares: Tensor, distances: Tensor, entropy: float, iterations: int) -> Tensor:
    """Returns the cost of carrying shares (m,) to n heads of equal share; its gradient is the plan's dual potential.

    Args:
        shares: of the cells, together one.
        distances: (n, m), the cost of each way.
        entropy: of the plan.
        iterations: of Sinkhorn.
    """
    with torch.no_grad():
        to_heads = -math.log(len(distances))
        of_cells = shares.clamp(min=TINY).log()
        ways = distances / -entropy
        cells = torch.zeros_like(shares)
        for _ in range(iterations):
            heads = to_heads - (ways + cells).logsumexp(1, keepdim=True)
            cells = of_cells - (ways + heads).logsumexp(0)
        plan = (ways + heads + cells).exp()
        cost, potential = (plan * distances).sum(), entropy * (cells - of_cells)
    return cost + (potential * (shares - shares.detach())).sum()
