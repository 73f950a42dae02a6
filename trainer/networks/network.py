"""What every model family has, so that training, evaluation and export need not know which one it is."""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from trainer.networks.frontends import Frontend

BACKBONE = 0
"""Stands for a network's own count where what is counted from is given by the numbers of branches."""


def said_outputs(counted: Sequence[int]) -> str:
    """Says what a count is the mean of, such as 'the backbone and branch 3'."""
    return " and ".join("the backbone" if number == BACKBONE else f"branch {number}" for number in counted)


def outputs_of(text: str) -> tuple[int, ...]:
    """Returns what `said_outputs` said; the backbone for a text that says nothing."""
    return tuple(int(number or BACKBONE) for number in re.findall(r"the backbone|branch (\d)", text)) or (BACKBONE,)


def people_in(count: Tensor, maps: Mapping[int, Tensor], counted: Sequence[int]) -> Tensor:
    """Returns how many people a network finds in each tile, (N,), float32.

    Args:
        count: what it regresses, (N,).
        maps: its density maps by branch, (N, h, w).
        counted: branches, and `BACKBONE` for `count`; the mean of what these find is taken, each cut off at zero.
    """
    found = [count if number == BACKBONE else maps[number].float().clamp(min=0).sum((1, 2)) for number in counted]
    people = [values.float().clamp(min=0) for values in found]
    return sum(people[1:], people[0]) / len(people)


class CountingNetwork(nn.Module):
    """A network that takes tiles uint8 (N, 384, 512, 3), RGB, and returns count (N,) and density maps (N, h, w).

    The maps stand under the number of the branch whose size they have, see `BRANCH_SIZES`.
    """

    maps: tuple[int, ...]
    """Numbers of the maps that it returns."""

    @property
    def frontend(self) -> Frontend:
        """The pretrained part."""
        raise NotImplementedError

    def exact(self) -> list[nn.Module]:
        """Returns the parts that keep float32 where all others become float16."""
        raise NotImplementedError

    def forward(self, tiles: Tensor) -> tuple[Tensor, dict[int, Tensor]]:
        """Counts tiles."""
        raise NotImplementedError

    def freeze(self, layers: int) -> None:
        """Keeps the first layers of the frontend as they are; their gradients are not computed, which saves time."""
        for layer in self.frontend.layers()[:layers]:
            layer.requires_grad_(False)

    def parameter_groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Returns (pretrained frontend that learns, everything else); the former learns more slowly (section 3.6)."""
        frontend = [p for p in self.frontend.parameters() if p.requires_grad]
        known = {id(p) for p in self.frontend.parameters()}
        return frontend, [p for p in self.parameters() if id(p) not in known]


def in_float32(head: nn.Module, x: Tensor) -> Tensor:
    """Applies a layer outside of autocast: bfloat16 knows no odd number above 256.

    Without autocast, as in an export, it is the layer and nothing else.
    """
    kind = x.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        with torch.autocast(kind, enabled=False):
            return in_float32(head, x.float())
    found: Tensor = head(x)
    return found
