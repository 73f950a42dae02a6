"""Terms that compare a count or a map with its truth, or with a teacher's, by a distance."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from trainer.networks.outputs import COUNT
from trainer.objective.distances import DENSE, SSIM_WEIGHT, absolute, dense_squared, huber, squared, ssim
from trainer.objective.seen import MAPS, TEACHER, TRUTH, Seen

OF_COUNTS = ("l1", "mse", "huber")
"""Kinds that compare counts as well as maps."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A distance between an output in people and its truth, or a teacher's output."""

    kind: str = ""
    of: str = MAPS
    weight: float = 1.0
    against: str = TRUTH
    """truth, teacher (its output of the same name), or teacher and the name of another, such as "teacher map"."""

    of_maps_only: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_weight(self.weight)
        if self.of_maps_only and self.of == COUNT:
            raise ValueError(f"{self.kind} is of {self.of!r}, it compares maps only; use {' or '.join(OF_COUNTS)}")
        check_against(self.against, TRUTH, TEACHER)

    def value(self, name: str, seen: Seen) -> Tensor:
        """Compares an output in people."""
        found, truth = seen.both(name, self.against)
        return self.distance(seen.damped(found), seen.damped(truth))

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns the distance, a sum over tiles."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class L1(Difference):
    """Absolute differences (`distances.absolute`)."""

    kind: str = "l1"

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns their sum."""
        return absolute(found, truth)


@dataclass(frozen=True, slots=True)
class Mse(Difference):
    """Squared differences (`distances.squared`)."""

    kind: str = "mse"

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns their sum."""
        return squared(found, truth)


@dataclass(frozen=True, slots=True)
class Huber(Difference):
    """Squared for small differences, absolute for large ones (`distances.huber`)."""

    kind: str = "huber"
    delta: float = 1.0
    """People up to which a difference is small."""

    def __post_init__(self) -> None:
        Difference.__post_init__(self)
        check_positive(self, "delta")

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns their sum."""
        return huber(found, truth, delta=self.delta)


@dataclass(frozen=True, slots=True)
class Ssim(Difference):
    """Squared differences and lost patterns (`distances.ssim`)."""

    kind: str = "ssim"
    pattern: float = SSIM_WEIGHT
    """Weight of the pattern beside the squared difference."""
    of_maps_only: ClassVar[bool] = True

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns their sum."""
        return ssim(found, truth, pattern=self.pattern)


@dataclass(frozen=True, slots=True)
class DenseMse(Difference):
    """Squared differences that weigh more in dense cells (`distances.dense_squared`)."""

    kind: str = "dense-mse"
    dense: float = DENSE
    """How much more the densest cell weighs."""
    of_maps_only: ClassVar[bool] = True

    def distance(self, found: Tensor, truth: Tensor) -> Tensor:
        """Returns their sum."""
        return dense_squared(found, truth, dense=self.dense)


def check_weight(weight: float) -> None:
    """Raises ValueError for what is no weight."""
    if not 0 <= weight < float("inf"):
        raise ValueError(f"weight is {weight}, expected a number from 0 up")


def check_against(against: str, *known: str) -> None:
    """Raises ValueError where what a term compares with is none of some words, the name of an output apart."""
    if against.partition(" ")[0] not in known:
        raise ValueError(f"against is {against!r}, expected {', '.join(known)}, or {TEACHER} NAME")


def check_positive(term: object, *names: str) -> None:
    """Raises ValueError naming the attribute of a term that is not above 0."""
    for name in names:
        if not 0 < getattr(term, name) < float("inf"):
            raise ValueError(f"{name} is {getattr(term, name)}, expected a number above 0")
