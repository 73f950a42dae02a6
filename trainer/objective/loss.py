"""What training minimises: equation 6 of the paper, and other distances between maps or counts in their places.

The last term of the equation, lambda/2 |Theta|^2, is the optimiser's weight decay and not part of the value computed
here. Every distance is zero where prediction and truth agree, and finite on maps that are empty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d, huber_loss

from trainer.geometry import BRANCH_STRIDES
from trainer.networks.outputs import Outputs
from trainer.objective.bayesian import bayesian
from trainer.tiles.batch import Batch

SSIM_WEIGHT = 1e-3
"""alpha_C of SANet, section 3.3."""
SSIM_WINDOW, SSIM_SIGMA = 11, 1.5
SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2
DENSE = 4.0
"""How much more a cell weighs where it holds all of the densest cell's people."""

Distance = Callable[[Tensor, Tensor], Tensor]
"""Prediction and truth, (N, h, w) or (N,), to a number: a sum over all cells and tiles."""


def absolute(found: Tensor, truth: Tensor) -> Tensor:
    """Sum of absolute differences: equations 4 and 6 of the paper, robust against heads marked in the wrong place."""
    return (found - truth).abs().sum()


def squared(found: Tensor, truth: Tensor) -> Tensor:
    """Sum of squared differences: the Euclidean distance of MCNN (Zhang et al., 2016) and CSRNet (Li et al., 2018)."""
    return (found - truth).square().sum()


def huber(found: Tensor, truth: Tensor) -> Tensor:
    """Half the square up to a difference of one person, absolute beyond it (Huber, 1964)."""
    return huber_loss(found, truth, reduction="sum")


def ssim(found: Tensor, truth: Tensor) -> Tensor:
    """Squared difference plus local pattern consistency: SANet's loss (Cao et al., 2018, section 3.3).

    The latter is one minus the structural similarity (Wang et al., 2004) in a Gaussian window of 11x11 cells, added at
    a thousandth; beyond the border there is nobody.
    """
    return squared(found, truth) + SSIM_WEIGHT * (1 - _similarity(found[:, None], truth[:, None])).sum()


def dense_squared(found: Tensor, truth: Tensor) -> Tensor:
    """Squared difference in which a cell weighs 1 to 5 times, in proportion to its share of the densest cell's people.

    Our own weighting, no paper's: most cells are empty, and a plain mean is ruled by them. An empty map is weighted 1.
    """
    densest = truth.amax((1, 2), keepdim=True).clamp(min=torch.finfo(truth.dtype).tiny)
    return ((1 + DENSE * truth / densest) * (found - truth).square()).sum()


MAP_DISTANCES: dict[str, Distance] = {
    "l1": absolute,
    "mse": squared,
    "huber": huber,
    "ssim": ssim,
    "dense-mse": dense_squared,
}
COUNT_DISTANCES: dict[str, Distance] = {"l1": absolute, "huber": huber}


@dataclass(frozen=True, slots=True)
class ObjectiveConfig:
    """Weights of equation 6. The defaults are the paper's (section 3.6)."""

    beta: float = 16.0
    """Weight of the count beside the maps (equation 5)."""
    omega: float = 1e-2
    """Brings the value into a handy range."""
    decay: float = 1e-5
    """lambda, the weight decay."""
    damping: float = 0.0
    """People. Where n are counted, prediction and truth of a tile are compared divided by sqrt(1 + n / damping), as
    counts are by their Poisson deviation; 0 compares them as they are. The gradient of a count grows with the count
    itself, so that one dense tile otherwise outweighs a batch of streets, however little it errs."""
    count: str = "l1"
    """How counts are compared: l1 (the paper's) or huber."""
    maps: str = "l1"
    """How maps are compared: l1 (the paper's), mse, huber, ssim or dense-mse."""
    maps_weight: float = 1.0
    """Weight of all that `maps` compares."""
    squared: tuple[int, ...] = ()
    """Branches compared by squared difference instead. The absolute difference is content with an empty map where heads
    are rare, since its optimum is the median; the squared one asks for the mean, so these maps keep their sum."""
    squared_scale: float = 8.0
    """Weight of a squared difference beside an absolute one on branch 1; a quarter of that on each branch after it,
    since the variance of a cell grows with its area."""
    bayesian: tuple[int, ...] = ()
    """Branches compared with the head points instead, by Bayesian loss (Ma et al., 2019)."""
    bayesian_weight: float = 1.0
    """Weight of a Bayesian loss beside an absolute difference; both are n where n heads are missed."""
    bayesian_sigma: float = 8.0
    """Standard deviation around a head in pixels of the tile, as in the paper, whose maps have cells as large."""
    bayesian_background: float = 0.15
    """Distance of the background's dummy point from the nearest head, as a part of the tile's shorter side; in the
    paper of the picture's."""

    def __post_init__(self) -> None:
        for name in ("squared", "bayesian"):
            if not set(getattr(self, name)) <= set(range(1, 6)):
                raise ValueError(f"{name} is {list(getattr(self, name))}, expected branches from 1 to 5")
        if twice := set(self.squared) & set(self.bayesian):
            raise ValueError(f"branch {min(twice)} is in squared and in bayesian; take it out of one of them")
        if not 0 <= self.damping < math.inf:
            raise ValueError(f"damping is {self.damping}, expected a number of people, or 0 for none")
        for name in ("bayesian_sigma", "bayesian_background"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number above 0")
        for name, known in (("count", COUNT_DISTANCES), ("maps", MAP_DISTANCES)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}, expected one of {', '.join(known)}")


def loss(outputs: Outputs, batch: Batch, config: ObjectiveConfig) -> Tensor:
    """Returns equation 6 without its last term.

    Args:
        outputs: of the network.
        batch: the truth, on the same device (but its points).
        config: weights and distances.
    """
    count = outputs.people
    weight = _damped(count, config.damping)
    total = config.beta * COUNT_DISTANCES[config.count](weight * count, weight * batch.counts)
    per_cell = weight[:, None, None]
    for density in outputs.maps.values():
        stride = batch.stride_of(density)
        number = BRANCH_STRIDES.index(stride) + 1  # what the lists of branches call maps of this size
        if number in config.bayesian:
            total = total + config.bayesian_weight * (weight * _bayesian(density, batch, config)).sum()
            continue
        found, truth = per_cell * density.float(), per_cell * batch.maps[stride]
        if number in config.squared:
            total = total + config.squared_scale / 4 ** (number - 1) * squared(found, truth)
        else:
            total = total + config.maps_weight * MAP_DISTANCES[config.maps](found, truth)
    return total * config.omega / (2 * len(count))


def _damped(count: Tensor, damping: float) -> Tensor:
    """Returns what is left of one person in each tile, (N,), float32.

    It goes by the count that was found: weighted by the true one, tiles that could hold more or fewer people would be
    counted too few, since the fewer would weigh more.
    """
    people = count.detach().clamp(min=0)
    return (1 + people / damping).rsqrt() if damping else torch.ones_like(people)


def _bayesian(maps: Tensor, batch: Batch, config: ObjectiveConfig) -> Tensor:
    """Compares maps (N, h, w) with the heads of their tiles, (N,)."""
    high, wide = batch.tiles.shape[1:3]
    sigma, background = config.bayesian_sigma, config.bayesian_background * min(high, wide)
    pairs = zip(maps, batch.points, strict=True)
    return torch.stack(
        [
            bayesian(density, heads.to(maps.device), sigma=sigma, background=background, tile=(high, wide))
            for density, heads in pairs
        ]
    )


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
