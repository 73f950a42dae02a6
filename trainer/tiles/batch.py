"""A batch: what one training step learns from, and what its objective compares with."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Tiles uint8 (N, 384, 512, 3), counts (N,), maps of branches 1 to 5 (N, h, w), and the pictures' names."""

    tiles: Tensor
    counts: Tensor
    maps: dict[int, Tensor]
    names: tuple[str, ...]
    points: tuple[Tensor, ...] = ()
    """Heads of each tile, float32 (n, 2), x and y in its pixels. They stay on the host: few trainings use them."""
