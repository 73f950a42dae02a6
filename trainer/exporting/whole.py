"""Counting whole people: what an exported model counts from is made whole where people stand apart.

On a camera that nobody trained on, a map still shows every walker, but as 0.4 or 0.8 of a person, and shows 0.1 of one
where nobody is. Nobody is there in part. So the peaks of the map are found, each cell's people are shared among the
peaks around it, and what falls to a peak is moved towards 0 or 1; what is more than one and a half, as where heads run
into each other, stays as it is, and so does all of a crowd that shows no peaks. It needs no training, and hardly any
time: a few convolutions of one channel.

Experiment 105 chose the figures below.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, helper, numpy_helper

from trainer.contract import FIRST, OUTPUTS, facts_of
from trainer.errors import TrainerError
from trainer.exporting.heads import OWN as HEADS_OWN
from trainer.exporting.separation import COUNTED
from trainer.geometry import TILE_HEIGHT, TILE_WIDTH
from trainer.networks.outputs import counted_of

OWN = "whole."
"""Before the names of all values that are added, behind what stands before those of the model that counts first."""
MAP = "map"
"""The map of whole people, (N, h, w)."""
CELLS = TILE_HEIGHT // 8, TILE_WIDTH // 8
"""Of a tile's map, for which the figures below were chosen."""
SMOOTH, SMOOTH_CELLS = 0.7, 2
"""Deviation, and cells to each side, of the Gaussian under which peaks are looked for."""
NEAR, NEAR_CELLS = 1.5, 4
"""Likewise of how much of a cell's people a peak at some distance gets."""
LEAST = 0.02
"""People in a smoothed cell; there is no peak with fewer, and no crowd either."""
FAR = 1e-4
"""The share of those who are at no peak, beside that of a peak in the very cell, which is 1."""
TINY = 1e-6
KNEES = ((0.15, 0.0), (0.65, 1.0), (1.15, 1.08), (1.5, 1.5))
"""People at a peak, and what they become, with straight lines between, 0 before, and no change after."""


def with_whole_people(model: ModelProto) -> ModelProto:
    """Returns an exported model that counts whole people, in its count and in its density; of two models the first.

    Raises:
        TrainerError: the model does not count by its map, or not by that alone, or its cells have not 8 pixels.
    """
    _check(model)
    found = without_whole_people(model)
    graph, counted = found.graph, _counted(found.graph)
    own = _own(counted)
    for node in graph.node:
        _redirect(node, counted, own + MAP)
    graph.initializer.extend(_weights(own))
    place = next(place for place, node in enumerate(graph.node) if counted in node.output) + 1
    after = list(graph.node[place:])
    del graph.node[place:]
    graph.node.extend([*_nodes(counted, own), *after])
    onnx.checker.check_model(found, full_check=True)
    return found


def without_whole_people(model: ModelProto) -> ModelProto:
    """Returns a copy of an exported model that counts by its map as it is; raises TrainerError if it has none."""
    found = ModelProto()
    found.CopyFrom(model)
    graph, counted = found.graph, _counted(found.graph)
    own = _own(counted)
    nodes = [node for node in graph.node if not node.output[0].startswith(own)]
    weights = [tensor for tensor in graph.initializer if not tensor.name.startswith(own)]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
    for node in graph.node:
        _redirect(node, own + MAP, counted)
    return found


def counts_whole_people(model: ModelProto) -> bool:
    """Whether an exported model does."""
    return any(node.output[0].endswith(OWN + MAP) for node in model.graph.node)


def _check(model: ModelProto) -> None:
    """Raises TrainerError where people at a peak would not be what the figures of this module are for."""
    facts = facts_of(model)
    counted = facts.get(f"{FIRST}count") or facts.get("count", "")
    if len(counted_of(counted)) > 1:
        raise TrainerError(f"its count is the mean of {counted}, expected its map alone; export it with --count 1")
    (density,) = (value for value in model.graph.output if value.name == OUTPUTS[1])
    cells = tuple(each.dim_value for each in density.type.tensor_type.shape.dim[1:])
    if cells != CELLS:
        said = "x".join(map(str, cells))
        raise TrainerError(f"its map has {said} cells, expected {CELLS[0]}x{CELLS[1]} of 8 pixels")


def _counted(graph: GraphProto) -> str:
    """Returns the name of the map from which the first of a file's models counts."""
    for node in graph.node:
        for name in node.output:
            if name == COUNTED or name.endswith(f".{COUNTED}"):
                return name
    raise TrainerError("it does not count by its map, so it cannot count whole people; export it with --count 1")


def _own(counted: str) -> str:
    """Returns what stands before the names of all values that are added."""
    return counted.removesuffix(COUNTED) + OWN


def _redirect(node: NodeProto, old: str, new: str) -> None:
    """Has what counts and what is shown read another map; what tells heads reads the one that it learnt from."""
    if node.output[0].startswith(HEADS_OWN):
        return
    node.input[:] = [new if name == old else name for name in node.input]
    for attribute in node.attribute:
        for inner in attribute.g.node:
            _redirect(inner, old, new)


def _gaussian(deviation: float, cells: int) -> NDArray[np.float64]:
    """Returns a Gaussian of (2 cells + 1, 2 cells + 1), which is 1 in its middle."""
    line = np.exp(-(np.arange(-cells, cells + 1) ** 2) / (2 * deviation**2))
    return np.outer(line, line)


def _weights(own: str) -> list[onnx.TensorProto]:
    smooth = _gaussian(SMOOTH, SMOOTH_CELLS)
    before, after = zip((0.0, 0.0), *KNEES, strict=True)
    slopes = np.append(np.diff(after) / np.diff(before), 1.0)
    values: dict[str, Any] = {
        "smooth.weights": (smooth / smooth.sum())[None, None],
        "near.weights": _gaussian(NEAR, NEAR_CELLS)[None, None],
        "knees.weights": np.ones((len(before), 1, 1, 1)),
        "knees.bias": -np.array(before),
        "slopes.weights": np.diff(slopes, prepend=0.0)[None, :, None, None],
        "least": LEAST,
        "far": FAR,
        "tiny": TINY,
    }
    axis = numpy_helper.from_array(np.array([1], np.int64), f"{own}axis")
    return [axis, *(numpy_helper.from_array(np.array(value, np.float32), own + name) for name, value in values.items())]


def _nodes(counted: str, own: str) -> list[NodeProto]:
    def node(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> NodeProto:
        return helper.make_node(kind, [own + name for name in inputs], [own + output], **attributes)

    near = {"pads": [NEAR_CELLS] * 4}
    return [
        helper.make_node("Unsqueeze", [counted, f"{own}axis"], [f"{own}cells"]),
        node("Conv", ["cells", "smooth.weights"], "smooth", pads=[SMOOTH_CELLS] * 4),
        node("MaxPool", ["smooth"], "highest", kernel_shape=[3, 3], pads=[1] * 4),
        node("Equal", ["smooth", "highest"], "is_highest"),
        node("Greater", ["smooth", "least"], "is_somebody"),
        node("And", ["is_highest", "is_somebody"], "is_peak"),
        node("Cast", ["is_peak"], "peak", to=onnx.TensorProto.FLOAT),
        node("Conv", ["peak", "near.weights"], "peaks_near", **near),
        node("Add", ["peaks_near", "far"], "shares"),
        node("Div", ["cells", "shares"], "share"),
        node("Conv", ["share", "near.weights"], "people", **near),
        node("Max", ["people", "tiny"], "at_peak"),
        node("Conv", ["at_peak", "knees.weights", "knees.bias"], "beyond"),
        node("Relu", ["beyond"], "beyond_knees"),
        node("Conv", ["beyond_knees", "slopes.weights"], "whole"),
        node("Div", ["whole", "at_peak"], "factor"),
        node("Mul", ["factor", "peak"], "factor_at_peak"),
        node("Conv", ["factor_at_peak", "near.weights"], "factors_near", **near),
        node("Cast", ["is_somebody"], "somebody", to=onnx.TensorProto.FLOAT),
        node("Mul", ["somebody", "far"], "factor_far"),
        node("Add", ["factors_near", "factor_far"], "factors"),
        node("Mul", ["share", "factors"], "cells_whole"),
        node("Squeeze", ["cells_whole", "axis"], MAP),
    ]
