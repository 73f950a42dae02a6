"""Weights in the place of several trained ones: their mean, in which every channel is made as strong as it was.

The mean of several networks' weights often errs less than any of them ("model soups", Wortsman et al., 2022), but its
channels answer more weakly where the networks disagree, so that it counts too few. REPAIR (Jordan et al., "REPAIR:
REnormalizing Permuted Activations for Interpolation Repair", 2022) gives each channel the mean and deviation back that
it had on average. Weights and bias of the channel's own layer take that up: the network stays as large and as fast.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from trainer.networks.families import built
from trainer.networks.model import ModelConfig
from trainer.progress import with_bar

BATCHES, TILES = 8, 40
"""Of tiles, on which channels are measured: some ten thousand people, eight minutes at full width on two cores, half a
minute at a quarter of it. On a single batch, other tiles moved a mean of `light` by 0.008 of the people."""
GAINS = (0.5, 2.0)
"""Least and most by which a channel is made stronger; one that hardly ever answers has no deviation to go by."""
SILENT = 1e-6

Weights = Mapping[str, Tensor]
Seen = tuple[Tensor, Tensor]
"""Mean and variance of each channel, (c,) both."""
Hook = Callable[[str, Tensor], Tensor | None]
"""Takes a layer's name and what it gives, and returns what it shall give instead."""


def repaired_mean(
    model: ModelConfig, weights: Sequence[Weights], batches: Sequence[Tensor], *, bf16: bool
) -> dict[str, Tensor]:
    """Returns the mean of several networks' weights, by name, with the strength of every channel put back.

    Args:
        model: what all are the weights of; parts that they lack stay out.
        weights: of each network.
        batches: tiles uint8 (n, H, W, 3), RGB, of training pictures, on the device to compute on; all of one size. A
            channel is repaired as all so far show it, at last as all do; the first has to be large enough to come near.
        bf16: compute in bfloat16 wherever autocast does.
    """
    device = batches[0].device
    network = built(model).to(device).eval()
    layers = {name: layer for name, layer in network.named_modules() if _differs(name, layer, weights)}

    def run(own: Weights, hook: Hook, what: str) -> None:
        network.load_state_dict(own, strict=False)
        handles = [layer.register_forward_hook(_hooked(name, hook)) for name, layer in layers.items()]
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            for tiles in with_bar(batches, what, "batches"):
                network(tiles)
        for handle in handles:
            handle.remove()

    all_seen: list[dict[str, list[Seen]]] = []
    for number, own in enumerate(weights, 1):
        seen: dict[str, list[Seen]] = {name: [] for name in layers}
        run(own, partial(_note, seen), f"measuring channels of {number}")
        all_seen.append(seen)
    mean = {name: torch.stack([own[name].float() for own in weights]).mean(0) for name in weights[0]}
    before: dict[str, list[Seen]] = {name: [] for name in layers}
    changes: dict[str, tuple[Tensor, Tensor, Tensor]] = {}

    def repair(name: str, found: Tensor) -> Tensor:
        before[name].append(_seen(found))
        so_far = (_pooled(seen[name][: len(before[name])]) for seen in all_seen)  # as batches differ
        aim = [torch.stack(each).mean(0) for each in zip(*so_far, strict=True)]
        level, deviation = _pooled(before[name])
        gain = (aim[1] / deviation.clamp(min=SILENT)).clamp(*GAINS)
        changes[name] = level, gain, aim[0]
        return _along(found, 1, gain, aim[0] - gain * level).to(found.dtype)

    run(mean, repair, "repairing their mean")
    for name, (level, gain, aim) in changes.items():
        weight, bias = f"{name}.weight", f"{name}.bias"
        channel = 1 if isinstance(layers[name], nn.ConvTranspose2d) else 0
        mean[weight] = _along(mean[weight], channel, gain.cpu(), torch.zeros(1))
        mean[bias] = gain.cpu() * (mean[bias] - level.cpu()) + aim.cpu()
    return mean


def _differs(name: str, layer: nn.Module, weights: Sequence[Weights]) -> bool:
    weight = f"{name}.weight"
    if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) or weight not in weights[0]:
        return False
    return not all(torch.equal(own[weight], weights[0][weight]) for own in weights)


def _hooked(name: str, hook: Hook) -> Callable[[nn.Module, object, Tensor], Tensor | None]:
    return lambda _layer, _entering, found: hook(name, found)


def _note(seen: Mapping[str, list[Seen]], name: str, found: Tensor) -> None:
    seen[name].append(_seen(found))


def _seen(found: Tensor) -> Seen:
    """Measures each channel of (N, c, h, w) or (N, c)."""
    channels = found.float().transpose(0, 1).flatten(1)
    return channels.mean(1), channels.var(1, correction=0)


def _pooled(seen: Sequence[Seen]) -> Seen:
    """Returns mean and standard deviation of each channel over equally large batches, (c,) both."""
    levels, variances = (torch.stack(each) for each in zip(*seen, strict=True))
    return levels.mean(0), (variances.mean(0) + levels.var(0, correction=0)).sqrt()


def _along(values: Tensor, channel: int, gain: Tensor, shift: Tensor) -> Tensor:
    """Multiplies and shifts each channel, of which `channel` is the dimension."""
    shape = [-1 if place == channel else 1 for place in range(values.dim())]
    return values.float() * gain.view(shape) + shift.view(shape)
