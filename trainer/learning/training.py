"""A network in training: `Trainer.step` is one step of it.

Each step is a function of (configuration, batch, state after the step before), so a training that was stopped goes on
with the same numbers it would have had.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from trainer.arithmetic import BF16, FP16, autocast, resolved
from trainer.checkpoints import UNTRAINED, Checkpoint, optimiser_state, restore_optimiser
from trainer.config import TrainConfig
from trainer.errors import TrainerError
from trainer.evaluation.counters import TileCounter, division_for, torch_counter
from trainer.files import reason
from trainer.learning.adapters import Adapted
from trainer.learning.licences import ORIGIN, START_LICENCE, TEACHER, TEACHER_LICENCE
from trainer.learning.optimiser import built_optimiser, learning_rate, set_rates
from trainer.learning.parallel import mean, wrapped
from trainer.learning.teacher import Teacher, check_teacher, taught_features
from trainer.networks.families import built
from trainer.networks.network import CountingNetwork
from trainer.networks.outputs import CLASSES, Outputs
from trainer.networks.pretrained import load_pretrained
from trainer.objective.loss import loss
from trainer.tiles.batch import Batch

NETWORK, ADAPTERS = "network.", "adapters."
COUNT_HEAD = "backbone.count."
"""Before the names of its weights. Where it is missing it starts at zero: no error goes through it into the backbone
before it has learnt something."""
SPARED = ("branches.", COUNT_HEAD)
"""Before the names of the weights that an exported file can do without: it holds what its two outputs are made from."""
AVERAGES = ("loss", "tile_mae")
SCALER = ("scale", "_growth_tracker")
SCALE = 2.0**10
"""Of float16's gradients at the start; it doubles by itself while they stay finite."""
SMOOTHING = 0.98  # of the figures that are shown
FREE = ("steps", "evaluate_every", "patience", "pictures")
"""What a resumed training may change: its length and its place."""
MEASURED = "validation_"
"""Before the facts that belong to the weights of one step."""


class Trainer:
    """A network in training: its weights, their average, the optimiser, and the number of steps done."""

    def __init__(self, config: TrainConfig, device: torch.device, teacher: Teacher | None = None) -> None:
        torch.manual_seed(config.seed)
        self.config = replace(config, precision=resolved(config.precision, device))
        self.device, self.steps_done = device, 0
        self.loss = math.nan
        """Moving average over the last steps."""
        self.tile_mae = math.nan
        """Mean absolute error of the training tiles' counts, or the part of classes that is wrong, a moving average."""
        self.spent = 0.0
        """Which part of a limited time is used up, 0 to 1: the rate is cooled by it where the steps are not as far."""
        self.facts = {ORIGIN: UNTRAINED}
        """What the checkpoints shall say of their origin."""
        self.network = self._built()
        self.average = self._copied()
        self.network.freeze(config.optimiser.frozen)
        self.teacher = teacher
        self._adapted = self._with_adapters(teacher) if teacher else None
        self._learning: nn.Module = wrapped(self._adapted or self.network)
        frontend, rest = self.network.parameter_groups()
        self.optimiser = built_optimiser([frontend, [*rest, *self._adapters().parameters()]], config)
        self._scaler = torch.amp.GradScaler(device.type, init_scale=SCALE, enabled=self.config.precision == FP16)

    @property
    def rate(self) -> float:
        """Learning rate of the next step."""
        return learning_rate(self.steps_done, self.config, self.spent)

    def load_frontend(self, path: Path) -> None:
        """Starts from pretrained frontend weights."""
        try:
            load_pretrained(self.network.frontend, path)
        except ValueError as error:
            raise TrainerError(str(error)) from error
        self.average = self._copied()
        self.facts[ORIGIN] = path.name

    def start_from(self, weights: Mapping[str, Tensor], origin: str) -> list[str]:
        """Starts from the weights of a trained network.

        Args:
            weights: by name; those of parts that this network lacks are left alone.
            origin: which they are, for the facts.

        Returns:
            the names of this network's weights that are not among them and start from nothing.

        Raises:
            TrainerError: they are of another architecture, depth or width; the first layer that differs is named. Only
                branches and the count head may be missing, or there in vain; the last layer of a map starts anew where
                the map is classified here and not there, or in other bins.
        """
        own = self.network.state_dict()
        missing = sorted(own.keys() - weights.keys())
        for name, value in own.items():
            if name in weights and value.shape != weights[name].shape:
                if _is_last(name) and value.shape[1:] == weights[name].shape[1:]:
                    missing.append(name)
                    continue
                found, expected = tuple(weights[name].shape), tuple(value.shape)
                raise TrainerError(f"{origin} has '{name}' as {found}, this network expects {expected}; is it as wide?")
            if name in missing and not name.startswith(SPARED):
                raise TrainerError(f"{origin} is of another architecture or depth: it lacks '{name}'")
        known = {*own, *(name for name, _ in self.network.named_buffers())}  # exported files hold constants too
        for name in weights:
            if name not in known and not name.startswith(SPARED):
                raise TrainerError(f"{origin} is of another architecture or depth: this network has no '{name}'")
        kept = {name: value for name, value in weights.items() if name not in missing}
        kept |= {name: torch.zeros_like(own[name]) for name in missing if name.startswith(COUNT_HEAD)}
        self.network.load_state_dict({name: kept.get(name, value) for name, value in own.items()})
        self.average = self._copied()
        self.facts[ORIGIN] = origin
        return missing

    def step(self, batch: Batch) -> float:
        """Learns from one batch and returns its loss; raises TrainerError if that is not a finite number."""
        self.network.train()
        set_rates(self.optimiser, self.rate, self.config)
        batch = _moved(batch, self.device)
        with autocast(self.config.precision, self.device):
            outputs: Outputs = self._learning(batch.tiles)
        taught = self.teacher(self.steps_done, batch.tiles) if self.teacher else None
        value = loss(outputs, batch, self.config.objective, taught)
        errors = _mistakes(outputs, batch)
        now, tile_mae = mean(torch.stack((value.detach(), errors))).tolist()
        if not math.isfinite(now):
            self._refuse(value.item(), batch)
        self._descend(value)
        self.steps_done += 1
        self._add_to_average()
        self.loss, self.tile_mae = _smoothed(self.loss, now), _smoothed(self.tile_mae, tile_mae)
        return float(now)

    def counter(self) -> TileCounter:
        """Counts with the averaged weights as they are now."""
        network = self.averaged()
        division = division_for(self.config.model, self.config.evaluation)
        bf16 = self.config.precision == BF16
        return torch_counter(network, bf16=bf16, counted=self.config.counted, division=division)

    def averaged(self) -> CountingNetwork:
        """Returns a network with the averaged weights as they are now."""
        network = self._built()
        network.load_state_dict(self.average)
        return network

    def checkpoint(self, facts: Mapping[str, str] | None = None, *, resumable: bool) -> Checkpoint:
        """Returns the averaged weights, not copied, with all that resuming needs if asked.

        Args:
            facts: about these weights, beside those about their origin.
            resumable: with the network and the optimiser as they are.
        """
        state: dict[str, Tensor] = {}
        if resumable:
            state = {NETWORK + k: v for k, v in self.network.state_dict().items()}
            state |= {ADAPTERS + k: v for k, v in self._adapters().state_dict().items()}
            state |= optimiser_state(self.optimiser)
            state |= {name: torch.tensor(getattr(self, name), dtype=torch.float64) for name in AVERAGES}
            scaler = self._scaler.state_dict()  # empty where nothing is scaled
            state |= {f"scaler.{name}": torch.tensor(float(scaler[name])) for name in SCALER if name in scaler}
        return Checkpoint(self.config, self.steps_done, dict(self.average), self.facts | dict(facts or {}), state)

    def resume(self, checkpoint: Checkpoint) -> None:
        """Goes on from a resumable checkpoint of the same configuration, in which only lengths and place may differ."""
        if differences := differing(checkpoint.config, self.config):
            raise TrainerError(
                f"the run folder holds a training of another configuration: {', '.join(differences)}; "
                "give the same, or choose another --run"
            )
        theirs, own = (facts.get(TEACHER, "none") for facts in (checkpoint.facts, self.facts))
        if theirs != own:
            raise TrainerError(
                f"the run folder holds a training with the teacher {theirs}, not {own}; choose another --run"
            )
        if not checkpoint.state:
            raise TrainerError("the checkpoint holds weights only and cannot be resumed; use last.safetensors")
        try:
            self.network.load_state_dict(_part(checkpoint.state, NETWORK))
            self._adapters().load_state_dict(_part(checkpoint.state, ADAPTERS))
            restore_optimiser(self.optimiser, checkpoint.state)
            for name, value in self.average.items():
                value.copy_(checkpoint.weights[name])
            if scaler := self._scaler.state_dict():
                values = {name: checkpoint.state[f"scaler.{name}"].item() for name in SCALER}
                self._scaler.load_state_dict(scaler | values)
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainerError(f"the checkpoint does not fit its own configuration: {reason(error)}") from error
        self.loss, self.tile_mae = (float(checkpoint.state.get(name, math.nan)) for name in AVERAGES)
        self.facts = {k: v for k, v in checkpoint.facts.items() if not k.startswith(MEASURED)}
        self.steps_done = checkpoint.step

    def _descend(self, value: Tensor) -> None:
        self.optimiser.zero_grad()
        self._scaler.scale(value).backward()  # type: ignore[no-untyped-call]
        if self.config.optimiser.clip:
            self._scaler.unscale_(self.optimiser)
            nn.utils.clip_grad_norm_(self.network.parameters(), self.config.optimiser.clip)
        self._scaler.step(self.optimiser)
        self._scaler.update()

    def _refuse(self, value: float, batch: Batch) -> None:
        where = f"step {self.steps_done}, with {', '.join(batch.names)}"
        if math.isfinite(value):
            raise TrainerError(f"loss is no number in another process at step {self.steps_done}; it says where")
        raise TrainerError(f"loss is {value} at {where}; lower optimiser.rate or look at these pictures")

    def _built(self) -> CountingNetwork:
        network = built(self.config.model)
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def _with_adapters(self, teacher: Teacher) -> Adapted | None:
        """Checks that a teacher fits, and names it in the facts."""
        check_teacher(teacher, self.config)
        self.facts |= {TEACHER: teacher.name, TEACHER_LICENCE: teacher.licence, START_LICENCE: teacher.licence}
        names = taught_features(self.config.objective)
        channels = {name: teacher.shapes[theirs][0] for name, theirs in names.items()}
        return Adapted(self.network, channels) if names else None

    def _adapters(self) -> nn.Module:
        return self._adapted.adapters if self._adapted else nn.ModuleDict()

    def _copied(self) -> dict[str, Tensor]:
        return {name: value.detach().clone() for name, value in self.network.state_dict().items()}

    def _add_to_average(self) -> None:
        decay = min(self.config.ema, (1 + self.steps_done) / (10 + self.steps_done))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.is_floating_point():
                    self.average[name].lerp_(value, 1 - decay)
                else:  # batch norm counts its batches
                    self.average[name].copy_(value)


def _is_last(name: str) -> bool:
    """Whether a weight is of the last layer of a map."""
    return name.rpartition(".")[0].endswith("density")


def differing(before: TrainConfig, now: TrainConfig) -> list[str]:
    """Names what differs between two configurations, with both values, save what a training may change on its way."""

    def flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
        for key, value in table.items():
            yield from flat(value, f"{path}{key}.") if isinstance(value, dict) else [(path + key, value)]

    old, new = dict(flat(asdict(before))), dict(flat(asdict(now)))
    return [
        f"{key} is {json.dumps(old[key])} there, {json.dumps(value)} here"
        for key, value in new.items()
        if key not in FREE and key in old and old[key] != value
    ]


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _mistakes(outputs: Outputs, batch: Batch) -> Tensor:
    """Returns the mean absolute error of the counts; of a network that tells classes, the part that is wrong."""
    if batch.labels is not None and CLASSES in outputs.logits:
        return (outputs.logits[CLASSES].argmax(1) != batch.labels).float().mean()
    return (outputs.people.detach() - batch.counts).abs().mean()


def _smoothed(before: float, now: float) -> float:
    return now if math.isnan(before) else SMOOTHING * before + (1 - SMOOTHING) * now


def _moved(batch: Batch, device: torch.device) -> Batch:
    maps = {k: v.to(device, non_blocking=True) for k, v in batch.maps.items()}
    tiles, counts = (t.to(device, non_blocking=True) for t in (batch.tiles, batch.counts))
    labels = None if batch.labels is None else batch.labels.to(device, non_blocking=True)
    return replace(batch, tiles=tiles, counts=counts, maps=maps, labels=labels)
