"""The families of networks by name: the one place where a new one is entered.

A family owns its configuration, its network, and the list of what that returns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trainer.errors import TrainerError
from trainer.networks.bl import BL, BLConfig
from trainer.networks.csrnet import CSRNet, CSRNetConfig
from trainer.networks.deepcount import DeepCount, DeepCountConfig
from trainer.networks.model import ModelConfig
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import Promised
from trainer.networks.resnet import ResNet, ResNetConfig

FAMILY = "family"
"""The key of `[model]` that says which it is."""


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of network."""

    config: type[ModelConfig]
    """Its configuration; made without arguments, it is the network as it was published."""
    network: Callable[[Any], CountingNetwork]
    """Builds it with new weights."""
    source: str
    """Where it was published."""

    def outputs(self, config: ModelConfig) -> Promised:
        """Says what a network so configured returns: names, and edges of cells."""
        return config.outputs


FAMILIES: dict[str, Family] = {
    "deepcount": Family(DeepCountConfig, DeepCount, 'Chen et al., "Deep Density-aware Count Regressor", Table 1'),
    "bl": Family(BLConfig, BL, 'Ma et al., "Bayesian Loss for Crowd Count Estimation with Point Supervision"'),
    "csrnet": Family(CSRNetConfig, CSRNet, 'Li et al., "CSRNet: Dilated Convolutional Neural Networks"'),
    "resnet": Family(ResNetConfig, ResNet, 'He et al., "Deep Residual Learning for Image Recognition"'),
}
USUAL = "deepcount"


def built(config: ModelConfig) -> CountingNetwork:
    """Builds the configured network with new weights."""
    return FAMILIES[config.family].network(config)


def begun(table: Mapping[str, Any]) -> tuple[ModelConfig, dict[str, Any]]:
    """Returns the defaults of the family that a table `[model]` names, and what the table says beside it.

    Keys of other families that files of earlier releases hold are left out.

    Raises:
        TrainerError: there is no such family.
    """
    name = table.get(FAMILY, USUAL)
    if name not in FAMILIES:
        raise TrainerError(f"configuration: family is {name!r}, expected one of {', '.join(FAMILIES)}")
    config = FAMILIES[name].config()
    rest = {key: value for key, value in table.items() if key != FAMILY}
    for key, value in config.forgotten.items():
        if key in rest and rest[key] == value:
            del rest[key]
    return config, rest
