"""Where a training starts that does not start from nothing: the weights of a model that was trained before.

A model exported in fp32 or fp16 keeps every weight under the network's own name, so a shipped ONNX file can be trained
further, with what was not exported learnt anew: branches, and the count head where a branch is counted from. Of two
models in one file it is the large one. Weights that are equal are stored once, under one name: a network whose biases
are still zero cannot be taken back from its file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import GraphProto, TensorProto, numpy_helper
from torch import Tensor

from trainer.checkpoints import Checkpoint, load_checkpoint
from trainer.config import MODEL, TrainConfig, model_of
from trainer.contract import PACKED, SCALE, facts_of
from trainer.errors import TrainerError
from trainer.files import reason
from trainer.learning.licences import (
    DATA,
    LICENCE,
    ORIGIN,
    START_LICENCE,
    STARTED,
    TEACHER,
    TEACHER_LICENCE,
    TOGETHER,
    learnt_from,
    licence_of,
)
from trainer.learning.training import COUNT_HEAD, SPARED
from trainer.networks.deepcount import DeepCountConfig
from trainer.networks.families import built
from trainer.networks.model import ModelConfig
from trainer.networks.outputs import COUNT, counted_of

PREFIX = "network."
"""Of the weights' names in an exported graph."""
USABLE = ("fp32", "fp16")
"""Precisions of the files whose weights can be learnt further; those of int8 were moved to suit its rounding."""
FULL = USABLE[0]
ONNX = ".onnx"
EXPORTED_AS = "exported_as"
"""The fact of a checkpoint that was made of an exported model: its file."""
LEAK_OF_ONNX = 0.01
"""Slope of an activation that states none."""
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was trained before."""

    weights: dict[str, Tensor] = field(repr=False)
    """In float32, by the network's own names."""
    data: str
    """All that they learnt from, what they started from included."""
    model: ModelConfig
    """Of the network; its branches are those whose weights are there."""
    counted: tuple[str, ...]
    """What its count is the mean of."""
    licence: str
    """Of the weights."""


def trained_weights(path: Path) -> Trained:
    """Reads the weights of a checkpoint or of an exported model.

    Raises:
        TrainerError: no such file, not one of ours, or an ONNX file in int8, or one whose weights are not inside.
    """
    if path.suffix != ONNX:
        found = load_checkpoint(path)
        config = found.config
        return Trained(found.weights, learnt_from(found.facts), config.model, config.counted, licence_of(found.facts))
    return _of_exported(path, USABLE)[0]


def checkpoint_of(path: Path) -> Checkpoint:
    """Reads a checkpoint, or makes one of a model that was exported in fp32, to be exported otherwise.

    The weights of such a model are already rounded as they are used.

    Raises:
        TrainerError: as `trained_weights`, or the exported model is not in fp32.
    """
    if path.suffix != ONNX:
        return load_checkpoint(path)
    trained, facts = _of_exported(path, (FULL,))
    needed = built(trained.model).state_dict()
    spared = {} if COUNT in trained.counted else {n: v.zero_() for n, v in needed.items() if n.startswith(COUNT_HEAD)}
    weights = spared | trained.weights
    if missing := sorted(needed.keys() - weights.keys()):
        raise TrainerError(f"model {path} does not hold all weights of its network, it lacks '{missing[0]}'")
    kept = {DATA: "training_data", ORIGIN: "start"}
    kept |= {name: name for name in (LICENCE, START_LICENCE, TEACHER, TEACHER_LICENCE)}
    return Checkpoint(
        TrainConfig(model=trained.model, counted=trained.counted, precision=FULL),
        int(facts["training_steps"]) if facts.get("training_steps", "").isdecimal() else 0,
        {name: weights[name] for name in needed},
        {name: facts[own] for name, own in kept.items() if own in facts}
        | {EXPORTED_AS: path.name, "checkpoint_hash": facts.get("checkpoint_hash", "unknown")},
    )


def _of_exported(path: Path, precisions: Sequence[str]) -> tuple[Trained, dict[str, str]]:
    """Reads an exported model and its facts."""
    model = _parsed(path)
    facts = facts_of(model)
    if (precision := facts.get("precision", FULL)) not in precisions:
        raise TrainerError(
            f"model {path} is {precision}, expected {' or '.join(precisions)}; take the file beside it, or a checkpoint"
        )
    weights = dict(_weights(model.graph, path))
    if not weights:
        raise TrainerError(f"model {path} holds no weights that this trainer knows; take one that it exported")
    own = {DATA: facts.get("training_data", ""), ORIGIN: facts.get("start", ""), LICENCE: facts.get("licence", "")}
    network, counted = _model(model.graph, weights, facts, path), counted_of(facts.get("count", ""))
    return Trained(weights, learnt_from(own), network, counted, licence_of(own)), facts


def all_trained_weights(paths: Sequence[Path]) -> tuple[list[Trained], str]:
    """Reads the weights of models of which the mean is to be taken.

    It is worth something for models of which one went on from the other, or both from a third.

    Returns:
        each of them, with no other branches than all have, and which they are, with what they learnt from.

    Raises:
        TrainerError: as `trained_weights`, or the models are of different architectures or widths.
    """
    read = [trained_weights(path) for path in paths]
    shapes = [{name: value.shape for name, value in trained.weights.items()} for trained in read]
    common = {name for name in shapes[0] if all(own.get(name) == shapes[0][name] for own in shapes)}
    for path, own in zip(paths, shapes, strict=True):
        if not all(name.startswith(SPARED) for name in (own.keys() | shapes[0].keys()) - common):
            raise TrainerError(f"model {path} has other layers than {paths[0]}: there is no mean of their weights")
    read = [replace(own, weights={name: own.weights[name] for name in own.weights if name in common}) for own in read]
    data = TOGETHER.join(dict.fromkeys(name for trained in read for name in trained.data.split(TOGETHER)))
    return read, f"{TOGETHER.join(path.name for path in paths)}{STARTED}{data}"


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        return onnx.ModelProto.FromString(path.read_bytes())
    except FileNotFoundError:
        raise TrainerError(f"model {path} does not exist, expected a checkpoint or an ONNX file") from None
    except OSError as error:
        raise TrainerError(f"model {path} cannot be read: {error.strerror}") from error
    except DecodeError:
        raise TrainerError(f"model {path} is no ONNX file, or a damaged one") from None


def _model(graph: GraphProto, weights: Mapping[str, Tensor], facts: Mapping[str, str], path: Path) -> ModelConfig:
    """Returns the network that an exported file holds, by its facts, its branches and the slope of its activations."""
    branches = {int(name.split(".")[1]) for name in weights if name.startswith("branches.")}
    try:
        config = model_of(facts)
        if MODEL in facts or not isinstance(config, DeepCountConfig):
            return config
        return replace(config, branches=tuple(sorted(branches)), leak=round(next(_leaks(graph), 0.0), 6))
    except (TrainerError, ValueError) as error:
        raise TrainerError(f"model {path} is of no architecture that this trainer knows: {reason(error)}") from error


def _leaks(graph: GraphProto) -> Iterator[float]:
    for node in graph.node:
        if node.op_type == "LeakyRelu":
            yield next((attribute.f for attribute in node.attribute if attribute.name == "alpha"), LEAK_OF_ONNX)
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _leaks(attribute.g)


def _weights(graph: GraphProto, path: Path) -> Iterator[tuple[str, Tensor]]:
    """Yields the weights of a graph and of the branches inside of it."""
    own = {tensor.name.removeprefix(PREFIX): tensor for tensor in graph.initializer if tensor.name.startswith(PREFIX)}
    for name, tensor in own.items():
        if name.endswith(PACKED):
            yield name.removesuffix(PACKED), _unpacked(tensor, own.get(name.removesuffix(PACKED) + SCALE), path)
        elif not name.endswith(SCALE):
            yield name, _tensor(tensor, FLOATS, path).float()
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _weights(attribute.g, path)


def _unpacked(numbers: TensorProto, scale: TensorProto | None, path: Path) -> Tensor:
    if scale is None:
        raise TrainerError(f"model {path} is damaged: '{numbers.name}' has no scale")
    whole, step = _tensor(numbers, (TensorProto.INT8,), path), _tensor(scale, (TensorProto.FLOAT,), path)
    try:
        return whole * step.expand_as(whole)
    except RuntimeError:
        found, expected = tuple(step.shape), tuple(whole.shape)
        raise TrainerError(
            f"model {path} is damaged: '{scale.name}' is {found}, which does not fit {expected}"
        ) from None


def _tensor(tensor: TensorProto, kinds: Sequence[int], path: Path) -> Tensor:
    if tensor.data_location == TensorProto.EXTERNAL:
        raise TrainerError(f"model {path} keeps '{tensor.name}' in another file, which is not allowed")
    if tensor.data_type not in kinds:
        kind, expected = TensorProto.DataType.Name(tensor.data_type), " or ".join(map(TensorProto.DataType.Name, kinds))
        raise TrainerError(f"model {path} has '{tensor.name}' as {kind}, expected {expected}")
    try:
        return torch.from_numpy(numpy_helper.to_array(tensor).copy())
    except ValueError:
        raise TrainerError(f"model {path} is damaged: '{tensor.name}' has not as many numbers as its shape") from None
