"""CSRNet: VGG-16's first ten layers, then dilated convolutions that see far without losing resolution.

Source: Li et al., "CSRNet: Dilated Convolutional Neural Networks for Understanding the Highly Congested Scenes", in the
configuration with dilation 2, which is also the first column of Table 3 of the DeepCount paper. At full width it has
16,263,489 parameters. It has no count of its own: its count is the sum of its map.

Two options are not the paper's: convolutions of 128 channels between the backend and the map, and links past layers of
as many channels, both for crowds as uneven as those of UCF_CC_50.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, ClassVar

from torch import Tensor, nn

from trainer.networks.blocks import Cells
from trainer.networks.frontends import (
    VGG16_STAGES,
    Normalisation,
    Vgg16,
    he_initialised,
    vgg_features,
)
from trainer.networks.model import ConvolutionalConfig
from trainer.networks.network import MapNetwork
from trainer.networks.outputs import MAP, Outputs, Promised, one_map

BACKEND = (512, 512, 512, 256, 128, 64)
DILATION = 2
STRIDE = 8
MORE = 128
"""Channels of the layers that may stand between the backend and the map."""
MOST_LAYERS = 8
BACK = "backend "
"""Before the number in the name of what a layer behind the frontend gives."""
DEVIATION = 0.01


def _gaussian(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.normal_(layer.weight, std=DEVIATION)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


INITIALISATIONS = {"he": he_initialised, "gaussian": _gaussian}


@dataclass(frozen=True, slots=True)
class CSRNetConfig(ConvolutionalConfig):
    """Which CSRNet."""

    family: str = field(default="csrnet", init=False)
    initialisation: str = "he"
    """How the weights behind the frontend start: he (He et al., 2015) or gaussian (the paper's: mean 0, deviation 0.01,
    with which a training is slow to begin)."""
    more_layers: int = 0
    """Convolutions between the backend and the map."""
    residual: bool = False
    """Whether what enters a layer is added to what leaves it: behind the frontend, where both have as many channels."""

    forgotten: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"frontend": "vgg16", "branches": [1, 2, 3, 4, 5], "leak": 0.2}
    )

    def __post_init__(self) -> None:
        ConvolutionalConfig.__post_init__(self)
        if self.initialisation not in INITIALISATIONS:
            known = ", ".join(INITIALISATIONS)
            raise ValueError(f"initialisation is {self.initialisation!r}, expected one of {known}")
        if not 0 <= self.more_layers <= MOST_LAYERS:
            raise ValueError(f"more_layers is {self.more_layers}, expected a number from 0 to {MOST_LAYERS}")

    @property
    def frontend_name(self) -> str:
        """VGG-16's first ten layers."""
        return "vgg16"

    @property
    def outputs(self) -> Promised:
        """One map, and what each layer gives."""
        behind = {f"{BACK}{number}": STRIDE for number in range(1, len(BACKEND) + self.more_layers + 1)}
        logits = {MAP: STRIDE} if self.bins else {}
        return Promised(maps={MAP: STRIDE}, logits=logits, features=vgg_features(VGG16_STAGES) | behind)


class CSRNet(MapNetwork):
    """One map with cells of 8 pixels, as large as that of DeepCount's branch 1."""

    config: CSRNetConfig

    def __init__(self, config: CSRNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or CSRNetConfig()
        self.pretrained = Vgg16(config.width)
        self.pixels = Normalisation(self.pretrained)
        wide = [max(1, round(config.width * channels)) for channels in (*BACKEND, *(config.more_layers * [MORE]))]
        layers: list[nn.Module] = []
        for number, (entering, leaving) in enumerate(pairwise([self.pretrained.channels[0], *wide])):
            reach = DILATION if number < len(BACKEND) else 1
            layers += [nn.Conv2d(entering, leaving, 3, padding=reach, dilation=reach), nn.ReLU(inplace=True)]
        self.backend = nn.Sequential(*layers)
        self.cells = Cells(config.bins, config.open_bin)
        self.density = nn.Conv2d(wide[-1], self.cells.channels, 1)
        for layer in (*self.backend, self.density):
            if isinstance(layer, nn.Conv2d):
                INITIALISATIONS[config.initialisation](layer)
        self.cells.begin(self.density)

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the activations of all layers."""
        layers = [layer for layer in self.backend if isinstance(layer, nn.ReLU)]
        return self.pretrained.feature_layers() | {f"{BACK}{number}": layer for number, layer in enumerate(layers, 1)}

    def forward(self, tiles: Tensor) -> Outputs:
        """Maps tiles (uint8 (N, H, W, 3), RGB, of whole cells): people per cell (N, H/8, W/8)."""
        x, _ = self.pretrained(self.pixels(tiles).to(self.density.weight.dtype))
        x = self._linked(x) if self.config.residual else self.backend(x)
        return one_map(self.cells(self.density(x)))

    def _linked(self, x: Tensor) -> Tensor:
        """Runs the backend with a link past every layer whose input has as many channels as its output."""
        for layer in self.backend:
            if isinstance(layer, nn.Conv2d):
                entering = x
                x = layer(x)
            else:
                x = layer(x) + entering if x.shape == entering.shape else layer(x)
        return x
