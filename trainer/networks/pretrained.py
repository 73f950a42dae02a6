"""ImageNet weights for a frontend, from a file or from torchvision; nothing in a file is executed.

A file in eight bits holds for each tensor NAME.q with NAME.scale and NAME.min: value = q * scale + min. Its metadata
may say that its first layer takes blue, green and red from 0 to 255 less a mean, as the Oxford weights do; that layer
is then turned to take what all others take.
"""

import pickle
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from trainer.files import reason
from trainer.networks.frontends import Frontend, Vgg, Vgg19

TORCHVISION = Path("torchvision")
"""In the place of a file: the weights that torchvision fetches."""
CODES, SCALE, LEAST = ".q", ".scale", ".min"
OXFORD = re.compile(r"BGR 0\.\.255 minus \(([\d.]+), ?([\d.]+), ?([\d.]+)\)")
"""How metadata say of which pixels the first layer was trained."""
FIRST = "features.0"
BLOCK = re.compile(r"^block(?=\d)")
"""How some files name what is `blocks.` here."""
LEVELS = (45.0, 188.0, 227.0, 288.0, 307.0, 329.0, 562.0, 1005.0, 1032.0, 849.0, 552.0, 224.0, 167.0, 80.0, 36.0, 5.4)
"""How strongly the layers of Oxford's VGG-19 answer: root mean squares behind the ReLUs, on photographs of streets."""
PICKLED = (".pth", ".pt")
"""Endings of the files that torchvision hands out."""
SPARED = ".num_batches_tracked"
"""How the names of counters end that older files lack, and nothing here needs."""


def load_pretrained(frontend: Frontend, path: Path) -> None:
    """Fills a frontend with ImageNet weights from a safetensors file, or from the network if `path` is 'torchvision'.

    Raises:
        ValueError: the file cannot be read or fetched, or its layers are not those of this frontend; the first that
            differs is named.
    """
    tensors = _from_torchvision(frontend) if path == TORCHVISION else _from_file(frontend, path)
    own, found = frontend.state_dict(), dict(_renamed(frontend, tensors))
    kind = type(frontend).__name__
    for stage in dict.fromkeys(map(_stage, own)):
        for name, value in own.items():
            if _stage(name) == stage and not name.endswith(SPARED):
                _check(f"weights {path}", kind, name, found.get(name), value)
        if more := [name for name in tensors if frontend.is_whole and _stage(name) == stage and name not in own]:
            raise ValueError(
                f"weights {path} have '{min(more, key=_natural)}', which {kind} of this depth has not: the first layer "
                "that differs; are they of another depth?"
            )
    frontend.load_state_dict({name: found.get(name, value).to(value.dtype) for name, value in own.items()})


def _check(subject: str, kind: str, name: str, found: Tensor | None, own: Tensor) -> None:
    if found is None:
        raise ValueError(
            f"{subject} lack '{name}' of {kind}, the first layer that differs; are they of another network, or another "
            "depth?"
        )
    if found.shape != own.shape:
        raise ValueError(
            f"{subject}: '{name}' is {tuple(found.shape)}, {kind} of this width and depth expects {tuple(own.shape)}"
        )


def _stage(name: str) -> str:
    return name.partition(".")[0]


def _natural(name: str) -> tuple[tuple[int, ...], bool, str]:
    """Sorts layers by their numbers, so that layer1.2 is before layer1.10, and a norm after its convolution."""
    return tuple(map(int, re.findall(r"\d+", name))), "bn" in name, name


def _from_file(frontend: Frontend, path: Path) -> dict[str, Tensor]:
    if path.suffix in PICKLED:
        return _from_pytorch(path)
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ValueError(f"weights {path} cannot be read as safetensors: {reason(error)}") from error
    tensors = dict(_unpacked(tensors, path))
    mean = OXFORD.search(metadata.get("input", ""))
    if mean and isinstance(frontend, Vgg):
        tensors |= _for_rgb(frontend, tensors, tuple(map(float, mean.groups())), path)
    if mean and isinstance(frontend, Vgg19):
        tensors |= dict(_levelled(frontend, tensors))
    return tensors


def _from_pytorch(path: Path) -> dict[str, Tensor]:
    """Reads tensors as torchvision hands them out; anything else in the file is refused, and nothing executed."""
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(f"weights {path} cannot be read as tensors of PyTorch: {reason(error)}") from error
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise ValueError(f"weights {path} are no tensors by name")
    return dict(tensors)


def _unpacked(tensors: Mapping[str, Tensor], path: Path) -> Iterator[tuple[str, Tensor]]:
    """Yields the values of tensors that are stored in eight bits, and the others as they are."""
    for name, tensor in tensors.items():
        own = name.removesuffix(CODES)
        if own != name:
            if missing := [part for part in (own + SCALE, own + LEAST) if part not in tensors]:
                raise ValueError(f"weights {path} are damaged: '{name}' has no '{missing[0]}'")
            yield own, tensor.float() * tensors[own + SCALE] + tensors[own + LEAST]
        elif not name.endswith((SCALE, LEAST)):
            yield name, tensor


def _for_rgb(
    frontend: Frontend, tensors: Mapping[str, Tensor], mean: tuple[float, ...], path: Path
) -> dict[str, Tensor]:
    """Returns a first layer that gives for normalised RGB what the one in the file gives for its own pixels."""
    names = f"{FIRST}.weight", f"{FIRST}.bias"
    if missing := [name for name in names if name not in tensors]:
        raise ValueError(f"weights {path} lack '{missing[0]}'; are they of another network?")
    weight, bias = (tensors[name].float() for name in names)
    weight = weight.flip(1)
    shift = 255 * torch.tensor(frontend.mean) - torch.tensor(mean[::-1])  # of each channel, below a 255th
    bias = bias + (weight * shift.view(1, 3, 1, 1)).sum((1, 2, 3))
    return dict(zip(names, (weight * 255 * torch.tensor(frontend.deviation).view(1, 3, 1, 1), bias), strict=True))


def _levelled(frontend: Vgg19, tensors: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yields layers that find the same, and answer with values near 1.

    What stands behind such a frontend begins small, and would first have to unlearn hundreds of people in a tile.
    """
    names = (name for name, layer in frontend.named_modules() if isinstance(layer, nn.Conv2d))
    for name, before, level in zip(names, (1.0, *LEVELS), LEVELS, strict=False):
        if f"{name}.weight" in tensors and f"{name}.bias" in tensors:
            yield f"{name}.weight", tensors[f"{name}.weight"].float() * (before / level)
            yield f"{name}.bias", tensors[f"{name}.bias"].float() / level


def _from_torchvision(frontend: Frontend) -> dict[str, Tensor]:
    """Fetches torchvision's ImageNet weights (VGG's are 528 MB), kept in PyTorch's cache."""
    if not frontend.torchvision:
        raise ValueError(
            f"weights 'torchvision' are not to be had for {type(frontend).__name__}, whose padding differs from "
            "torchvision's; give a safetensors file"
        )
    from trainer.torchvision_loaded import imagenet_weights  # imported by those who need it: it takes a second

    try:
        return imagenet_weights(frontend.torchvision)
    except (OSError, RuntimeError) as error:  # no network, a full disk; a file with another hash than it should have
        raise ValueError(
            f"weights 'torchvision' cannot be fetched: {reason(error)}; give a safetensors file instead"
        ) from error


def _renamed(frontend: nn.Module, tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yields the tensors that this frontend wants, under its own names (files may hold deeper layers too)."""
    wanted = frontend.state_dict()
    for name, tensor in tensors.items():
        ours = BLOCK.sub("blocks.", name)
        if ours in wanted:
            yield ours, tensor
