"""Maps by classification: each cell is told as one of a few bins of people, and holds what is expected of them.

Source: Ma et al., "CLIP-EBC: CLIP Can Count Accurately through Enhanced Blockwise Classification", arXiv 2403.09281.
The bins hold whole numbers, for half a person is nobody's truth; the last one is open upwards. It is trained by the
cross entropy of the bins and by a distance of the map, the mean of the bins' people weighted by their probability.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import log

import torch
from torch import Tensor, nn

EMPTY = 0.99
"""Share of the cells in which nobody is expected before anything is learnt; most are empty in any crowd."""


def people_of(bins: Sequence[int], open_bin: float) -> tuple[float, ...]:
    """Returns for how many people each bin stands: the middle of its whole numbers, of the last one `open_bin`.

    Args:
        bins: the fewest people of each.
        open_bin: 0 for the fewest of the last.
    """
    middles = [(first + following - 1) / 2 for first, following in pairwise(bins)]
    return (*middles, open_bin or float(bins[-1]))


def check_bins(bins: Sequence[int], open_bin: float) -> None:
    """Raises ValueError for bins that are none."""
    if bins and (len(bins) < 2 or bins[0] != 0 or list(bins) != sorted(set(bins))):
        raise ValueError(f"bins are {list(bins)}, expected the fewest people of each, rising from 0, such as [0, 1, 2]")
    if open_bin and not (bins and bins[-1] <= open_bin < float("inf")):
        fewest = f"at least {bins[-1]}, the fewest people of the last bin" if bins else "none, for there are no bins"
        raise ValueError(f"open_bin is {open_bin}, expected {fewest}")


class Cells(nn.Module):
    """What the last convolution of a map gives, read as people and, where the map is classified, as logits too."""

    people: Tensor

    def __init__(self, bins: Sequence[int], open_bin: float) -> None:
        super().__init__()
        self.channels = max(1, len(bins))
        """That the convolution before it is to have."""
        people = torch.tensor(people_of(bins, open_bin) if bins else ())
        self.register_buffer("people", people.view(1, len(bins), 1, 1), persistent=False)

    def begin(self, layer: nn.Conv2d) -> None:
        """Lets the convolution before it expect nobody in most cells, where it tells bins."""
        if self.channels > 1 and layer.bias is not None:
            with torch.no_grad():
                layer.bias.zero_()
                layer.bias[0] = log(EMPTY * (self.channels - 1) / (1 - EMPTY))

    def forward(self, found: Tensor) -> tuple[Tensor, Tensor | None]:
        """Returns people per cell (N, h, w), and logits (N, bins, h, w) or None, of the convolution's (N, C, h, w)."""
        if self.channels == 1:
            return found[:, 0], None
        logits = found.float()
        return (logits.softmax(1) * self.people.float()).sum(1), logits
