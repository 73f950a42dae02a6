"""What the configurations of all families have; each family has its own dataclass of them beside its network.

In a preset it is the table `[model]`, whose key `family` says which dataclass is meant; see `families`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.networks.blocks import check_bins
from trainer.networks.frontends import Frontend
from trainer.networks.outputs import Promised

LONGEST_PX = 2**16
RGB = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What is needed to build a network again from its checkpoint: what all families have in common."""

    family: str = field(default="", init=False)
    """Which dataclass it is, and so which network."""
    width: float = 1.0
    """Multiplies the channels of the whole network, but of a frontend whose weights have one width only."""
    bins: tuple[int, ...] = ()
    """Where a map is to be classified cell by cell: the fewest people of each bin, rising from 0; none regresses it."""
    open_bin: float = 0.0
    """How many people a cell of the last bin has on average; 0 for the fewest it may have."""

    forgotten: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Keys that older files have beside the family's own, with the only value that means what is built now."""

    def __post_init__(self) -> None:
        if not 1 / 64 <= self.width <= 4:
            raise ValueError(f"width is {self.width}, expected a factor from 1/64 to 4")
        check_bins(self.bins, self.open_bin)

    @property
    def frontend_name(self) -> str:
        """What the pretrained part is called."""
        raise NotImplementedError

    @property
    def pixels(self) -> tuple[RGB, RGB]:
        """Mean and deviation of red, green and blue, from 0 to 1, with which pixels are normalised inside."""
        return Frontend.mean, Frontend.deviation

    @property
    def outputs(self) -> Promised:
        """What the network returns."""
        raise NotImplementedError

    @property
    def stride(self) -> int:
        """Height and width of what the network takes are multiples of it, in pixels."""
        return max(self.outputs.maps.values())

    @property
    def tile(self) -> tuple[int, int]:
        """Height and width of a tile, in pixels, on which it is trained and evaluated."""
        return TILE_HEIGHT, TILE_WIDTH

    @property
    def ways(self) -> tuple[str, ...]:
        """In which ways it can be given pictures, see `evaluation.tiling`."""
        return ("tiles",)

    @property
    def architecture(self) -> str:
        """What an exported file calls it."""
        return f"{self.family}-{self.frontend_name}"

    def check_size(self, size: tuple[int, int]) -> None:
        """Raises ValueError where the network cannot take an input of height x width pixels."""
        if not all(0 < length <= LONGEST_PX and length % self.stride == 0 for length in size):
            said = f"{size[0]}x{size[1]}"
            raise ValueError(f"size is {said}, {self.family} takes multiples of {self.stride} pixels, 65536 at most")

    @property
    def exported(self) -> Self:
        """The configuration of the network that is written into an exported file in the place of this one."""
        return self

    def only(self, names: frozenset[str]) -> Self:
        """Returns the configuration of the smallest network with the same weights that still has some maps."""
        del names
        return self


@dataclass(frozen=True, slots=True)
class ConvolutionalConfig(ModelConfig):
    """A family without layers that see a whole tile: it takes any multiple of its stride."""

    tile: tuple[int, int] = (TILE_HEIGHT, TILE_WIDTH)
    """Height and width of the tiles that it learns from and is evaluated on, in pixels. Exported, it takes 384x512."""

    def __post_init__(self) -> None:
        ModelConfig.__post_init__(self)
        if len(self.tile) != 2:
            raise ValueError(f"tile is {list(self.tile)}, expected height and width in pixels, such as [384, 512]")
        self.check_size(self.tile)

    @property
    def ways(self) -> tuple[str, ...]:
        """All there are."""
        return ("tiles", "whole", "resized")
