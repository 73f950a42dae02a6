"""The model families by name."""

from collections.abc import Callable

from trainer.csrnet import CSRNet
from trainer.model import DeepCount, ModelConfig
from trainer.network import CountingNetwork

MODELS: dict[str, Callable[[ModelConfig], CountingNetwork]] = {"deepcount": DeepCount, "csrnet": CSRNet}


def built(config: ModelConfig) -> CountingNetwork:
    """Builds the configured network with new weights."""
    return MODELS[config.family](config)
