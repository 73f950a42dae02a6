"""Weights that take less room in a file: int8 with a scale for each output channel, unpacked when a session starts.

Nothing is computed in int8 because of it: a runtime folds the unpacking away and sees the numbers it would have read.
What is lost is the rounding of the weights alone, half of 1/127 of a channel's largest. At full width DeepCount's
backbone and two branches are 80 MB in float16, and half of that so.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from trainer.contract import PACKED, SCALE

LEAST = 65_536
"""Weights of fewer numbers stay as they are: there is nothing to gain."""
LARGEST = 127
FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


def packed(model: ModelProto, least: int = LEAST) -> ModelProto:
    """Packs the weights of at least so many numbers of a graph from `separate`, in place, and returns it."""
    _pack(model.graph, least)
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "then_branch":
                _pack(attribute.g, least)
    return model


def _pack(graph: GraphProto, least: int) -> None:
    users = {name: node for node in graph.node for name in node.input}
    kept, added = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type in FLOATS and values.ndim > 1 and values.size >= least and tensor.name in users:
            numbers, scales = _rounded(values, axis=1 if users[tensor.name].op_type == "ConvTranspose" else 0)
            small, step = tensor.name + PACKED, tensor.name + SCALE
            kept += [numpy_helper.from_array(numbers, small), numpy_helper.from_array(scales, step)]
            added += list(_unpacking(tensor, small, step))
        else:
            kept.append(tensor)
    nodes = [*added, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def _rounded(values: NDArray[np.floating], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Returns whole numbers and the scale of each channel in float32, shaped to multiply with."""
    others = tuple(k for k in range(values.ndim) if k != axis)
    largest = np.abs(values).max(axis=others, keepdims=True).astype(np.float64)
    scales = np.where(largest > 0, largest / LARGEST, 1.0)
    return np.round(values / scales).astype(np.int8), scales.astype(np.float32)


def _unpacking(tensor: TensorProto, small: str, step: str) -> Iterator[NodeProto]:
    wide, exact = f"{tensor.name}.wide", f"{tensor.name}.float"
    yield helper.make_node("Cast", [small], [wide], to=TensorProto.FLOAT)
    yield helper.make_node("Mul", [wide, step], [exact])
    yield helper.make_node("Cast", [exact], [tensor.name], to=tensor.data_type)
