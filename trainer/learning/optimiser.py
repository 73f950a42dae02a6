"""How the weights move: the optimisers by name, and the learning rate of each step."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from trainer.config import TrainConfig

COOLED_TO = 0.01
LAST_PART = 0.2
"""Of limited time, in which a rate is cooled that its schedule leaves warm."""


def built_optimiser(groups: Sequence[Sequence[torch.nn.Parameter]], config: TrainConfig) -> Optimizer:
    """Makes the configured optimiser for groups of parameters; `set_rates` is to be called before each step."""
    optimiser, decay = config.optimiser, config.objective.decay
    named: list[dict[str, Any]] = [{"params": list(group)} for group in groups]
    if optimiser.name == "sgd":
        return SGD(named, lr=optimiser.rate, momentum=optimiser.momentum, weight_decay=decay)
    kind = AdamW if optimiser.name == "adamw" else Adam
    betas = optimiser.beta1, optimiser.beta2
    return kind(named, lr=optimiser.rate, betas=betas, eps=optimiser.eps, weight_decay=decay, fused=True)  # in one pass


def learning_rate(step: int, config: TrainConfig, spent: float = 0.0) -> float:
    """Returns the rate of a step: warm-up, then constant, in steps, or a cosine to a hundredth.

    Where time is limited and runs out before the steps do, the schedule goes by the time, and what it leaves warm is
    cooled in the last fifth.

    Args:
        step: counted from 0.
        config: with the schedule.
        spent: which part of the time for steps is used up, 0 to 1; 0 where it is not limited.
    """
    optimiser = config.optimiser
    place = max(step, spent * config.steps)
    rate = optimiser.rate * min(1.0, (step + 1) / max(1, optimiser.warm_up))
    if optimiser.schedule == "cosine":
        return rate * _cooled((1 + math.cos(math.pi * place / config.steps)) / 2)
    if optimiser.schedule == "step":
        rate *= optimiser.drop_factor ** sum(place >= drop for drop in optimiser.drops)
    return rate * _cooled(min(1.0, (1 - spent) / LAST_PART))


def _cooled(warmth: float) -> float:
    return COOLED_TO + (1 - COOLED_TO) * warmth


def set_rates(optimiser: Optimizer, rate: float, config: TrainConfig) -> None:
    """Sets the rate of a step: the first group, the pretrained frontend, learns more slowly (section 3.6)."""
    for group, factor in zip(optimiser.param_groups, (config.optimiser.frontend_factor, 1.0), strict=True):
        group["lr"] = rate * factor
