"""Where a training starts: where it was left, at trained models, at a pretrained frontend, or at nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from trainer.arithmetic import AUTO, BF16
from trainer.checkpoints import Checkpoint, load_checkpoint
from trainer.config import TrainConfig
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.learning.averaging import BATCHES, TILES, repaired_mean
from trainer.learning.licences import ORIGIN, START_LICENCE, STARTED, together
from trainer.learning.run import LAST
from trainer.learning.sampling import sampler_for
from trainer.learning.teacher import Teacher
from trainer.learning.trained_weights import all_trained_weights
from trainer.learning.training import Trainer


@dataclass(frozen=True, slots=True)
class Start:
    """What there is to start from; the first of these that exists is taken."""

    run: Path
    """Folder, in which an earlier process may have left a checkpoint."""
    models: Sequence[Path] = ()
    """Trained ones; of several the mean is taken."""
    frontend: Path | None = None
    """Its pretrained weights."""


@dataclass(frozen=True, slots=True)
class Started:
    """A training at its start."""

    trainer: Trainer
    said: str = ""
    """In one line, where it starts; empty where from nothing or from a frontend."""
    several: Sequence[dict[str, Tensor]] = ()
    """Weights of which it is to take the mean yet, for which it needs pictures."""
    goes_on: bool = False
    """Whether it starts from a trained model, which is then the first to be measured."""

    def with_mean(self, data: Sequence[Annotated]) -> Trainer:
        """Returns the trainer, at the mean of several weights if it started from several.

        Every process measures the same tiles, so all start alike.
        """
        if self.several:
            trainer, config = self.trainer, self.trainer.config
            sampler, bf16 = sampler_for(config, data, size=TILES), config.precision == BF16
            batches = [sampler.batch(step).tiles.to(trainer.device) for step in range(BATCHES)]
            mean = repaired_mean(config.model, self.several, batches, bf16=bf16)
            trainer.start_from(mean, trainer.facts[ORIGIN])
        return self.trainer


def started(config: TrainConfig, device: torch.device, start: Start, teacher: Teacher | None = None) -> Started:
    """Makes a trainer at its start; raises TrainerError if what it starts from cannot be used, or the teacher."""
    if (start.run / LAST).exists():
        return _resumed(config, device, load_checkpoint(start.run / LAST), teacher)
    if start.models:
        return _gone_on(config, device, start.models, teacher)
    if config.like_start:
        raise TrainerError("this preset goes on from a trained model, but none is named; give it with --start FILE")
    trainer = Trainer(config, device, teacher)
    if start.frontend:
        trainer.load_frontend(start.frontend)
    return Started(trainer)


def _resumed(config: TrainConfig, device: torch.device, left: Checkpoint, teacher: Teacher | None) -> Started:
    if config.like_start:
        config = replace(config, model=left.config.model, counted=left.config.counted)
    if config.precision == AUTO:  # another machine may resolve it in another way
        config = replace(config, precision=left.config.precision)
    trainer = Trainer(config, device, teacher)
    trainer.resume(left)
    goes_on = STARTED in trainer.facts[ORIGIN]
    return Started(trainer, f"resuming at step {trainer.steps_done}", goes_on=goes_on)


def _gone_on(config: TrainConfig, device: torch.device, paths: Sequence[Path], teacher: Teacher | None) -> Started:
    models, origin = all_trained_weights(paths)
    if config.like_start:
        config = replace(config, model=models[0].model, counted=models[0].counted)
    trainer = Trainer(config, device, teacher)
    missing = trainer.start_from(models[0].weights, origin)
    taught = trainer.facts.get(START_LICENCE, "")
    trainer.facts[START_LICENCE] = together([*(model.licence for model in models), taught])
    new = sorted({name.rpartition(".")[0] for name in missing})
    said = f"starting from {' and '.join(map(str, paths))}{f'; {len(new)} layers start from nothing' if new else ''}"
    several = [model.weights for model in models] if len(models) > 1 else []
    return Started(trainer, said, several, goes_on=True)
