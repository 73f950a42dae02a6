"""The terms that an objective is a list of: which output is compared, with what, how, and how heavily.

In a configuration a term is a table, `[[objective.terms]]`, tagged by `kind`. Its value is a sum over the tiles of a
batch. Counts and maps are people and may be damped; logits and features are not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from trainer.errors import TrainerError
from trainer.objective.bayesian import bayesian, is_far_from
from trainer.objective.blocks import bins_of, classified, heads_per_cell
from trainer.objective.differences import (
    L1,
    DenseMse,
    Difference,
    Huber,
    Mse,
    Ssim,
    check_against,
    check_positive,
    check_weight,
)
from trainer.objective.distances import squared
from trainer.objective.seen import MAPS, TEACHER, TRUTH, Seen, chosen, taught_name
from trainer.objective.transfer import pattern, relation
from trainer.objective.transport import ENTROPY_PX2, ITERATIONS, TRANSPORT, VARIATION, transport


class Term(Protocol):
    """One term of an objective."""

    @property
    def kind(self) -> str:
        """Its name in `TERMS`."""

    @property
    def of(self) -> str:
        """Which output: `count`, the name of one, or `maps` for all maps that no other term names."""

    @property
    def weight(self) -> float:
        """What its value is multiplied by."""

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares the output of a name; raises TrainerError if what it needs is not there."""


@dataclass(frozen=True, slots=True)
class Bayesian:
    """A map against the head points themselves (`objective.bayesian`)."""

    kind: str = "bayesian"
    of: str = MAPS
    weight: float = 1.0
    sigma: float = 8.0
    """Standard deviation around a head in pixels of the tile, as in the paper, whose maps have cells as large."""
    background: float = 0.15
    """Distance of the background's dummy point from the nearest head, as a part of the tile's shorter side; in the
    paper of the picture's."""

    def __post_init__(self) -> None:
        check_weight(self.weight)
        check_positive(self, "sigma", "background")

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares a map with the heads of each tile."""
        given = {"sigma": self.sigma, "background": self.background * min(seen.tile)}
        return _over_tiles(name, seen, lambda density, heads: bayesian(density, heads, tile=seen.tile, **given))


@dataclass(frozen=True, slots=True)
class Transport:
    """A map against the head points by optimal transport (`objective.transport`)."""

    kind: str = "transport"
    of: str = MAPS
    weight: float = 1.0
    carried: float = TRANSPORT
    """Weight of the transport beside the count, lambda 1 of DM-Count."""
    variation: float = VARIATION
    """Weight of the total variation, lambda 2."""
    entropy: float = ENTROPY_PX2
    """Of the plan, in squared pixels of the tile."""
    iterations: int = ITERATIONS

    def __post_init__(self) -> None:
        check_weight(self.weight)
        check_positive(self, "entropy", "iterations")

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares a map with the heads of each tile."""
        given = {"carried": self.carried, "variation": self.variation, "entropy": self.entropy}

        def carried(density: Tensor, heads: Tensor) -> Tensor:
            return transport(density, heads, tile=seen.tile, iterations=self.iterations, **given)

        return _over_tiles(name, seen, carried)


@dataclass(frozen=True, slots=True)
class Nobody:
    """The people that a map shows far from every head, cell by cell, whichever sign they have.

    The squared difference leaves faint people everywhere: its pull falls with them, and of a cell that looks like a
    head one time in ten it asks for a tenth of one.
    """

    kind: str = "nobody"
    of: str = MAPS
    weight: float = 1.0
    reach: float = 32.0
    """How far from a head somebody may still be shown, in pixels of the tile."""

    def __post_init__(self) -> None:
        check_weight(self.weight)
        check_positive(self, "reach")

    def value(self, name: str, seen: Seen) -> Tensor:
        """Adds up what a map shows where nobody is."""

        def shown(density: Tensor, heads: Tensor) -> Tensor:
            return density.float().abs()[is_far_from(heads, density.shape, seen.tile, self.reach)].sum()

        return _over_tiles(name, seen, shown)


@dataclass(frozen=True, slots=True)
class Sum:
    """The people that a map shows, as they are counted, against those that there are: their squared difference.

    It moves no cell that is below zero, so it belongs beside another term of the same map.
    """

    kind: str = "sum"
    of: str = MAPS
    weight: float = 1.0

    def __post_init__(self) -> None:
        check_weight(self.weight)

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares the sum of a map, cut off at zero cell by cell."""
        counted = chosen(seen.found.maps, name).float().clamp(min=0).sum((1, 2))
        return squared(seen.damped(counted), seen.damped(seen.batch.counts))


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """Logits against classes: of whole pictures, or the bins that the counts of blocks are in (`objective.blocks`)."""

    kind: str = "cross-entropy"
    of: str = "classes"
    weight: float = 1.0
    bins: tuple[int, ...] = ()
    """Fewest people of each bin, from 0 up; none for the classes of pictures."""

    def __post_init__(self) -> None:
        check_weight(self.weight)
        if self.bins and (self.bins[0] != 0 or list(self.bins) != sorted(set(self.bins))):
            raise ValueError(f"bins are {list(self.bins)}, expected rising numbers from 0")

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares logits."""
        logits = chosen(seen.found.logits, name)
        return classified(logits, (self._binned(logits, seen) if self.bins else _labels(seen)).to(logits.device))

    def _binned(self, logits: Tensor, seen: Seen) -> Tensor:
        if logits.shape[1] != len(self.bins):
            raise TrainerError(f"cross-entropy has {len(self.bins)} bins, the network's {self.of!r} {logits.shape[1]}")
        height, width = logits.shape[2:]
        counts = [heads_per_cell(points, (height, width), seen.tile) for points in seen.batch.points]
        return bins_of(torch.stack(counts), self.bins)


@dataclass(frozen=True, slots=True)
class Cosine:
    """Features against a teacher's (`transfer.pattern`)."""

    kind: str = "cosine"
    of: str = ""
    """Name of the features."""
    weight: float = 1.0
    against: str = TEACHER
    """teacher (its features of the same name), or teacher and the name of others, such as "teacher backend 3"."""

    def __post_init__(self) -> None:
        check_weight(self.weight)
        check_against(self.against, TEACHER)

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares features."""
        return pattern(*seen.feature(name, self.against))


@dataclass(frozen=True, slots=True)
class Relation:
    """How two layers go with each other, against how they do in the teacher (`transfer.relation`)."""

    kind: str = "relation"
    of: str = ""
    """Name of the features."""
    to: str = ""
    """Name of the others."""
    weight: float = 1.0
    against: str = TEACHER
    """Which of the teacher's features `of` is compared with, as in `cosine`."""
    to_against: str = TEACHER
    """Likewise, of `to`."""

    def __post_init__(self) -> None:
        check_weight(self.weight)
        check_against(self.against, TEACHER)
        check_against(self.to_against, TEACHER)

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares flow matrices."""
        (first, first_taught), (second, second_taught) = (
            seen.feature(own, against) for own, against in ((name, self.against), (self.to, self.to_against))
        )
        return relation((first, second), (first_taught, second_taught))


TERMS: dict[str, type[Term]] = {
    "l1": L1,
    "mse": Mse,
    "huber": Huber,
    "ssim": Ssim,
    "dense-mse": DenseMse,
    "bayesian": Bayesian,
    "transport": Transport,
    "nobody": Nobody,
    "sum": Sum,
    "cross-entropy": CrossEntropy,
    "cosine": Cosine,
    "relation": Relation,
}
"""All kinds of terms by name."""


def is_taught(term: Term) -> bool:
    """Whether a term compares with a teacher's outputs."""
    return isinstance(term, Cosine | Relation) or (isinstance(term, Difference) and term.against != TRUTH)


def features_of(term: Term) -> dict[str, str]:
    """Returns the names of the features that a term compares, and those of the teacher's."""
    found = {term.of: term.against} if isinstance(term, Cosine | Relation) else {}
    found |= {term.to: term.to_against} if isinstance(term, Relation) else {}
    return {name: taught_name(name, against) for name, against in found.items()}


def _over_tiles(name: str, seen: Seen, distance: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Adds up the distances of each tile's map (h, w) from its heads (n, 2), in what is left of one person in it."""
    maps = chosen(seen.found.maps, name)
    pairs = zip(maps, seen.batch.points, strict=True)
    return (seen.weight * torch.stack([distance(density, heads.to(maps.device)) for density, heads in pairs])).sum()


def _labels(seen: Seen) -> Tensor:
    if seen.batch.labels is None:
        raise TrainerError("cross-entropy without bins compares the classes of pictures, and these pictures have none")
    return seen.batch.labels
