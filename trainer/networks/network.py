"""What every model family has, so that training, evaluation and export need not know which one it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Self

import torch
from torch import Tensor, nn

from trainer.errors import TrainerError
from trainer.networks.frontends import Frontend, Normalisation
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import Outputs


class CountingNetwork(nn.Module):
    """A network that takes tiles uint8 (N, H, W, 3), RGB, and returns what its family promises of it."""

    config: ModelConfig

    def __init__(self) -> None:
        super().__init__()
        self._frozen: list[nn.Module] = []

    @property
    def frontend(self) -> Frontend:
        """The pretrained part."""
        raise NotImplementedError

    def exact(self) -> list[nn.Module]:
        """Returns the parts that keep float32 where all others become float16."""
        raise NotImplementedError

    def feature_layers(self) -> dict[str, nn.Module]:
        """Returns the layers whose output can be kept, by the names that `config.outputs` has for it."""
        raise NotImplementedError

    def forward(self, tiles: Tensor) -> Outputs:
        """Counts tiles."""
        raise NotImplementedError

    def keep_features(self, names: Iterable[str]) -> None:
        """Lets every later call return what these layers give, as `Outputs.features`.

        Raises:
            TrainerError: there is no such layer.
        """
        layers, kept = self.feature_layers(), dict[str, Tensor]()
        for name in names:
            if name not in layers:
                raise TrainerError(f"{self.config.family} has no features {name!r}; there are: {', '.join(layers)}")
            layers[name].register_forward_hook(_keeping(kept, name))
        self.register_forward_hook(_with_features(kept))

    def take(self, weights: Mapping[str, Tensor]) -> None:
        """Takes the weights of a network that has all layers of this one, and may have more; names are its own."""
        self.load_state_dict({name: weights[name] for name in self.state_dict()})

    def freeze(self, layers: int) -> None:
        """Keeps the first layers of the frontend as they are; their gradients are not computed, which saves time."""
        self._frozen = self.frontend.layers()[:layers]
        for layer in self._frozen:
            layer.requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Sets whether it learns; batch norm in frozen layers goes by what it has seen before, as they do."""
        super().train(mode)
        for layer in self._frozen:
            layer.eval()
        return self

    def parameter_groups(self) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
        """Returns (pretrained frontend that learns, everything else); the former learns more slowly (section 3.6)."""
        frontend = [p for p in self.frontend.parameters() if p.requires_grad]
        known = {id(p) for p in self.frontend.parameters()}
        return frontend, [p for p in self.parameters() if id(p) not in known]


def _keeping(kept: dict[str, Tensor], name: str) -> Callable[[nn.Module, object, Tensor], None]:
    def keep(_layer: nn.Module, _entering: object, found: Tensor) -> None:
        kept[name] = found

    return keep


def _with_features(kept: dict[str, Tensor]) -> Callable[[nn.Module, object, Outputs], Outputs]:
    def give(_network: nn.Module, _entering: object, found: Outputs) -> Outputs:
        features = dict(kept)
        kept.clear()
        return replace(found, features={**found.features, **features})

    return give


class MapNetwork(CountingNetwork):
    """A network whose count is the sum of its one map."""

    pretrained: Frontend
    pixels: Normalisation

    @property
    def frontend(self) -> Frontend:
        """All of it but what reads its features."""
        return self.pretrained

    def exact(self) -> list[nn.Module]:
        """Returns the normalisation; the sum is taken in float32 in any case."""
        return [self.pixels]


def in_float32(head: nn.Module, x: Tensor) -> Tensor:
    """Applies a layer outside of autocast: bfloat16 knows no odd number above 256.

    Without autocast, as in an export, it is the layer and nothing else.
    """
    kind = x.device.type
    if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
        with torch.autocast(kind, enabled=False):
            return in_float32(head, x.float())
    found: Tensor = head(x)
    return found
