"""CSRNet: VGG-16's first ten layers, then dilated convolutions that see far without losing resolution.

Source: Li et al., "CSRNet: Dilated Convolutional Neural Networks for Understanding the Highly Congested Scenes", in the
configuration with dilation 2, which is also the first column of Table 3 of the DeepCount paper. At full width it has
16,263,489 parameters. It has no count of its own: its count is the sum of its map.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import Any, ClassVar

from torch import Tensor, nn

from trainer.networks.frontends import FRONTENDS, Frontend, Normalisation, he_initialised
from trainer.networks.model import ConvolutionalConfig
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import MAP, Outputs, Promised

BACKEND = (512, 512, 512, 256, 128, 64)
DILATION = 2
STRIDE = 8
BACK = "backend "
"""Before the number in the name of what a layer of the backend gives."""


@dataclass(frozen=True, slots=True)
class CSRNetConfig(ConvolutionalConfig):
    """Which CSRNet."""

    family: str = field(default="csrnet", init=False)

    forgotten: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {"frontend": "vgg16", "branches": [1, 2, 3, 4, 5], "leak": 0.2}
    )

    @property
    def frontend_name(self) -> str:
        """VGG-16's first ten layers."""
        return "vgg16"

    @property
    def outputs(self) -> Promised:
        """One map, and the features of each layer of the backend."""
        features = {f"{BACK}{number}": STRIDE for number in range(1, len(BACKEND) + 1)}
        return Promised(maps={MAP: STRIDE}, features=features)


class CSRNet(CountingNetwork):
    """One map with cells of 8 pixels, as large as that of DeepCount's branch 1."""

    def __init__(self, config: CSRNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or CSRNetConfig()
        self.pretrained = FRONTENDS[config.frontend_name](config.width)
        self.pixels = Normalisation(self.pretrained)
        channels = [self.pretrained.channels[0], *(max(1, round(config.width * c)) for c in BACKEND)]
        layers: list[nn.Module] = []
        for entering, leaving in pairwise(channels):
            convolution = nn.Conv2d(entering, leaving, 3, padding=DILATION, dilation=DILATION)
            layers += [he_initialised(convolution), nn.ReLU(inplace=True)]
        self.backend = nn.Sequential(*layers)
        self.density = he_initialised(nn.Conv2d(channels[-1], 1, 1))

    @property
    def frontend(self) -> Frontend:
        """VGG-16's first ten layers."""
        return self.pretrained

    def exact(self) -> list[nn.Module]:
        """Returns the normalisation; the sum is taken in float32 in any case."""
        return [self.pixels]

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the activations of the backend."""
        layers = [layer for layer in self.backend if isinstance(layer, nn.ReLU)]
        return {f"{BACK}{number}": layer for number, layer in enumerate(layers, 1)}

    def forward(self, tiles: Tensor) -> Outputs:
        """Maps tiles (uint8 (N, H, W, 3), RGB, of whole cells): people per cell (N, H/8, W/8)."""
        x, _ = self.pretrained(self.pixels(tiles).to(self.density.weight.dtype))
        return Outputs(None, {MAP: self.density(self.backend(x))[:, 0]})
