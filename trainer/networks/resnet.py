"""ResNet (He et al., "Deep Residual Learning for Image Recognition", 2016), that counts by a heat map, or classifies.

The blocks are torchvision's and bear its names, so that its weights fit at full width; they hold batch norm, as they
were published. To count, the features at stride 32 are enlarged and read by two convolutions; how many people there
are is the sum of the map. To classify, their mean goes through one linear layer.

An exported network has the batch norm inside of its convolutions, and so has one that is taken back from its file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from trainer.networks.blocks import Cells
from trainer.networks.frontends import Frontend, Normalisation, he_initialised
from trainer.networks.model import ConvolutionalConfig
from trainer.networks.network import MapNetwork
from trainer.networks.outputs import CLASSES, MAP, Outputs, Promised, one_map

DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks of each of the four stages; from 50 on each block has three layers in place of two."""
DEEP = 50
CHANNELS = (64, 128, 256, 512)
"""Of the stages; blocks of three layers give four times as many."""
STRIDES = (4, 8, 16, 32)
CELLS = (8, 16, 32)
HEAD = 128
EPSILON = 1e-5
"""Of batch norm, as PyTorch has it."""
PRETRAINED = "pretrained"
STAGE = "stage "
"""Before the number in the name of what a stage gives."""


@dataclass(frozen=True, slots=True)
class ResNetConfig(ConvolutionalConfig):
    """Which ResNet, and what it is for."""

    family: str = field(default="resnet", init=False)
    depth: int = 18
    """18, 34, 50, 101 or 152 layers."""
    cells: int = 16
    """Edge of the map's cells in pixels: 8, 16 or 32."""
    classes: int = 0
    """Of a network that says which of them a picture shows; 0 for one that counts."""
    folded: bool = False
    """Whether the batch norm is inside of the convolutions, as in an exported file."""

    def __post_init__(self) -> None:
        if self.depth not in DEPTHS:
            raise ValueError(f"depth is {self.depth}, expected one of {', '.join(map(str, DEPTHS))}")
        if self.cells not in CELLS:
            raise ValueError(f"cells is {self.cells}, expected one of {', '.join(map(str, CELLS))}")
        if self.classes < 0 or self.classes == 1:
            raise ValueError(f"classes is {self.classes}, expected at least 2, or 0 for a network that counts")
        if self.classes and self.bins:
            raise ValueError(f"classes is {self.classes} and bins are {list(self.bins)}; leave one of them out")
        ConvolutionalConfig.__post_init__(self)

    @property
    def frontend_name(self) -> str:
        """All of it but what reads its features."""
        return f"resnet{self.depth}"

    @property
    def architecture(self) -> str:
        """What an exported file calls it."""
        return self.frontend_name

    @property
    def outputs(self) -> Promised:
        """One map or one answer, and what each stage gives."""
        features = {f"{STAGE}{number}": stride for number, stride in enumerate(STRIDES, 1)}
        if self.classes:
            return Promised(logits={CLASSES: 0}, features=features)
        return Promised(maps={MAP: self.cells}, logits={MAP: self.cells} if self.bins else {}, features=features)

    @property
    def stride(self) -> int:
        """That of the features."""
        return STRIDES[-1]

    @property
    def exported(self) -> Self:
        """Without batch norm."""
        return replace(self, folded=True)


class Residual(Frontend):
    """The stem and the four stages."""

    is_whole = True

    def __init__(self, depth: int, width: float = 1.0, *, folded: bool = False) -> None:
        super().__init__()
        from trainer.torchvision_loaded import (  # imported by those who need it: it takes a second
            BasicBlock,
            Bottleneck,
        )

        block = Bottleneck if depth >= DEEP else BasicBlock
        planes = [max(1, round(width * channels)) for channels in CHANNELS]
        self.torchvision = f"resnet{depth}"
        self.conv1 = nn.Conv2d(3, planes[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(planes[0])
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        entering = planes[0]
        for number, (blocks, leaving) in enumerate(zip(DEPTHS[depth], planes, strict=True), 1):
            stage = _stage(block, (entering, leaving), blocks, 1 if number == 1 else 2)
            setattr(self, f"layer{number}", stage)
            entering = leaving * block.expansion
        self.channels = (planes[1] * block.expansion, planes[2] * block.expansion)
        self.deepest = entering
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if folded:
            for name, norm in list(_norms(self)):
                self.set_submodule(name, _biased(self.get_submodule(name)))
                self.set_submodule(norm, nn.Identity())

    @property
    def stages(self) -> list[nn.Sequential]:
        """The four stages."""
        return [getattr(self, f"layer{number}") for number in range(1, 5)]

    def layers(self) -> list[nn.Module]:
        """Returns the stem's two parts and the blocks from the picture on."""
        return [self.conv1, self.bn1, *(block for stage in self.stages for block in stage)]

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the stages."""
        return {f"{STAGE}{number}": stage for number, stage in enumerate(self.stages, 1)}

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalised RGB (N, 3, H, W) to features (N, C, H/32, W/32)."""
        x: Tensor = self.maxpool(relu(self.bn1(self.conv1(pixels)), inplace=True))
        for stage in self.stages:
            x = stage(x)
        return x


def _stage(block: Any, channels: tuple[int, int], blocks: int, stride: int) -> nn.Sequential:
    """Returns the blocks of a stage, of which the first may halve the picture.

    Args:
        block: torchvision's class of them.
        channels: before the stage, and inside of its blocks.
        blocks: how many.
        stride: of the first.
    """
    entering, inside = channels
    leaving = inside * block.expansion
    link = None
    if stride > 1 or entering != leaving:
        link = nn.Sequential(nn.Conv2d(entering, leaving, 1, stride=stride, bias=False), nn.BatchNorm2d(leaving))
    return nn.Sequential(block(entering, inside, stride, link), *(block(leaving, inside) for _ in range(1, blocks)))


def _norms(frontend: nn.Module) -> Iterator[tuple[str, str]]:
    """Yields the names of each convolution and of the batch norm behind it."""
    for name, module in frontend.named_modules():
        if isinstance(module, nn.Conv2d):
            yield name, name.replace("conv", "bn").replace("downsample.0", "downsample.1")


def _biased(layer: nn.Module) -> nn.Conv2d:
    """Returns a convolution of the same shape with a bias, started as one before a ReLU."""
    assert isinstance(layer, nn.Conv2d)
    shape: dict[str, Any] = {"stride": layer.stride, "padding": layer.padding}
    return he_initialised(nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, **shape))  # type: ignore[arg-type]


def _folded(weights: Mapping[str, Tensor], conv: str, norm: str) -> tuple[Tensor, Tensor]:
    """Returns weight and bias of a convolution that gives what it gave with its batch norm behind it."""
    scale = weights[f"{norm}.weight"] / (weights[f"{norm}.running_var"] + EPSILON).sqrt()
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return weights[f"{conv}.weight"] * scale.view(-1, 1, 1, 1), bias


class ResNet(MapNetwork):
    """A map over the picture, or one answer."""

    config: ResNetConfig
    pretrained: Residual

    def __init__(self, config: ResNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ResNetConfig()
        self.pretrained = Residual(config.depth, config.width, folded=config.folded)
        self.pixels = Normalisation(self.pretrained)
        if config.classes:
            self.pool = nn.AdaptiveAvgPool2d(1)
            self.fc = nn.Linear(self.pretrained.deepest, config.classes)
            return
        head = max(1, round(config.width * HEAD))
        enlargement = STRIDES[-1] // config.cells
        self.enlarge = nn.Upsample(scale_factor=enlargement, mode="bilinear", align_corners=False)
        self.regression = nn.Sequential(
            he_initialised(nn.Conv2d(self.pretrained.deepest, head, 3, padding=1)),
            nn.ReLU(inplace=True),
        )
        self.cells = Cells(config.bins, config.open_bin)
        self.density = nn.Conv2d(head, self.cells.channels, 1)
        self.cells.begin(self.density)

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the stages."""
        return self.pretrained.feature_layers()

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Takes weights, and folds batch norm into them where this network has none."""
        own = dict(weights)
        if self.config.folded and f"{PRETRAINED}.bn1.weight" in weights:
            with torch.device("meta"):
                pairs = [tuple(f"{PRETRAINED}.{name}" for name in pair) for pair in _norms(Residual(self.config.depth))]
            for conv, norm in pairs:
                own[f"{conv}.weight"], own[f"{conv}.bias"] = _folded(weights, conv, norm)
        super().take(own)

    def forward(self, tiles: Tensor) -> Outputs:
        """Maps or classifies tiles (uint8 (N, H, W, 3), RGB, of multiples of 32 pixels)."""
        x = self.pretrained(self.pixels(tiles).to(self.pretrained.conv1.weight.dtype))
        if self.config.classes:
            return Outputs(None, {}, {CLASSES: self.fc(self.pool(x).flatten(1))})
        return one_map(self.cells(self.density(self.regression(self.enlarge(x)))))
