"""1x1 convolutions that give a student's features as many channels as its teacher's have.

They learn with the student and are left behind with the teacher: neither averaged, nor evaluated, nor exported.
"""

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import Outputs


class Adapted(nn.Module):
    """A network whose features come out with the channels that they are compared in."""

    def __init__(self, network: CountingNetwork, channels: Mapping[str, int]) -> None:
        """Takes a network and the channels of each feature that it shall keep.

        Raises:
            TrainerError: it has no such feature.
        """
        super().__init__()
        self.network = network
        network.keep_features(channels)
        own = _channels(network)
        self.adapters = nn.ModuleDict({name: nn.Conv2d(own[name], wanted, 1) for name, wanted in channels.items()})
        self.to(next(network.parameters()).device)

    def forward(self, tiles: Tensor) -> Outputs:
        """Counts tiles; the features are adapted."""
        found: Outputs = self.network(tiles)
        features = {name: adapter(found.features[name]) for name, adapter in self.adapters.items()}
        return replace(found, features=features)


@torch.no_grad()
def _channels(network: CountingNetwork) -> dict[str, int]:
    """Returns how many channels each kept feature has; the network stays as it is."""
    was_training = network.training
    device = next(network.parameters()).device
    found: Outputs = network.eval()(torch.zeros(1, *network.config.tile, 3, dtype=torch.uint8, device=device))
    network.train(was_training)
    return {name: values.shape[1] for name, values in found.features.items()}
