"""Pretrained feature extractors that stand before a backend.

Each takes RGB pixels normalised with its own mean and deviation and returns features at stride 8, and at stride 16
where the network has them (None otherwise). A registry is a dictionary: `FRONTENDS[name](width)`.
"""

from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import pad, relu6

from trainer.files import reason

TORCHVISION = Path("torchvision")
"""In the place of a file: the weights that torchvision fetches."""
VGG16_LAYERS = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512)
# expansion, output channels, blocks, stride of the first block: Sandler et al., "MobileNetV2", Table 2, to stride 16
MOBILENET_V2_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))


class Frontend(nn.Module):
    """What the networks need to know of their frontend."""

    channels: tuple[int, int]
    """Channels at stride 8 and at stride 16, 0 where there is none."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    """Of red, green and blue, from 0 to 1, subtracted from the pixels; the defaults are torchvision's for ImageNet."""
    deviation: tuple[float, float, float] = (0.229, 0.224, 0.225)
    """What the difference is divided by."""

    def layers(self) -> list[nn.Module]:
        """Returns the layers from the picture on, for freezing the first ones."""
        raise NotImplementedError


class Normalisation(nn.Module):
    """Pixels as the frontend's weights were trained to see them; it holds no parameters."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, frontend: Frontend) -> None:
        super().__init__()
        self.register_buffer("mean", 255 * torch.tensor(frontend.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", 255 * torch.tensor(frontend.deviation).view(1, 3, 1, 1), persistent=False)

    def forward(self, tiles: Tensor) -> Tensor:
        """Tiles uint8 (N, H, W, 3), RGB, to float (N, 3, H, W)."""
        return (tiles.permute(0, 3, 1, 2).to(self.mean.dtype) - self.mean) / self.deviation


class Vgg16(Frontend):
    """The first ten convolutions of VGG-16 (Simonyan and Zisserman), as in CSRNet and DeepCount: stride 8."""

    def __init__(self, width: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        entering = 3
        for item in VGG16_LAYERS:
            if item == "M":
                layers.append(nn.MaxPool2d(2))
            else:
                leaving = round(int(item) * width)
                layers += [he_initialised(nn.Conv2d(entering, leaving, 3, padding=1)), nn.ReLU(inplace=True)]
                entering = leaving
        self.features = nn.Sequential(*layers)
        self.channels = (entering, 0)

    def layers(self) -> list[nn.Module]:
        """Returns the convolutions from the picture on."""
        return [layer for layer in self.features if isinstance(layer, nn.Conv2d)]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Normalised RGB (N, 3, H, W) to features (N, 512w, H/8, W/8)."""
        return self.features(pixels), None


def he_initialised(layer: nn.Conv2d) -> nn.Conv2d:
    """Initialises a layer before a ReLU; with PyTorch's own values nothing of the picture is left after ten layers."""
    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; batch norm is folded into the convolutions."""

    def __init__(self, entering: int, leaving: int, expansion: int, stride: int) -> None:
        super().__init__()
        hidden = entering * expansion
        self.expand = nn.Conv2d(entering, hidden, 1) if expansion > 1 else None
        self.dw = nn.Conv2d(hidden, hidden, 3, stride, padding=1 if stride == 1 else 0, groups=hidden)
        self.project = nn.Conv2d(hidden, leaving, 1)
        self.stride = stride
        self.residual = stride == 1 and entering == leaving

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Returns (output, expanded features before the depthwise convolution)."""
        wide = relu6(self.expand(x), inplace=True) if self.expand is not None else x
        # These weights were trained with stride-2 windows that overhang on the right and at the bottom only.
        deep = relu6(self.dw(wide if self.stride == 1 else pad(wide, (0, 1, 0, 1))), inplace=True)
        out = self.project(deep)
        return (x + out if self.residual else out), wide


class MobileNetV2(Frontend):
    """MobileNetV2 up to its last block at stride 16; always of width 1, for that is what is pretrained."""

    def __init__(self, width: float) -> None:
        super().__init__()
        del width
        self.stem = nn.Conv2d(3, 32, 3, stride=2)
        entering = 32
        blocks = []
        for expansion, leaving, repeats, stride in MOBILENET_V2_STAGES:
            for index in range(repeats):
                blocks.append(InvertedResidual(entering, leaving, expansion, stride if index == 0 else 1))
                entering = leaving
        self.blocks = nn.ModuleList(blocks)
        self.last_at_8 = 6  # the block whose expansion is the deepest feature at stride 8
        self.channels = (32 * 6, 96)

    def layers(self) -> list[nn.Module]:
        """Returns the stem and the blocks from the picture on."""
        return [self.stem, *self.blocks]

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor | None]:
        """Normalised RGB (N, 3, H, W) to features (N, 192, H/8, W/8) and (N, 96, H/16, W/16)."""
        x = relu6(self.stem(pad(pixels, (0, 1, 0, 1))), inplace=True)
        at_8 = x
        for index, block in enumerate(self.blocks):
            x, wide = block(x)
            if index == self.last_at_8:
                at_8 = wide
        return at_8, x


FRONTENDS: dict[str, type[Vgg16] | type[MobileNetV2]] = {"vgg16": Vgg16, "mobilenet_v2": MobileNetV2}


def _from_file(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"weights {path} cannot be read as safetensors: {reason(error)}") from error


def _from_torchvision(frontend: Frontend) -> dict[str, Tensor]:
    """Fetches torchvision's ImageNet weights (528 MB, kept in PyTorch's cache); nothing in the file is executed."""
    if not isinstance(frontend, Vgg16):
        raise ValueError(
            f"weights 'torchvision' are not to be had for {type(frontend).__name__}, whose padding differs from "
            "torchvision's; give a safetensors file"
        )
    from trainer.torchvision_loaded import imagenet_vgg16  # imported by those who need it: it takes a second

    try:
        return imagenet_vgg16()
    except (OSError, RuntimeError) as error:  # no network, a full disk; a file with another hash than it should have
        raise ValueError(
            f"weights 'torchvision' cannot be fetched: {reason(error)}; give a safetensors file instead"
        ) from error


def _renamed(frontend: nn.Module, tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Yields the tensors that this frontend wants, under its own names (files may hold deeper layers too)."""
    wanted = frontend.state_dict()
    for name, tensor in tensors.items():
        ours = name.replace("block", "blocks.", 1) if name.startswith("block") else name
        if ours in wanted:
            yield ours, tensor


def load_pretrained(frontend: Frontend, path: Path) -> None:
    """Fills a frontend with ImageNet weights from a safetensors file, or from the network if `path` is 'torchvision'.

    Raises:
        ValueError: the file cannot be read or fetched, or its layers are not those of this frontend.
    """
    tensors = _from_torchvision(frontend) if path == TORCHVISION else _from_file(path)
    found = dict(_renamed(frontend, tensors))
    for name, parameter in frontend.state_dict().items():
        if name not in found:
            raise ValueError(f"weights {path} lack '{name}' of {type(frontend).__name__}; are they of another network?")
        if found[name].shape != parameter.shape:
            raise ValueError(
                f"weights {path}: '{name}' is {tuple(found[name].shape)}, {type(frontend).__name__} of this width "
                f"expects {tuple(parameter.shape)}"
            )
    frontend.load_state_dict({name: tensor.to(torch.float32) for name, tensor in found.items()})
