"""How fast a training goes here: the work of a step, the machine's peak beside it, and where the time goes."""

import os
from collections.abc import Callable, Iterator, Sequence
from math import prod
from time import perf_counter
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import conv2d
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from trainer.arithmetic import autocast

PROBE = (8, 256, 48, 64)
"""Tiles, channels in and out, and cells of a convolution that is tried for the peak: large, and friendly to all."""
KERNEL = 3
EDGE = 2048
"""Of the square matrices whose product is tried for the peak."""
PROBES = 5
KINDS = {
    "gradients of convolutions": ("convolution_backward", "conv2d_backward"),
    "convolutions": ("convolution", "conv2d", "conv_transpose"),
    "activations": ("relu", "hardtanh", "clamp", "threshold"),
    "copies and padding": ("copy_", "fill_", "cat", "pad"),
    "optimiser": ("adam", "lerp", "linalg_vector_norm", "sgd"),
}
"""Kinds of work by parts of PyTorch's names for it; the first that fits counts."""
OTHER = "all else"
QUIET = "KINETO_LOG_LEVEL", "99"
"""For the library below PyTorch's profiler, which else says on stderr that it starts and stops."""


def operations(step: Callable[[], object]) -> int:
    """Returns the multiplications and additions of one training step: two for each multiply-add."""
    backward = {torch.ops.aten.convolution_backward: _backward}
    with FlopCounterMode(display=False, custom_mapping=backward) as counter:
        step()
    return int(counter.get_total_flops())


def _backward(gradient: Sequence[int], entering: Sequence[int], weights: Sequence[int], *rest: Any, **_: object) -> int:
    """Counts the operations of a convolution's gradients, each of which takes as many as the convolution itself.

    PyTorch's own formula overlooks groups, and has those of a depthwise convolution's weights as many times as it has
    channels.
    """
    transposed, wanted = rest[4], rest[7]
    cells = (entering if transposed else gradient)[2:]
    return 2 * int(gradient[0]) * prod(cells) * prod(weights) * sum(map(bool, wanted[:2]))


def peak(device: torch.device, precision: str) -> float:
    """Returns how many operations a second this machine reaches: the most of two large pieces of work that suit it."""
    tiles, channels, high, wide = PROBE
    pixels = torch.rand(PROBE, device=device).to(memory_format=torch.channels_last)
    weights = torch.rand(channels, channels, KERNEL, KERNEL, device=device).to(memory_format=torch.channels_last)
    square = torch.rand(EDGE, EDGE, device=device)
    probes: dict[Callable[[], Tensor], int] = {
        lambda: conv2d(pixels, weights, padding=KERNEL // 2): 2 * tiles * high * wide * (channels * KERNEL) ** 2,
        lambda: square @ square: 2 * EDGE**3,
    }
    with torch.inference_mode(), autocast(precision, device):
        return max(work / min(_seconds(probe) for _ in range(PROBES)) for probe, work in probes.items())


def _seconds(probe: Callable[[], Tensor]) -> float:
    start = perf_counter()
    float(probe().flatten()[0])  # waits for a card to have done it
    return perf_counter() - start


def shares(step: Callable[[], object], device: torch.device) -> dict[str, float]:
    """Returns which part of a step's time each kind of work takes, the largest first; together 1."""
    on_card = device.type == "cuda"
    os.environ.setdefault(*QUIET)
    with profile(activities=[ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if on_card else [])]) as record:
        step()
    times = dict.fromkeys((*KINDS, OTHER), 0.0)
    for event in record.key_averages():
        times[_kind(event.key)] += event.self_device_time_total if on_card else event.self_cpu_time_total
    whole = sum(times.values()) or 1.0
    return {kind: time / whole for kind, time in sorted(times.items(), key=lambda item: -item[1]) if time > 0}


def _kind(name: str) -> str:
    return next(_fitting(name), OTHER)


def _fitting(name: str) -> Iterator[str]:
    for kind, parts in KINDS.items():
        if any(part in name.lower() for part in parts):
            yield kind
