"""The sampler of a training: its tiles are as large, and their truth as fine, as the configured network wants them."""

from collections.abc import Sequence

from trainer.config import TrainConfig
from trainer.datasets import Annotated
from trainer.networks.families import FAMILIES
from trainer.tiles.crops import Cutter, Sampler, cut_on_host


def sampler_for(
    config: TrainConfig,
    pictures: Sequence[Annotated],
    *,
    size: int | None = None,
    share: tuple[int, int] = (0, 1),
    cut: Cutter = cut_on_host,
) -> Sampler:
    """Returns what draws the batches of a configured training.

    Args:
        config: with the seed, the crops, the ground truth and the network.
        pictures: to cut tiles of.
        size: tiles in a batch; None for as many as are configured.
        share: which part of each batch is drawn, and into how many equal ones it is divided.
        cut: makes the pixels.
    """
    promised = FAMILIES[config.model.family].outputs(config.model)
    strides = {*promised.maps.values(), *promised.logits.values()} - {0}
    return Sampler(
        pictures,
        config.seed,
        config.batch if size is None else size,
        config.crops,
        share,
        config.ground_truth,
        cut,
        config.model.tile,
        tuple(sorted(strides)),
    )
