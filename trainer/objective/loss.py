"""The value that training minimises: equation 6 of the paper, or what other terms a configuration is made of.

The last term of the equation, lambda/2 |Theta|^2, is the optimiser's weight decay and not part of the value computed
here.
"""

import torch
from torch import Tensor

from trainer.errors import TrainerError
from trainer.networks.outputs import Outputs
from trainer.objective.seen import MAPS, Seen, other_maps
from trainer.objective.settings import ObjectiveConfig
from trainer.objective.terms import CrossEntropy
from trainer.tiles.batch import Batch

__all__ = ["ObjectiveConfig", "loss"]


def loss(found: Outputs, batch: Batch, config: ObjectiveConfig, teacher: Outputs | None = None) -> Tensor:
    """Returns half the mean over the tiles of all terms, times omega: equation 6 without its last term.

    Args:
        found: what the network gives for the batch.
        batch: the truth, on the same device (but its points).
        config: terms and weights.
        teacher: what the teacher gives for the batch, where terms compare with one.

    Raises:
        TrainerError: a term needs what the network, the batch or the teacher does not have.
    """
    terms = config.for_maps(list(found.maps))
    rest = other_maps(list(found.maps), [term.of for term in terms if not isinstance(term, CrossEntropy)])
    seen = Seen(found, batch, _left_of_one(found, batch, config.damping), teacher)
    named = [(term, name) for term in terms for name in (rest if term.of == MAPS else [term.of])]
    if not named:
        raise TrainerError("the objective compares nothing: all its terms are of maps, and the network has none")
    values = [term.weight * term.value(name, seen) for term, name in named]
    return sum(values[1:], values[0]) * config.omega / (2 * len(batch.tiles))


def _left_of_one(found: Outputs, batch: Batch, damping: float) -> Tensor:
    """Returns what is left of one person in each tile, (N,), float32.

    It goes by the count that was found: weighted by the true one, tiles that could hold more or fewer people would be
    counted too few, since the fewer would weigh more.
    """
    if not damping:
        return torch.ones(len(batch.tiles), device=batch.tiles.device)
    counted = found.people.detach().clamp(min=0)
    return (1 + counted / damping).rsqrt()
