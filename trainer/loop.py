"""The training loop: `train` runs it to the end, `Trainer.step` is one step of it.

Each step is a function of (configuration, data, state after the step before), so a run that was stopped goes on with
the same numbers it would have had.
"""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from pathlib import Path

import torch
from torch import Tensor

from trainer.checkpoint import UNTRAINED, Checkpoint, optimiser_state, restore_optimiser, save_checkpoint
from trainer.config import TrainConfig
from trainer.counters import TileCounter, torch_counter
from trainer.crops import Batch, random_batch
from trainer.curves import draw_curves
from trainer.dataset import Annotated
from trainer.errors import TrainerError
from trainer.evaluate import Picture, measure
from trainer.files import reason
from trainer.frontends import load_pretrained
from trainer.interrupt import stop_request
from trainer.log import Evaluation, evaluation, read_log, write_log
from trainer.model import DeepCount
from trainer.objective import loss
from trainer.progress import TrainingProgress

LAST, BEST, LOG, CURVES = "last.safetensors", "best.safetensors", "log.csv", "curves.png"
COOLED_TO = 0.01
NETWORK = "network."
SMOOTHING = 0.98  # of the loss that is shown
MEASURED = "validation_"
"""Before the facts that belong to the weights of one step."""


def learning_rate(step: int, config: TrainConfig) -> float:
    """Returns the rate of a step (counted from 0): warm-up, then constant or a cosine down to a hundredth."""
    rate = config.optimiser.rate * min(1.0, (step + 1) / max(1, config.optimiser.warm_up))
    if config.optimiser.schedule == "cosine":
        rate *= COOLED_TO + (1 - COOLED_TO) * (1 + math.cos(math.pi * step / config.steps)) / 2
    return rate


class Trainer:
    """A network in training: its weights, their average, the optimiser, and the number of steps done."""

    def __init__(self, config: TrainConfig, device: torch.device) -> None:
        torch.manual_seed(config.seed)
        self.config, self.device, self.steps_done = config, device, 0
        self.loss = math.nan
        """Moving average over the last steps."""
        self.facts = {"weights": UNTRAINED}
        """What the checkpoints shall say of their origin."""
        self.network = self._built()
        self.average = self._copied()
        self.network.freeze(config.optimiser.frozen)
        frontend, rest = self.network.parameter_groups()
        groups = [{"params": frontend}, {"params": rest}]
        optimiser, decay = config.optimiser, config.objective.decay
        self.optimiser: torch.optim.Optimizer = (
            torch.optim.AdamW(groups, lr=optimiser.rate, weight_decay=decay)
            if optimiser.name == "adamw"
            else torch.optim.SGD(groups, lr=optimiser.rate, momentum=0.9, weight_decay=decay)
        )

    def load_frontend(self, path: Path) -> None:
        """Starts from pretrained frontend weights."""
        try:
            load_pretrained(self.network.backbone.frontend, path)
        except ValueError as error:
            raise TrainerError(str(error)) from error
        self.average = self._copied()
        self.facts["weights"] = path.name

    def step(self, batch: Batch) -> float:
        """Learns from one batch and returns its loss; raises TrainerError if that is not a finite number."""
        self.network.train()
        rate = learning_rate(self.steps_done, self.config)
        factors = (self.config.optimiser.frontend_factor, 1.0)
        for group, factor in zip(self.optimiser.param_groups, factors, strict=True):
            group["lr"] = rate * factor
        batch = _moved(batch, self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config.bf16):
            count, maps = self.network(batch.tiles)
        value = loss(count, maps, batch, self.config.objective)
        if not torch.isfinite(value):
            raise TrainerError(
                f"loss is {value.item()} at step {self.steps_done}, with {', '.join(batch.names)}; "
                "lower optimiser.rate or look at these pictures"
            )
        self.optimiser.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        self.steps_done += 1
        self._add_to_average()
        now = value.item()
        self.loss = now if math.isnan(self.loss) else SMOOTHING * self.loss + (1 - SMOOTHING) * now
        return now

    def counter(self) -> TileCounter:
        """Counts with the averaged weights as they are now."""
        network = self._built()
        network.load_state_dict(self.average)
        return torch_counter(network, bf16=self.config.bf16)

    def checkpoint(self, facts: Mapping[str, str] | None = None, *, resumable: bool) -> Checkpoint:
        """Returns the averaged weights, not copied, with all that resuming needs if asked.

        Args:
            facts: about these weights, beside those about their origin.
            resumable: with the network and the optimiser as they are.
        """
        state: dict[str, Tensor] = {}
        if resumable:
            state = {NETWORK + k: v for k, v in self.network.state_dict().items()}
            state |= optimiser_state(self.optimiser)
            state["loss"] = torch.tensor(self.loss, dtype=torch.float64)
        return Checkpoint(self.config, self.steps_done, dict(self.average), self.facts | dict(facts or {}), state)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Goes on from a resumable checkpoint of the same configuration, in which only the lengths may differ."""
        same_lengths = replace(checkpoint.config, steps=self.config.steps, evaluate_every=self.config.evaluate_every)
        if same_lengths != self.config:
            raise TrainerError("the run folder holds a training of another configuration; choose another --run")
        if not checkpoint.state:
            raise TrainerError(f"the checkpoint holds weights only and cannot be resumed; use {LAST}")
        try:
            own = {k.removeprefix(NETWORK): v for k, v in checkpoint.state.items() if k.startswith(NETWORK)}
            self.network.load_state_dict(own)
            restore_optimiser(self.optimiser, checkpoint.state)
            for name, value in self.average.items():
                value.copy_(checkpoint.weights[name])
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainerError(f"the checkpoint does not fit its own configuration: {reason(error)}") from error
        self.loss = float(checkpoint.state.get("loss", math.nan))
        self.facts = {k: v for k, v in checkpoint.facts.items() if not k.startswith(MEASURED)}
        self.steps_done = checkpoint.step

    def _built(self) -> DeepCount:
        network = DeepCount(self.config.model)
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def _copied(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def _add_to_average(self) -> None:
        decay = min(self.config.ema, (1 + self.steps_done) / (10 + self.steps_done))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - decay)


@dataclass(frozen=True, slots=True)
class Run:
    """What a training learns from, what it is measured on, and where it writes."""

    folder: Path
    data: Sequence[Annotated] = field(repr=False)
    held_out: Sequence[Annotated] = field(repr=False)


def train(trainer: Trainer, run: Run) -> Evaluation:
    """Trains to the configured number of steps, evaluating and saving on the way; returns the best evaluation.

    The run folder holds `last.safetensors` (resumable), `best.safetensors` (lowest MAE on the held-out pictures),
    `log.csv` and `curves.png`. An interrupt saves after the step in hand, then raises KeyboardInterrupt.
    """
    config = trainer.config
    log = [entry for entry in read_log(run.folder / LOG) if entry.step <= trainer.steps_done]
    draw = partial(random_batch, run.data, seed=config.seed, size=config.batch, config=config.crops)
    with (
        TrainingProgress(config, trainer.steps_done) as progress,
        stop_request() as stop,
        ThreadPoolExecutor(1) as ahead,
    ):
        coming = ahead.submit(draw, step=trainer.steps_done)
        while not stop.is_set():
            if _is_due(trainer, log):
                found = list(measure(trainer.counter(), takewhile(lambda _: not stop.is_set(), run.held_out)))
                if len(found) == len(run.held_out):
                    log.append(_save(trainer, run, log, found))
                    progress.evaluated(log[-1], _best(log))
            elif trainer.steps_done >= config.steps:
                return _best(log)
            else:
                batch, coming = coming.result(), ahead.submit(draw, step=trainer.steps_done + 1)
                trainer.step(batch)
                progress.stepped(trainer.steps_done, trainer.loss)
        if not _is_evaluated(trainer, log):
            save_checkpoint(trainer.checkpoint(resumable=True), run.folder / LAST)
    raise KeyboardInterrupt


def _is_due(trainer: Trainer, log: Sequence[Evaluation]) -> bool:
    done, config = trainer.steps_done, trainer.config
    asked = done >= config.steps or (done > 0 and done % config.evaluate_every == 0)
    return asked and not _is_evaluated(trainer, log)


def _is_evaluated(trainer: Trainer, log: Sequence[Evaluation]) -> bool:
    return bool(log) and log[-1].step == trainer.steps_done


def _save(trainer: Trainer, run: Run, log: Sequence[Evaluation], found: Sequence[Picture]) -> Evaluation:
    """Writes all files of the run folder; the log last, for it says which evaluations need not be done again."""
    now = evaluation(trainer.steps_done, trainer.loss, found)
    facts = {MEASURED + "mae": f"{now.mae:.3f}", MEASURED + "rmse": f"{now.rmse:.3f}"}
    if not log or now.mae < _best(log).mae:
        save_checkpoint(trainer.checkpoint(facts, resumable=False), run.folder / BEST)
    save_checkpoint(trainer.checkpoint(facts, resumable=True), run.folder / LAST)
    draw_curves([*log, now], run.folder / CURVES)
    write_log([*log, now], run.folder / LOG)
    return now


def _best(log: Sequence[Evaluation]) -> Evaluation:
    return min(log, key=lambda entry: entry.mae)


def _moved(batch: Batch, device: torch.device) -> Batch:
    maps = {k: v.to(device, non_blocking=True) for k, v in batch.maps.items()}
    tiles, counts = (t.to(device, non_blocking=True) for t in (batch.tiles, batch.counts))
    return Batch(tiles, counts, maps, batch.names)
