"""The network of the Bayesian loss: all of VGG-19's convolutions, and three more on its features, enlarged twice.

Source: Ma et al., "Bayesian Loss for Crowd Count Estimation with Point Supervision", ICCV 2019, section 4.2, and the
code its authors published. At full width it has 21,499,457 parameters. Its map is the absolute value of what its last
layer gives; it has no count of its own.
"""

from dataclasses import dataclass, field

from torch import Tensor, nn

from trainer.networks.blocks import Cells
from trainer.networks.frontends import VGG19_STAGES, Normalisation, Vgg19, vgg_features
from trainer.networks.model import ConvolutionalConfig
from trainer.networks.network import MapNetwork
from trainer.networks.outputs import MAP, Outputs, Promised, one_map

HEAD = (256, 128)
"""Channels of the layers between the features and the map."""
STRIDE, DEEPEST = 8, 16
"""Of the map and of the features, in pixels."""
REGRESSION = "regression "
"""Before the number in the name of what a layer of the head gives."""


@dataclass(frozen=True, slots=True)
class BLConfig(ConvolutionalConfig):
    """Which network of the Bayesian loss."""

    family: str = field(default="bl", init=False)

    @property
    def frontend_name(self) -> str:
        """All sixteen convolutions of VGG-19."""
        return "vgg19"

    @property
    def outputs(self) -> Promised:
        """One map, and what each layer gives."""
        behind = {f"{REGRESSION}{number}": STRIDE for number in range(1, len(HEAD) + 1)}
        logits = {MAP: STRIDE} if self.bins else {}
        return Promised(maps={MAP: STRIDE}, logits=logits, features=vgg_features(VGG19_STAGES) | behind)

    @property
    def stride(self) -> int:
        """That of the features, which are coarser than the map."""
        return DEEPEST


class BL(MapNetwork):
    """One map with cells of 8 pixels, never below zero."""

    def __init__(self, config: BLConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or BLConfig()
        self.pretrained = Vgg19(config.width)
        self.pixels = Normalisation(self.pretrained)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        narrow, narrower = (max(1, round(config.width * channels)) for channels in HEAD)
        self.regression = nn.Sequential(
            nn.Conv2d(self.pretrained.channels[1], narrow, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(narrow, narrower, 3, padding=1),
            nn.ReLU(inplace=True),
        )
        self.cells = Cells(config.bins, config.open_bin)
        self.density = nn.Conv2d(narrower, self.cells.channels, 1)
        self.cells.begin(self.density)

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the activations of all layers."""
        layers = [layer for layer in self.regression if isinstance(layer, nn.ReLU)]
        own = {f"{REGRESSION}{number}": layer for number, layer in enumerate(layers, 1)}
        return self.pretrained.feature_layers() | own

    def forward(self, tiles: Tensor) -> Outputs:
        """Maps tiles (uint8 (N, H, W, 3), RGB, of multiples of 16 pixels): people per cell (N, H/8, W/8)."""
        _, x = self.pretrained(self.pixels(tiles).to(self.density.weight.dtype))
        found = self.density(self.regression(self.enlarge(x)))
        return one_map(self.cells(found if self.config.bins else found.abs()))
