"""Counts as classes: how many heads a block of a tile holds, told as one of a few bins.

Source: Ma et al., "CLIP-EBC: CLIP Can Count Accurately through Enhanced Blockwise Classification", arXiv 2403.09281,
section 3.1: bins hold whole numbers, for half a person is nobody's truth, and the last is open upwards.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy


def heads_per_cell(points: Tensor, shape: tuple[int, int], tile: tuple[int, int]) -> Tensor:
    """Returns how many heads each cell of a tile holds, int64 (h, w).

    Args:
        points: heads (n, 2), x and y in pixels of the tile.
        shape: rows and columns of cells.
        tile: its height and width in pixels.
    """
    rows, columns = shape
    scale = torch.tensor([columns / tile[1], rows / tile[0]], device=points.device)
    x, y = (points.float() * scale).long().T
    places = y.clamp(0, rows - 1) * columns + x.clamp(0, columns - 1)
    return torch.bincount(places, minlength=rows * columns).reshape(rows, columns)


def bins_of(counts: Tensor, bins: Sequence[int]) -> Tensor:
    """Returns the number of the bin of each count, int64; bin k begins at `bins[k]` and ends before the next."""
    return torch.bucketize(counts, torch.tensor(bins, device=counts.device), right=True) - 1


def classified(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross entropy of logits (N, C) or (N, C, h, w) with class numbers (N,) or (N, h, w), summed."""
    return cross_entropy(logits.float(), truth, reduction="sum")
