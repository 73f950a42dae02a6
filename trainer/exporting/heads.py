"""How tall heads are: an output more for an exported model, read out of what it sees anyway.

In each tile the features at stride 16 are averaged where people are, each cell weighing as much as it has people, and
the logarithm of the heads' height is a linear function of that mean. So it costs hardly anything, and the count stays
as it is to the bit. The engine divides pictures by it: see `evaluation.grids`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import onnx
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from trainer.contract import HEADS
from trainer.datasets import Annotated
from trainer.errors import TrainerError
from trainer.evaluation.counters import processor_session
from trainer.evaluation.grids import grid_seen, zoom
from trainer.evaluation.tiling import Division, cut
from trainer.exporting.separation import COUNTED, ancestors
from trainer.geometry import TILE, TILE_HEIGHT, TILE_WIDTH, grid_for
from trainer.tiles.augment import planned_pixels
from trainer.tiles.empty import empty_window, may_have_empty
from trainer.tiles.pasting import cut_outs, drawn_pastes
from trainer.tiles.plan import Plan

FEATURES = "network.backbone.smooth.1.weight"
"""End of the name of the weights of the layer whose features are read, at stride 16."""
OWN = "heads."
"""Before the names of all values that are added."""
POOLED, PEOPLE = f"{OWN}seen", f"{OWN}people"
PER_PICTURE = 6
"""Tiles at most that are looked at of each picture, so that large ones weigh no more than others."""
ZOOM = 2.0
"""Grids are up to so many times as coarse or as fine as that which is chosen by how fine a picture is."""
LEAST_PEOPLE = 0.5  # that are found in a tile from which something is learnt
MOST_WEIGHT = 20  # heads; a tile with more weighs no more
RIDGE = 30.0
TINY = 1e-6

Example = tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.intp]]
"""Tiles uint8 (N, 384, 512, 3), the mean logarithm of how tall heads are in each, and how many, (N,)."""


@dataclass(frozen=True, slots=True)
class Readout:
    """The logarithm of the height of heads as a linear function of features."""

    weights: NDArray[np.float32] = field(repr=False)
    """(C,)."""
    bias: float


def heads_of_tiles(annotated: Annotated, division: Division) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Returns the mean logarithm of how tall heads are in each part of a picture in its pixels, and how many they are.

    Args:
        annotated: with the sizes of heads; heads of unknown size are left out.
        division: of the picture.

    Returns:
        (rows * columns,) each, row by row; 0 where there is none.
    """
    assert annotated.sizes is not None
    height, width = annotated.picture.shape[:2]
    rows, columns = division.grid(height, width)
    known = np.isfinite(annotated.sizes)
    x, y = annotated.points[known].T
    at = np.clip(y * rows // height, 0, rows - 1) * columns + np.clip(x * columns // width, 0, columns - 1)
    tall = np.log(np.maximum(annotated.sizes[known] * zoom((height, width), (rows, columns)), 1.0))
    number = np.bincount(at.astype(np.intp), minlength=rows * columns)
    return np.bincount(at.astype(np.intp), tall, rows * columns) / np.maximum(number, 1), number


def fitted(model: ModelProto, pictures: Iterable[Annotated], seed: int = 1) -> Readout:
    """Finds how tall heads are by a model's features, on tiles of pictures with boxes around heads.

    Args:
        model: an exported one.
        pictures: that it learnt from; those without the sizes of heads are left out.
        seed: of the grids in which they are divided, coarser and finer than they are counted in.

    Raises:
        TrainerError: the model does not count by its map, or too few pictures have boxes around heads.
    """
    session = processor_session(_only(_pooling(model), [POOLED, PEOPLE]).SerializeToString())
    rng, features, tall, weights = default_rng(seed), list[NDArray[np.float32]](), list[float](), list[float]()
    boxed = [annotated for annotated in pictures if annotated.sizes is not None]
    for tiles, logarithms, number in chain(_examples(boxed, rng), _set_in(boxed, rng)):
        seen, people = session.run([POOLED, PEOPLE], {"tiles": tiles})
        told = people > LEAST_PEOPLE
        features += list(seen[told])
        tall += logarithms[told].tolist()
        weights += np.minimum(number[told], MOST_WEIGHT).tolist()
    channels = len(features[0]) if features else 0
    if len(features) <= channels:
        raise TrainerError(
            f"{len(features)} tiles show people with boxes around their heads, expected more than {channels}; "
            "give --data with boxes around heads"
        )
    return _ridge(np.stack(features).astype(np.float64), np.array(tall), np.array(weights))


def with_heads(model: ModelProto, readout: Readout) -> ModelProto:
    """Returns an exported model that says how tall heads are, from 1 to a tile's height, as output `heads`, (N,).

    Raises:
        TrainerError: the model does not count by its map.
    """
    told = _pooling(model)
    values = {"weights": readout.weights, "bias": readout.bias, "least": 0.0, "most": np.log(TILE_HEIGHT)}
    told.graph.initializer.extend(
        numpy_helper.from_array(np.array(value, np.float32), OWN + name) for name, value in values.items()
    )
    told.graph.node.extend(
        [
            _node("Mul", ["seen", "weights"], "parts"),
            _node("ReduceSum", ["parts", "channels"], "sum", keepdims=0),
            _node("Add", ["sum", "bias"], "free"),
            _node("Clip", ["free", "least", "most"], "log"),
            helper.make_node("Exp", [f"{OWN}log"], [HEADS]),
        ]
    )
    told.graph.output.append(helper.make_tensor_value_info(HEADS, TensorProto.FLOAT, ["N"]))
    onnx.checker.check_model(told, full_check=True)
    return told


def without_heads(model: ModelProto) -> ModelProto:
    """Returns a copy of an exported model that does not say how tall heads are."""
    found = ModelProto()
    found.CopyFrom(model)
    graph = found.graph
    nodes = [node for node in graph.node if node.output[0] != HEADS and not node.output[0].startswith(OWN)]
    weights = [tensor for tensor in graph.initializer if not tensor.name.startswith(OWN)]
    outputs = [value for value in graph.output if value.name != HEADS]
    del graph.node[:], graph.initializer[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend(weights)
    graph.output.extend(outputs)
    return found


def _examples(pictures: Iterable[Annotated], rng: Generator) -> Iterator[Example]:
    """Yields some tiles of each picture that show somebody, how tall heads are in them, and how many there are."""
    for annotated in pictures:
        height, width = annotated.picture.shape[:2]
        columns = max(1, round(grid_seen(annotated.picture)[1] * ZOOM ** rng.uniform(-1, 1)))
        division = Division(shape=grid_for(round(TILE_WIDTH * columns * height / width), TILE_WIDTH * columns))
        logarithms, number = heads_of_tiles(annotated, division)
        some = np.flatnonzero(number)
        chosen = rng.permutation(some)[:PER_PICTURE]
        if len(chosen):
            yield cut(annotated.picture, division)[chosen], logarithms[chosen], number[chosen]


def _set_in(pictures: Sequence[Annotated], rng: Generator) -> Iterator[Example]:
    """Yields as many tiles of people who are set into parts that show nobody, as streets are seen from high above.

    Without them heads of single walkers are said to be half as tall again as they are.
    """
    people, scenes = cut_outs(pictures), [annotated for annotated in pictures if may_have_empty(annotated)]
    for _ in range(len(pictures) if people and scenes else 0):
        scene = scenes[int(rng.integers(len(scenes)))]
        pastes = drawn_pastes(people, rng, TILE)
        tall = np.log([item.head_px * item.zoom for item in pastes if item.is_person])
        window = empty_window(scene.points, (scene.picture.shape[0], scene.picture.shape[1]), rng)
        if window and len(tall):
            tile = planned_pixels(scene.picture, Plan(window, pastes=pastes))
            yield tile[None], np.array([tall.mean()]), np.array([len(tall)])


def _ridge(features: NDArray[np.float64], tall: NDArray[np.float64], weights: NDArray[np.float64]) -> Readout:
    """Returns the linear function with the least squared error, large weights of standardised features being dear."""
    middle, spread = features.mean(0), features.std(0) + TINY
    standard = np.column_stack([(features - middle) / spread, np.ones(len(features))])
    weighed = standard * np.sqrt(weights)[:, None]
    dear = RIDGE * np.eye(standard.shape[1])
    dear[-1, -1] = 0.0
    *found, bias = np.linalg.solve(weighed.T @ standard + dear, weighed.T @ tall)
    own = np.array(found) / spread
    return Readout(own.astype(np.float32), float(bias - middle @ own))


def _pooling(model: ModelProto) -> ModelProto:
    """Returns a model without the output, but with the mean features of who is seen in each tile, (N, C)."""
    pooled = without_heads(model)
    graph = pooled.graph
    prefix, features = _features(graph.node)
    weights = [
        numpy_helper.from_array(np.array(value, kind), OWN + name)
        for name, value, kind in (
            ("places", [2, 3], np.int64),
            ("channels", [1], np.int64),
            ("map.places", [1, 2], np.int64),
            ("tiny", TINY, np.float32),
        )
    ]
    graph.initializer.extend(weights)
    graph.node.extend(
        [
            helper.make_node("Cast", [features], [f"{OWN}features"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", [prefix + COUNTED, f"{OWN}channels"], [f"{OWN}map"]),
            _node("AveragePool", ["map"], "cells", kernel_shape=[2, 2], strides=[2, 2]),
            _node("Mul", ["features", "cells"], "weighed"),
            _node("ReduceSum", ["weighed", "places"], "total", keepdims=0),
            _node("ReduceSum", ["cells", "places"], "quarter", keepdims=0),
            _node("Add", ["quarter", "tiny"], "some"),
            _node("Div", ["total", "some"], "seen"),
            helper.make_node("ReduceSum", [prefix + COUNTED, f"{OWN}map.places"], [PEOPLE], keepdims=0),
        ]
    )
    return pooled


def _features(nodes: Iterable[NodeProto]) -> tuple[str, str]:
    """Returns what stands before the names of the network that counts every tile, and the name of its features."""
    nodes = list(nodes)
    made = {name for node in nodes for name in node.output}
    for node in nodes:
        weights = node.input[1] if node.op_type == "Conv" else ""
        if weights.endswith(FEATURES) and (prefix := weights.removesuffix(FEATURES)) + COUNTED in made:
            return prefix, next(after.output[0] for after in nodes if node.output[0] in after.input)
    raise TrainerError(
        "it does not count by its map of 48x64 cells behind DeepCount's backbone, so it cannot say how tall heads are; "
        "export it with --count 1"
    )


def _only(model: ModelProto, outputs: Sequence[str]) -> ModelProto:
    """Returns what of a model makes some of its values, which become its outputs; from tiles alone."""
    graph = model.graph
    needed = set().union(*(ancestors(graph, name) for name in outputs))
    kept = [node for node in graph.node if needed & set(node.output)]
    del graph.node[:], graph.output[:]
    graph.node.extend(kept)
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    tiles = [value for value in graph.input if value.name == "tiles"]
    del graph.input[:]
    graph.input.extend(tiles)
    return model


def _node(kind: str, inputs: Iterable[str], output: str, **attributes: Any) -> NodeProto:
    """Returns a node whose values are all of those that are added."""
    return helper.make_node(kind, [OWN + name for name in inputs], [OWN + output], **attributes)
