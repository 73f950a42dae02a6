"""Several processes that train one network under `torchrun`; alone, everything here does nothing.

Every process draws the same plan of a batch and cuts its own share; gradients, losses and the wish to stop are shared,
so that all of them take the same steps. Only the first one writes and speaks.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

Item = TypeVar("Item")


@contextmanager
def joined(device: torch.device) -> Iterator[torch.device]:
    """Joins the processes that `torchrun` started, for the block; yields this one's device (the n-th GPU)."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def share() -> tuple[int, int]:
    """Returns the number of this process, counted from 0, and how many there are."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def is_first() -> bool:
    """Says whether this process is the one that writes."""
    return share()[0] == 0


def wrapped(network: nn.Module) -> nn.Module:
    """Returns a network whose backward pass averages the gradients over all processes."""
    return DistributedDataParallel(network) if dist.is_initialized() else network


def mean(value: Tensor) -> Tensor:
    """Returns the average of a number over all processes."""
    if not dist.is_initialized():
        return value.detach()
    total = value.detach().clone()
    dist.all_reduce(total)
    return total / dist.get_world_size()


def shared(value: float, device: torch.device) -> float:
    """Returns the average of a number over all processes, so that all go by the same."""
    return value if not dist.is_initialized() else mean(torch.tensor(value, device=device)).item()


def any_of(flags: Sequence[bool], device: torch.device) -> list[bool]:
    """Says of each flag whether it is set in any process."""
    if not dist.is_initialized():
        return list(flags)
    return [value > 0 for value in mean(torch.tensor(flags, dtype=torch.float32, device=device)).tolist()]


def gathered(own: Sequence[Item]) -> list[Item]:
    """Joins what each process has, given that process k of n has every n-th from the k-th on; in the order of all."""
    if not dist.is_initialized():
        return list(own)
    parts: list[list[Item]] = [[] for _ in range(dist.get_world_size())]
    dist.all_gather_object(parts, list(own))
    longest = max(len(part) for part in parts)
    return [part[index] for index in range(longest) for part in parts if index < len(part)]
