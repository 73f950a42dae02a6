"""What training minimises: equation 6 of the paper.

The last term, lambda/2 |Theta|^2, is the optimiser's weight decay and not part of the value computed here.
"""

from dataclasses import dataclass

from torch import Tensor

from trainer.crops import Batch


@dataclass(frozen=True, slots=True)
class ObjectiveConfig:
    """Weights of equation 6. The defaults are the paper's (section 3.6)."""

    beta: float = 16.0
    """Weight of the count beside the maps (equation 5)."""
    omega: float = 1e-2
    """Brings the value into a handy range."""
    decay: float = 1e-5
    """lambda, the weight decay."""
    squared: tuple[int, ...] = ()
    """Branches compared by squared difference. The absolute difference is content with an empty map where heads are
    rare, since its optimum is the median; the squared one asks for the mean, so these maps keep their sum."""
    squared_scale: float = 8.0
    """Weight of a squared difference beside an absolute one on branch 1; a quarter of that on each branch after it,
    since the variance of a cell grows with its area."""

    def __post_init__(self) -> None:
        if not set(self.squared) <= set(range(1, 6)):
            raise ValueError(f"squared is {list(self.squared)}, expected branches from 1 to 5")


def loss(count: Tensor, maps: dict[int, Tensor], batch: Batch, config: ObjectiveConfig) -> Tensor:
    """Returns equation 6 without its last term.

    Args:
        count: (N,), people.
        maps: branch number to (N, h, w), people per cell.
        batch: the truth, on the same device.
        config: weights.
    """
    total = config.beta * (count.float() - batch.counts).abs().sum()
    for number, density in maps.items():
        difference = density.float() - batch.maps[number]
        if number in config.squared:
            total = total + config.squared_scale / 4 ** (number - 1) * difference.square().sum()
        else:
            total = total + difference.abs().sum()
    return total * config.omega / (2 * len(count))
