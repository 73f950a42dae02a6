"""How the weights move: the optimisers by name, and the learning rate of each step."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from trainer.config import TrainConfig

MOMENTUM = 0.9  # section 3.6
COOLED_TO = 0.01


def built_optimiser(groups: Sequence[Sequence[torch.nn.Parameter]], config: TrainConfig) -> Optimizer:
    """Makes the configured optimiser for groups of parameters; `set_rates` is to be called before each step."""
    optimiser, decay = config.optimiser, config.objective.decay
    named: list[dict[str, Any]] = [{"params": list(group)} for group in groups]
    if optimiser.name == "sgd":
        return SGD(named, lr=optimiser.rate, momentum=MOMENTUM, weight_decay=decay)
    kind = AdamW if optimiser.name == "adamw" else Adam
    return kind(named, lr=optimiser.rate, weight_decay=decay, fused=True)  # one pass over the weights


def learning_rate(step: int, config: TrainConfig) -> float:
    """Returns the rate of a step (counted from 0): warm-up, then constant, in steps, or a cosine to a hundredth."""
    optimiser = config.optimiser
    rate = optimiser.rate * min(1.0, (step + 1) / max(1, optimiser.warm_up))
    if optimiser.schedule == "cosine":
        rate *= COOLED_TO + (1 - COOLED_TO) * (1 + math.cos(math.pi * step / config.steps)) / 2
    elif optimiser.schedule == "step":
        rate *= optimiser.drop_factor ** sum(step >= drop for drop in optimiser.drops)
    return rate


def set_rates(optimiser: Optimizer, step: int, config: TrainConfig) -> None:
    """Sets the rate of a step: the first group, the pretrained frontend, learns more slowly (section 3.6)."""
    rate = learning_rate(step, config)
    for group, factor in zip(optimiser.param_groups, (config.optimiser.frontend_factor, 1.0), strict=True):
        group["lr"] = rate * factor
