"""Where a training starts that does not start from nothing: the weights of a model that was trained before.

An exported fp32 model keeps every weight under the network's own name, so a shipped ONNX file can be trained further,
with the branches that were not exported learnt anew. Weights that are equal are stored once, under one name: a network
whose biases are still zero cannot be taken back from its file.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import GraphProto, TensorProto, numpy_helper
from torch import Tensor

from trainer.contract import KEY
from trainer.errors import TrainerError
from trainer.learning.checkpoint import load_checkpoint

STARTED = ", trained on "
"""In the fact `weights`, between the files that a training went on from and what those had learnt from."""
TOGETHER = " + "
"""Between the names of several."""
PREFIX = "network."
"""Of the weights' names in an exported graph."""


def trained_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """Reads the weights of a checkpoint or of an exported fp32 model, by the network's own names.

    Returns:
        the weights, and what they learnt from.

    Raises:
        TrainerError: no such file, not one of ours, or an ONNX file whose weights are not float32 or not inside.
    """
    if path.suffix != ".onnx":
        checkpoint = load_checkpoint(path)
        return checkpoint.weights, checkpoint.facts.get("data", "")
    model = _parsed(path)
    facts = {p.key.removeprefix(KEY): p.value for p in model.metadata_props if p.key.startswith(KEY)}
    if facts.get("precision", "fp32") != "fp32":
        raise TrainerError(f"model {path} is {facts['precision']}, expected fp32; start from the fp32 file beside it")
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
    for tensor in graph.initializer:
        if tensor.name.startswith(PREFIX):
            yield tensor.name.removeprefix(PREFIX), _tensor(tensor, path)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from _weights(attribute.g, path)


def _tensor(tensor: TensorProto, path: Path) -> Tensor:
    if tensor.data_location == TensorProto.EXTERNAL:
        raise TrainerError(f"model {path} keeps '{tensor.name}' in another file, which is not allowed")
    if tensor.data_type != TensorProto.FLOAT:
        kind = TensorProto.DataType.Name(tensor.data_type)
        raise TrainerError(f"model {path} has '{tensor.name}' as {kind}, expected FLOAT; start from an fp32 file")
    try:
        return torch.from_numpy(numpy_helper.to_array(tensor).copy())
    except ValueError:
        raise TrainerError(f"model {path} is damaged: '{tensor.name}' has not as many numbers as its shape") from None
