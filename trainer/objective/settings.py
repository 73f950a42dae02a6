"""The configuration of an objective: its terms, or the few keys that stand for the usual ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from trainer.networks.outputs import BRANCH, COUNT
from trainer.objective.differences import L1, DenseMse, Difference, Huber, Mse, Ssim
from trainer.objective.terms import TERMS, Bayesian, Term

COUNT_KINDS: dict[str, type[Difference]] = {"l1": L1, "huber": Huber}
MAP_KINDS: dict[str, type[Difference]] = {"l1": L1, "mse": Mse, "huber": Huber, "ssim": Ssim, "dense-mse": DenseMse}
FINEST = 1
"""Number of a map that is no branch's."""
FOR_ALL_TERMS = ("terms", "omega", "decay", "damping")


@dataclass(frozen=True, slots=True)
class ObjectiveConfig:
    """What is minimised: `terms` in any number, or equation 6 with the keys beside, whose defaults are the paper's."""

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
    terms: tuple[Term, ...] = ()
    """What is compared, in place of all keys but omega, decay and damping."""

    def __post_init__(self) -> None:
        for name in ("squared", "bayesian"):
            if not set(getattr(self, name)) <= set(range(1, 6)):
                raise ValueError(f"{name} is {list(getattr(self, name))}, expected branches from 1 to 5")
        if twice := set(self.squared) & set(self.bayesian):
            raise ValueError(f"branch {min(twice)} is in squared and in bayesian; take it out of one of them")
        if not 0 <= self.damping < math.inf:
            raise ValueError(f"damping is {self.damping}, expected a number of people, or 0 for none")
        if not 0 <= self.decay < math.inf:
            raise ValueError(f"decay is {self.decay}, expected a weight decay, or 0 for none")
        for name in ("bayesian_sigma", "bayesian_background"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}, expected a number above 0")
        for name, known in (("count", COUNT_KINDS), ("maps", MAP_KINDS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} is {getattr(self, name)!r}, expected one of {', '.join(known)}")
        if self.terms:
            self._check_alone()

    def for_maps(self, maps: Sequence[str]) -> tuple[Term, ...]:
        """Returns the terms for a network with these maps, in their order."""
        if self.terms:
            return self.terms
        count = COUNT_KINDS[self.count](of=COUNT, weight=self.beta)
        return (count, *(self._of_map(name) for name in maps))

    def _of_map(self, name: str) -> Term:
        branch = name.removeprefix(BRANCH)
        number = int(branch) if branch.isdecimal() else FINEST
        if number in self.bayesian:
            sigma, background = self.bayesian_sigma, self.bayesian_background
            return Bayesian(of=name, weight=self.bayesian_weight, sigma=sigma, background=background)
        if number in self.squared:
            return Mse(of=name, weight=self.squared_scale / 4 ** (number - 1))
        return MAP_KINDS[self.maps](of=name, weight=self.maps_weight)

    def _check_alone(self) -> None:
        for key in fields(self):
            if key.name not in FOR_ALL_TERMS and getattr(self, key.name) != key.default:
                raise ValueError(f"{key.name} and terms are both given; say it as a term, of {', '.join(TERMS)}")
