"""Several data sets as one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from trainer.datasets.base import Annotated, Dataset

Item = TypeVar("Item")
SEED = 1


class Combined:
    """The pictures of several data sets, one after another, each named with its data set."""

    def __init__(self, parts: Sequence[Dataset]) -> None:
        self.parts = tuple(parts)
        self.name = " + ".join(part.name for part in self.parts)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of pictures of each data set."""
        return tuple(len(part) for part in self.parts)

    def __len__(self) -> int:
        return sum(self.sizes)

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError if that cannot be done."""
        rest = index
        for part in self.parts:
            if 0 <= rest < len(part):
                found = part[rest]
                return replace(found, name=f"{part.name}/{found.name}")
            rest -= len(part)
        raise IndexError(f"picture {index} of {len(self)}")


class Sampled:
    """Some pictures of a data set, or of each part of a combined one, drawn from a seeded generator, in their order."""

    def __init__(self, dataset: Dataset, most: int) -> None:
        """Draws at most so many of each."""
        self._dataset, self.name = dataset, dataset.name
        rng, start = np.random.default_rng(SEED), 0
        self._places: list[int] = []
        for size in dataset.sizes if isinstance(dataset, Combined) else (len(dataset),):
            self._places += sorted(start + rng.permutation(size)[:most])
            start += size

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Annotated:
        """Reads one picture; raises TrainerError if that cannot be done."""
        return self._dataset[self._places[index]]


def balanced(items: Sequence[Item], sizes: Sequence[int]) -> list[Item]:
    """Repeats the items of smaller data sets until each has as many as the largest.

    A sampler that uses every item once before any again then draws from each data set equally often. Nothing is copied,
    the same objects come again; those of a set that does not go into the largest evenly, some once more than others. A
    set without any stays without.

    Args:
        items: of all data sets, one after another.
        sizes: the number of items of each.
    """
    most, start, repeated = max(sizes), 0, list[Item]()
    for size in sizes:
        part = items[start : start + size]
        repeated += [part[index % size] for index in range(most if size else 0)]
        start += size
    return repeated
