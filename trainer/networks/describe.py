"""What a network consists of: parameters and multiply-adds of each layer, measured on the network itself.

Multiply-adds are counted as the paper does (equation 10), each once, where others count two FLOP: output height x width
x channels, times kernel, times input channels (of one group). A transposed convolution is counted by its output too,
for so the rows of Table 3 come out: with the zeros between its inputs, at stride 2 four times what is needed. Biases,
activations and sums are left out.

Others count in other ways. The table of SKT (Liu et al., "Efficient Crowd Counting via Structured Knowledge Transfer",
2020) comes out when each bias, each activation, each value that enters a pooling and each that leaves an enlargement
is counted as one more; for its networks that is 0.2 %.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from trainer.errors import TrainerError
from trainer.geometry import TILE
from trainer.networks.families import built
from trainer.networks.model import ModelConfig

Counting = nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d
Activation = nn.ReLU | nn.ReLU6 | nn.LeakyReLU | nn.Upsample
Pooling = nn.MaxPool2d | nn.AvgPool2d | nn.AdaptiveAvgPool2d
FRONTEND, BACKEND = "frontend", "backend"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer with parameters."""

    part: str
    """frontend, backend, or branch 1 to 5."""
    name: str
    """In the network."""
    kind: str
    """As Table 3 writes it: Conv-s2 3x3x256x512."""
    output: str
    """Height x width x channels."""
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Several layers together."""

    parameters: int
    multiply_adds: int


def layers_of(config: ModelConfig, size: tuple[int, int] = TILE) -> list[Layer]:
    """Returns the layers in the order in which they run, for one input of height x width pixels.

    No memory for weights or pictures is used and nothing is computed: only shapes are propagated.

    Raises:
        TrainerError: the network cannot take an input of this size.
    """
    found: list[Layer] = []

    def watch(name: str, module: nn.Module) -> None:
        if isinstance(module, Counting):
            module.register_forward_hook(_recorder(name, found))

    _run(config, size, watch)
    return found


def operations_of(config: ModelConfig, size: tuple[int, int] = TILE) -> int:
    """Returns what one input costs as SKT's table counts it: multiply-adds, biases, activations, poolings.

    Raises:
        TrainerError: the network cannot take an input of this size.
    """
    extra = 0

    def watch(_name: str, module: nn.Module) -> None:
        def add(_module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            nonlocal extra
            if isinstance(module, nn.BatchNorm2d):
                extra += 2 * output[0].numel()
            elif isinstance(module, Activation) or (isinstance(module, Counting) and module.bias is not None):
                extra += output[0].numel()
            elif isinstance(module, Pooling):
                extra += inputs[0][0].numel()

        if isinstance(module, Counting | Activation | Pooling):
            module.register_forward_hook(add)

    _run(config, size, watch)
    return extra + total(layers_of(config, size)).multiply_adds


def _run(config: ModelConfig, size: tuple[int, int], watch: Callable[[str, nn.Module], None]) -> None:
    """Propagates the shape of one input through a network of which each part is watched."""
    try:
        config.check_size(size)
    except ValueError as error:
        raise TrainerError(str(error)) from error
    with torch.device("meta"):
        network = built(config).eval()
        for name, module in network.named_modules():
            watch(name, module)
        network(torch.zeros(1, *size, 3, dtype=torch.uint8))


def total(layers: Iterable[Layer]) -> Sum:
    """Adds up layers."""
    chosen = list(layers)
    return Sum(sum(layer.parameters for layer in chosen), sum(layer.multiply_adds for layer in chosen))


def parts_of(layers: Iterable[Layer]) -> dict[str, list[Layer]]:
    """Returns the layers by part, in the order of the first of each."""
    parts: dict[str, list[Layer]] = {}
    for layer in layers:
        parts.setdefault(layer.part, []).append(layer)
    return parts


def _recorder(name: str, found: list[Layer]) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(module, Counting)
        kind, kernel = _kind(module)
        shape = (*output.shape[2:], output.shape[1])
        work = output[0].numel() * prod(kernel[:-1]) if kernel else 0
        parameters = sum(p.numel() for p in module.parameters())
        found.append(Layer(_part(name), name, kind, "x".join(map(str, shape)), parameters, work))

    return record


def _kind(layer: Counting) -> tuple[str, tuple[int, ...]]:
    """Returns the layer's kind in the manner of Table 3, and its kernel: height, width, channels in, channels out."""
    if isinstance(layer, nn.BatchNorm2d):  # an exported graph has it inside of the convolution before it
        return f"Norm {layer.num_features}", ()
    if isinstance(layer, nn.Linear):
        return f"Fc {layer.in_features}x{layer.out_features}", (layer.in_features, layer.out_features)
    high, wide = layer.kernel_size
    kernel = (high, wide, layer.in_channels // layer.groups, layer.out_channels)
    word = "Conv-tr" if isinstance(layer, nn.ConvTranspose2d) else "Conv"
    extra = (f"-d{layer.dilation[0]}" if layer.dilation[0] > 1 else "") + ("-dw" if layer.groups > 1 else "")
    return f"{word}-s{layer.stride[0]}{extra} {'x'.join(map(str, kernel))}", kernel


def _part(name: str) -> str:
    words = name.split(".")
    if words[0] == "branches":
        return f"branch {words[1]}"
    return FRONTEND if "frontend" in words or "pretrained" in words else BACKEND
