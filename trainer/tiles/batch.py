"""A batch: what one training step learns from, and what its objective compares with."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """Tiles with their truth."""

    tiles: Tensor
    """RGB, uint8 (N, H, W, 3)."""
    counts: Tensor
    """People, (N,)."""
    maps: dict[int, Tensor]
    """People per cell, (N, h, w), by the edge of the cells in pixels."""
    names: tuple[str, ...]
    """Of the pictures."""
    points: tuple[Tensor, ...] = ()
    """Heads of each tile, float32 (n, 2), x and y in its pixels. They stay on the host: few trainings use them."""
    labels: Tensor | None = None
    """Class of each tile, int64 (N,), of pictures that have classes."""

    def stride_of(self, found: Tensor) -> int:
        """Returns which of `maps` is the truth of a map (N, h, w), by its number of cells."""
        for stride, truth in self.maps.items():
            if truth.shape[1:] == found.shape[1:]:
                return stride
        cells = ", ".join("x".join(map(str, truth.shape[1:])) for truth in self.maps.values())
        raise ValueError(f"map has {'x'.join(map(str, found.shape[1:]))} cells, the batch has the truth for {cells}")
