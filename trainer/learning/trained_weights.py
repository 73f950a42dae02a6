"""Where a training starts that does not start from nothing: the weights of a model that was trained before.

A model exported in fp32 or fp16 keeps every weight under the network's own name, so a shipped ONNX file can be trained
further, with what was not exported learnt anew: branches, and the count head where a branch is counted from. Of two
models in one file it is the large one. Weights that are equal are stored once, under one name: a network whose biases
are still zero cannot be taken back from its file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import GraphProto, TensorProto, numpy_helper
from torch import Tensor

from trainer.checkpoints import load_checkpoint
from trainer.contract import PACKED, SCALE, facts_of
from trainer.errors import TrainerError

STARTED = ", trained on "
"""In the fact `weights`, between the files that a training went on from and what those had learnt from."""
TOGETHER = " + "
"""Between the names of several."""
PREFIX = "network."
"""Of the weights' names in an exported graph."""
USABLE = ("fp32", "fp16")
"""Precisions of the files whose weights can be learnt further; those of int8 were moved to suit its rounding."""
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


def trained_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """Reads the weights of a checkpoint or of an exported model, in float32, by the network's own names.

    Returns:
        the weights, and what they learnt from.

    Raises:
        TrainerError: no such file, not one of ours, or an ONNX file in int8, or one whose weights are not inside.
    """
    if path.suffix != ".onnx":
        checkpoint = load_checkpoint(path)
        return checkpoint.weights, checkpoint.facts.get("data", "")
    model = _parsed(path)
    facts = facts_of(model)
    if (precision := facts.get("precision", USABLE[0])) not in USABLE:
        raise TrainerError(
            f"model {path} is {precision}, expected {' or '.join(USABLE)}; start from the file beside it"
        )
    weights = dict(_weights(model.graph, path))
    if not weights:
        raise TrainerError(f"model {path} holds no weights that this trainer knows; start from one that it exported")
    return weights, facts.get("training_data", "")


def all_trained_weights(paths: Sequence[Path]) -> tuple[list[dict[str, Tensor]], str]:
    """Reads the weights of models of which the mean is to be taken.

    It is worth something for models of which one went on from the other, or both from a third.

    Returns:
        the weights of each, and which models they are of, with what those learnt from.

    Raises:
        TrainerError: as `trained_weights`, or the models are of different architectures or widths.
    """
    read = [trained_weights(path) for path in paths]
    first = read[0][0]
    for path, (weights, _) in zip(paths, read, strict=True):
        if {name: value.shape for name, value in weights.items()} != {name: v.shape for name, v in first.items()}:
            raise TrainerError(f"model {path} has other layers than {paths[0]}: there is no mean of their weights")
    data = dict.fromkeys(data for _, data in read)
    origin = f"{TOGETHER.join(path.name for path in paths)}{STARTED}{TOGETHER.join(data)}"
    return [weights for weights, _ in read], origin


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        return onnx.ModelProto.FromString(path.read_bytes())
    except FileNotFoundError:
        raise TrainerError(f"model {path} does not exist, expected a checkpoint or an ONNX file") from None
    except OSError as error:
        raise TrainerError(f"model {path} cannot be read: {error.strerror}") from error
    except DecodeError:
        raise TrainerError(f"model {path} is no ONNX file, or a damaged one") from None


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
