"""Checkpoints: safetensors with the configuration inside, written whole or not at all.

A resumable checkpoint holds the weights, their average and the optimiser's state. Nothing is unpickled: a checkpoint
is untrusted input.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from trainer.arithmetic import BF16
from trainer.config import TrainConfig, from_table
from trainer.errors import TrainerError
from trainer.files import reason, written_whole
from trainer.networks.families import built
from trainer.networks.network import CountingNetwork

FORMAT = "deepcount-checkpoint-1"
UNTRAINED = "none"
"""The fact `weights` of a network whose frontend started without pretrained ones."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network's weights with all that is known of them."""

    config: TrainConfig
    step: int
    weights: dict[str, Tensor] = field(repr=False)
    """The weights to use: averaged where averaging was on."""
    facts: dict[str, str] = field(default_factory=dict)
    """Data set, validation figures: plain text."""
    state: dict[str, Tensor] = field(default_factory=dict, repr=False)
    """What resuming needs beside the weights; empty in a checkpoint that is only for use."""

    def network(self) -> CountingNetwork:
        """Builds the network with these weights, in evaluation mode.

        After a training in bfloat16 they are rounded to it as they were in every step: what was learnt leans on that.
        With the weights as they are, `light` counts 4 % fewer people.

        Raises:
            TrainerError: the weights are not those of the configured architecture.
        """
        network = built(self.config.model)
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise TrainerError(
                f"checkpoint does not fit its own configuration {self.config.model}: {reason(error)}"
            ) from error
        if self.config.precision == BF16:
            _round(network)
        return network.eval()


def _round(network: CountingNetwork) -> None:
    """Rounds the weights to bfloat16 that autocast rounds, in place."""
    exact = network.exact()
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and layer not in exact:
            for values in layer.parameters():
                values.data = values.data.bfloat16().float()


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Writes a checkpoint; on a full disk the old file stays as it was, and TrainerError is raised."""
    tensors = {f"weights.{k}": v.detach().contiguous() for k, v in checkpoint.weights.items()}
    tensors |= {f"state.{k}": v.detach().contiguous() for k, v in checkpoint.state.items()}
    metadata = {
        "format": FORMAT,
        "config": checkpoint.config.to_json(),
        "step": str(checkpoint.step),
        "facts": json.dumps(checkpoint.facts, sort_keys=True),
    }
    with written_whole(path, "checkpoint") as partial:
        try:
            save_file(tensors, partial, metadata)
        except SafetensorError as error:  # how the library reports a full disk
            raise TrainerError(f"checkpoint {path} cannot be written: {reason(error)}") from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; raises TrainerError if the file is not one of ours, or damaged."""
    if not path.is_file():
        raise TrainerError(f"checkpoint {path} does not exist")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise TrainerError(f"checkpoint {path} is no safetensors file, or not a whole one: {reason(error)}") from error
    if metadata.get("format") != FORMAT:
        found = metadata.get("format", "unknown")
        raise TrainerError(f"{path} is no checkpoint of this trainer: its format is {found}, expected {FORMAT}")
    try:
        return Checkpoint(
            config=from_table(json.loads(metadata["config"])),
            step=int(metadata["step"]),
            weights=_part(tensors, "weights."),
            facts={str(name): str(value) for name, value in json.loads(metadata["facts"]).items()},
            state=_part(tensors, "state."),
        )
    except (TrainerError, KeyError, ValueError, AttributeError) as error:
        raise TrainerError(f"checkpoint {path} has metadata that cannot be used: {reason(error)}") from error


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def optimiser_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Flattens an optimiser's state into named tensors."""
    states = optimiser.state_dict()["state"]
    return {f"optimiser.{i}.{k}": torch.as_tensor(v) for i, s in states.items() for k, v in s.items() if v is not None}


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Puts back what `optimiser_state` returned, in the memory format of the parameters."""
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _part(tensors, "optimiser.").items():
        index, _, key = name.partition(".")
        states.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict({"state": states, "param_groups": optimiser.state_dict()["param_groups"]})
    for parameter, state in optimiser.state.items():
        for key, value in state.items():
            if value.shape == parameter.shape:  # files hold plain tensors, channels_last ones are faster to step with
                state[key] = torch.empty_like(parameter).copy_(value)
