"""CSRNet: VGG-16's first ten layers, then dilated convolutions that see far without losing resolution.

Source: Li et al., "CSRNet: Dilated Convolutional Neural Networks for Understanding the Highly Congested Scenes", in the
configuration with dilation 2, which is also the first column of Table 3 of the DeepCount paper. At full width it has
16,263,489 parameters. It has no count of its own: its count is the sum of its map.
"""

from itertools import pairwise

from torch import Tensor, nn

from trainer.networks.frontends import FRONTENDS, Frontend, Normalisation, he_initialised
from trainer.networks.model import ModelConfig
from trainer.networks.network import CountingNetwork

BACKEND = (512, 512, 512, 256, 128, 64)
DILATION = 2


class CSRNet(CountingNetwork):
    """One map with cells of 8 pixels, as large as that of DeepCount's branch 1."""

    maps = (1,)

    def __init__(self, config: ModelConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or ModelConfig(family="csrnet")
        self.pretrained = FRONTENDS[config.frontend](config.width)
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

    def forward(self, tiles: Tensor) -> tuple[Tensor, dict[int, Tensor]]:
        """Counts tiles (uint8 (N, H, W, 3), RGB, of whole cells): count (N,) and its map (N, H/8, W/8) under 1."""
        x, _ = self.pretrained(self.pixels(tiles).to(self.density.weight.dtype))
        density = self.density(self.backend(x))[:, 0]
        return density.float().sum((1, 2)), {1: density}
