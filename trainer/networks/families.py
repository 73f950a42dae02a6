"""The model families by name."""

from collections.abc import Callable

from trainer.networks.csrnet import CSRNet
from trainer.networks.model import DeepCount, ModelConfig
from trainer.networks.network import CountingNetwork

MODELS: dict[str, Callable[[ModelConfig], CountingNetwork]] = {"deepcount": DeepCount, "csrnet": CSRNet}


def built(config: ModelConfig) -> CountingNetwork:
    """Builds the configured network with new weights."""
    return MODELS[config.family](config)
