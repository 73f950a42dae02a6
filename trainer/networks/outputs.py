"""What networks return, and what a family says beforehand of it: names, sizes, and what people are counted from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

COUNT = "count"
"""The name of a network's own count where what is counted from is named; of a network that has none, it is its map."""
MAP = "map"
"""The name of the map of a network that has one."""
CLASSES = "classes"
"""The name of the answer of a network that classifies."""
BRANCH = "branch "
"""Before the number in the name of a map of DeepCount's."""
BACKBONE = "the backbone"
"""What exported files call `COUNT`."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a network finds in N tiles."""

    count: Tensor | None
    """People, (N,); None where the network has only maps."""
    maps: dict[str, Tensor]
    """People per cell, (N, h, w), by name; cells may be below zero."""
    logits: dict[str, Tensor] = field(default_factory=dict)
    """(N, classes, h, w), or (N, classes) of a whole tile, by name."""
    features: dict[str, Tensor] = field(default_factory=dict)
    """(N, C, h, w), by name; those that `CountingNetwork.keep_features` asked for."""

    @property
    def people(self) -> Tensor:
        """The count as it is trained, (N,), float32: the network's own, or the sum of its finest map.

        Nothing is cut off, so that what is below zero learns too.
        """
        return self.finest.float().sum((1, 2)) if self.count is None else self.count.float()

    @property
    def finest(self) -> Tensor:
        """The map with the most cells, (N, h, w)."""
        return max(self.maps.values(), key=lambda density: density.shape[1])


@dataclass(frozen=True, slots=True)
class Promised:
    """What a configured network will return; every name is that of `Outputs`."""

    maps: Mapping[str, int] = field(default_factory=dict)
    """Edge of a cell in pixels, by name, the finest first."""
    logits: Mapping[str, int] = field(default_factory=dict)
    """Likewise; 0 where a whole tile has one answer."""
    features: Mapping[str, int] = field(default_factory=dict)
    """Likewise, of features that can be kept."""
    has_count: bool = False
    """Whether it regresses a count."""

    @property
    def counted(self) -> tuple[str, ...]:
        """What a count can be read from."""
        return (COUNT, *self.maps)


def one_map(found: tuple[Tensor, Tensor | None]) -> Outputs:
    """Returns the outputs of a network with one map, of its people and, where it is classified, its logits."""
    density, logits = found
    return Outputs(None, {MAP: density}, {} if logits is None else {MAP: logits})


def people_in(outputs: Outputs, counted: Sequence[str]) -> Tensor:
    """Returns how many people a network finds in each tile, (N,), float32.

    This is the one place where people are cut off at zero: a count once, also where it is the sum of all cells of a
    network's only map, whose small errors above and below zero then cancel; a map that is named cell by cell, so that
    the count is the sum of what is shown.

    Args:
        outputs: of the network.
        counted: names of maps, and `COUNT` for the network's own count; the mean of what these find is taken.
    """
    found = [_found(outputs, name).clamp(min=0) for name in counted]
    return sum(found[1:], found[0]) / len(found)


def density_in(outputs: Outputs, name: str) -> Tensor:
    """Returns people per cell of a map as they are shown, (N, h, w), float32, cut off at zero."""
    return outputs.maps[name].float().clamp(min=0)


def numbered(number: int) -> str:
    """Returns the name of what files of earlier releases know by a number: 0 is the count, 1 to 5 are branches."""
    return f"{BRANCH}{number}" if number else COUNT


def said_counted(counted: Sequence[str]) -> str:
    """Says what a count is the mean of, such as 'the backbone and branch 3'."""
    return " and ".join(BACKBONE if name == COUNT else name for name in counted)


def counted_of(text: str) -> tuple[str, ...]:
    """Returns what `said_counted` said; the network's own count for a text that says nothing."""
    names = re.findall(rf"{BACKBONE}|{BRANCH}\d|\b{MAP}\b", text)
    return tuple(COUNT if name == BACKBONE else name for name in names) or (COUNT,)


def _found(outputs: Outputs, name: str) -> Tensor:
    return outputs.people if name == COUNT else density_in(outputs, name).sum((1, 2))
