"""DeepCount: a backbone that regresses the count, and five branches that teach it where people are.

Source: "Deep Density-aware Count Regressor" (Chen et al.), Table 1 and sections 3.3 to 3.6. At full width with the
VGG-16 frontend the network has 58,109,766 parameters, 21,403,201 of them in the backbone. Two things differ from the
table on purpose, both switched by the configuration: every channel count behind the frontend is multiplied by `width`,
and a frontend may offer a second feature map at stride 16, which is appended where the backend reaches that stride.
"""

from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor, nn

from trainer.geometry import BRANCH_STRIDES, TILE_HEIGHT, TILE_WIDTH
from trainer.networks.blocks import Cells
from trainer.networks.frontends import FRONTENDS, Frontend, Normalisation
from trainer.networks.model import RGB, ModelConfig
from trainer.networks.network import CountingNetwork, in_float32
from trainer.networks.outputs import BRANCH, Outputs, Promised

BEHIND = ("vgg16", "mobilenet_v2", "efficientnet_lite0")
"""The frontends that it has been built behind."""
SMOOTH = "smooth "
"""Before the number in the name of the backbone's features at each size, from 48x64 down."""


@dataclass(frozen=True, slots=True)
class DeepCountConfig(ModelConfig):
    """Which DeepCount: behind which frontend, how wide, with which branches."""

    family: str = field(default="deepcount", init=False)
    frontend: str = "vgg16"
    branches: tuple[int, ...] = (1, 2, 3, 4, 5)
    """Branches that are built, 1 the finest (48x64 cells), 5 the coarsest (3x4)."""
    leak: float = 0.2
    """Slope of the activations below zero (equation 7); 0 is the plain ReLU of Table 8."""
    classified: tuple[int, ...] = (1,)
    """Branches whose map is classified, where there are `bins`."""

    def __post_init__(self) -> None:
        ModelConfig.__post_init__(self)
        if self.frontend not in BEHIND:
            raise ValueError(f"frontend is {self.frontend!r}, expected one of {', '.join(BEHIND)}")
        if len(set(self.branches) & set(range(1, 6))) < len(self.branches):
            raise ValueError(f"branches are {list(self.branches)}, expected different numbers from 1 to 5")
        if not set(self.classified) <= set(range(1, 6)):
            raise ValueError(f"classified is {list(self.classified)}, expected branches from 1 to 5")
        if not 0 <= self.leak < 1:
            raise ValueError(f"leak is {self.leak}, expected a slope from 0 (ReLU) to below 1")

    @property
    def channels(self) -> tuple[int, int, int]:
        """Channels of Table 1 at this width: 256, 512 (always twice the first, for it is joined of two) and 1024."""
        narrow = round(256 * self.width)
        return narrow, 2 * narrow, 4 * narrow

    @property
    def frontend_name(self) -> str:
        """The pretrained part."""
        return self.frontend

    @property
    def pixels(self) -> tuple[RGB, RGB]:
        """Those of the frontend."""
        frontend = FRONTENDS[self.frontend]
        return frontend.mean, frontend.deviation

    def bins_of(self, number: int) -> tuple[int, ...]:
        """Returns the bins of a branch; none where its map is regressed."""
        return self.bins if number in self.classified else ()

    @property
    def outputs(self) -> Promised:
        """A count, the map of each branch, and the backbone's features at each of its five sizes."""
        strides = dict(enumerate(BRANCH_STRIDES, 1))
        return Promised(
            maps={f"{BRANCH}{number}": strides[number] for number in sorted(self.branches)},
            logits={f"{BRANCH}{number}": strides[number] for number in sorted(self.branches) if self.bins_of(number)},
            features={f"{SMOOTH}{number}": stride for number, stride in strides.items()},
            has_count=True,
        )

    @property
    def stride(self) -> int:
        """Of its coarsest features."""
        return BRANCH_STRIDES[-1]

    def check_size(self, size: tuple[int, int]) -> None:
        """Raises ValueError for any but the one size that its last layers see at once."""
        if size != self.tile:
            seen = f"deepcount sees {TILE_HEIGHT}x{TILE_WIDTH} at once; larger pictures are divided into tiles"
            raise ValueError(f"size is {size[0]}x{size[1]}, {seen}")

    def only(self, names: frozenset[str]) -> Self:
        """Returns the configuration with no other branches than those named."""
        return replace(self, branches=tuple(number for number in self.branches if f"{BRANCH}{number}" in names))


class Backbone(nn.Module):
    """Frontend and down-sampling backend: tiles in, count and the features that branches read out."""

    def __init__(self, config: DeepCountConfig) -> None:
        super().__init__()
        narrow, wide, vector = config.channels
        self.frontend = FRONTENDS[config.frontend](config.width)
        self.pixels = Normalisation(self.frontend)
        at_8, at_16 = self.frontend.channels
        self.smooth = nn.ModuleList()  # rows 2, 4, 6, 8, 10 of Table 1
        self.down = nn.ModuleList()  # rows 3, 5, 7, 9
        for level in range(5):
            entering = (at_8, wide + at_16, wide, wide, wide)[level]
            self.smooth.append(nn.Conv2d(entering, narrow, 3, padding=1))
            if level < 4:
                self.down.append(nn.Conv2d(narrow, wide, 3, stride=2, padding=1))
        self.vector = nn.Conv2d(narrow, vector, (3, 4))  # row 11
        self.count = nn.Linear(vector, 1)  # row 12
        self.act = nn.LeakyReLU(config.leak)

    def forward(self, tiles: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Counts tiles.

        Args:
            tiles: uint8 (N, 384, 512, 3), RGB.

        Returns:
            count (N,), people; vector (N, 1024w, 1, 1); levels, five maps (N, 256w, h, w) from 48x64 down to 3x4.
        """
        x, at_16 = self.frontend(self.pixels(tiles).to(self.vector.weight.dtype))
        levels = []
        for level in range(5):
            if level == 1 and at_16 is not None:
                x = torch.cat((x, at_16), 1)
            x = self.act(self.smooth[level](x))
            levels.append(x)
            if level < 4:
                x = self.act(self.down[level](x))
        vector = self.act(self.vector(x))
        count = self.act(in_float32(self.count, vector.flatten(1).to(self.count.weight.dtype)))[:, 0]
        return count, vector, levels


class Branch(nn.Module):
    """Up-samples the vector to a density map, taking in the backbone's features on the way."""

    def __init__(self, number: int, config: DeepCountConfig) -> None:
        super().__init__()
        narrow, wide, vector = config.channels
        self.steps = 5 - number
        self.start = nn.ConvTranspose2d(vector, narrow, (3, 4))
        self.up = nn.ModuleList(nn.ConvTranspose2d(wide, narrow, 4, stride=2, padding=1) for _ in range(self.steps))
        self.cells = Cells(config.bins_of(number), config.open_bin)
        self.density = nn.Conv2d(wide, self.cells.channels, 1)
        self.act = nn.LeakyReLU(config.leak)

    def forward(self, vector: Tensor, levels: list[Tensor]) -> tuple[Tensor, Tensor | None]:
        """Returns people per cell, (N, h, w), with cells of `BRANCH_STRIDES[number - 1]` pixels, and logits if any."""
        x = torch.cat((self.act(self.start(vector)), levels[4]), 1)
        for step, up in enumerate(self.up):
            x = torch.cat((self.act(up(x)), levels[3 - step]), 1)
        found = self.density(x)
        cells: tuple[Tensor, Tensor | None] = self.cells(found if self.cells.channels > 1 else self.act(found))
        return cells


class DeepCount(CountingNetwork):
    """The network of Table 1: one backbone, any subset of the five branches."""

    def __init__(self, config: DeepCountConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or DeepCountConfig()
        self.backbone = Backbone(config)
        self.branches = nn.ModuleDict({str(k): Branch(k, config) for k in config.branches})
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and "frontend" not in name:
                nn.init.xavier_uniform_(module.weight)  # section 3.6
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        for branch in self.modules():
            if isinstance(branch, Branch):
                branch.cells.begin(branch.density)

    @property
    def frontend(self) -> Frontend:
        """The part of the backbone that is pretrained."""
        return self.backbone.frontend

    def exact(self) -> list[nn.Module]:
        """Returns the normalisation and the count head: above 2048, float16 does not know every whole number."""
        return [self.backbone.pixels, self.backbone.count]

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the backbone's convolution at each of its five sizes."""
        return {f"{SMOOTH}{number}": layer for number, layer in enumerate(self.backbone.smooth, 1)}

    def forward(self, tiles: Tensor) -> Outputs:
        """Counts tiles (uint8 (N, 384, 512, 3), RGB): count (N,) and the density map (N, h, w) of every branch."""
        count, vector, levels = self.backbone(tiles)
        found = {f"{BRANCH}{k}": branch(vector, levels) for k, branch in self.branches.items()}
        maps = {name: density for name, (density, _) in found.items()}
        return Outputs(count, maps, {name: logits for name, (_, logits) in found.items() if logits is not None})
