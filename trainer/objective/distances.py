"""Distances between what was found and the truth: of maps (N, h, w), most of them of counts (N,) as well.

Every distance is a sum over all cells and tiles, zero where both agree, and finite on maps that are empty.
"""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, huber_loss

SSIM_WEIGHT = 1e-3
"""alpha_C of SANet, section 3.3."""
SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2
DENSE = 4.0
"""How much more a cell weighs where it holds all of the densest cell's people."""


def absolute(found: Tensor, truth: Tensor) -> Tensor:
    """Sum of absolute differences: equations 4 and 6 of the paper, robust against heads marked in the wrong place."""
    return (found - truth).abs().sum()


def squared(found: Tensor, truth: Tensor) -> Tensor:
    """Sum of squared differences: the Euclidean distance of MCNN (Zhang et al., 2016) and CSRNet (Li et al., 2018)."""
    return (found - truth).square().sum()


def huber(found: Tensor, truth: Tensor, *, delta: float = 1.0) -> Tensor:
    """Half the square up to a difference of `delta` people, `delta` times the absolute beyond it (Huber, 1964)."""
    return huber_loss(found, truth, reduction="sum", delta=delta)


def ssim(found: Tensor, truth: Tensor, *, pattern: float = SSIM_WEIGHT) -> Tensor:
    """Squared difference plus local pattern consistency: SANet's loss (Cao et al., 2018, section 3.3).

    The latter is one minus the structural similarity (Wang et al., 2004) in a Gaussian window of 11x11 cells, added
    `pattern` times; beyond the border there is nobody.
    """
    return squared(found, truth) + pattern * (1 - _similarity(found[:, None], truth[:, None])).sum()


def dense_squared(found: Tensor, truth: Tensor, *, dense: float = DENSE) -> Tensor:
    """Squared difference in which a cell weighs up to `dense` times more, by its share of the densest cell's people.

    Our own weighting, no paper's: most cells are empty, and a plain mean is ruled by them. An empty map is weighted 1.
    """
    densest = truth.amax((1, 2), keepdim=True).clamp(min=torch.finfo(truth.dtype).tiny)
    return ((1 + dense * truth / densest) * (found - truth).square()).sum()


def _similarity(found: Tensor, truth: Tensor) -> Tensor:
    """Structural similarity of maps (N, 1, h, w) at every cell."""
    offsets = torch.arange(SSIM_WINDOW, device=found.device, dtype=found.dtype) - SSIM_WINDOW // 2
    bell = torch.exp(-(offsets**2) / (2 * SSIM_SIGMA**2))
    window = torch.outer(bell, bell)[None, None] / bell.sum() ** 2

    def blurred(maps: Tensor) -> Tensor:
        return conv2d(maps, window, padding=SSIM_WINDOW // 2)

    mean_a, mean_b = blurred(found), blurred(truth)
    variances = blurred(found**2) - mean_a**2 + blurred(truth**2) - mean_b**2
    covariance = blurred(found * truth) - mean_a * mean_b
    above = (2 * mean_a * mean_b + SSIM_C1) * (2 * covariance + SSIM_C2)
    return above / ((mean_a**2 + mean_b**2 + SSIM_C1) * (variances + SSIM_C2))
